"""What administrators make and edit: one description a kind, for one set of pages."""

from __future__ import annotations

from collections.abc import Mapping

from visiohub.web.pages.kinds.description import Input, Kind
from visiohub.web.pages.kinds.partners import PARTNERS, SERVICES
from visiohub.web.pages.kinds.people import PEOPLE
from visiohub.web.pages.kinds.places import KIOSKS, LINES, ROOMS, VENUES

__all__ = ["KINDS", "Input", "Kind"]

KINDS: Mapping[str, Kind] = {
    kind.path: kind for kind in (VENUES, ROOMS, KIOSKS, LINES, PARTNERS, SERVICES, PEOPLE)
}
