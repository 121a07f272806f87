"""The venue's name and telephone number, kept for a start while the hub is away.

Besides it, the key and the line's figures are on disk; nothing of citizens is ever in them.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from pydantic import ValidationError

from signaling.protocol.cards import VenueCard

log = structlog.get_logger(__name__)

FILE_NAME = "venue.json"


def recall(state_dir: Path) -> VenueCard | None:
    """The venue as the hub last told it, None when it never did."""
    try:
        return VenueCard.model_validate_json((state_dir / FILE_NAME).read_bytes())
    except (OSError, ValidationError):
        return None


def remember(state_dir: Path, venue: VenueCard) -> None:
    """Write it, whole or not at all; a full disk costs the screen a name, not the kiosk's life."""
    fresh = state_dir / (FILE_NAME + ".new")
    try:
        fresh.write_text(venue.model_dump_json(), encoding="utf-8")
        fresh.replace(state_dir / FILE_NAME)
    except OSError as error:
        log.warning("venue not kept", error=error.strerror)
