"""One word for the state of a kiosk, the worst first."""

from __future__ import annotations

from visiohub.booking.views import KioskState
from visiohub.domain.record import WORKS
from visiohub.web.words import KIOSK, Word

TROUBLES = ("away", "trouble")


def kiosk_state(state: KioskState) -> str:
    """Key of words.KIOSK for this kiosk."""
    kiosk = state.kiosk
    if kiosk.public_key is None:
        return "revoked" if kiosk.revoked_at else "new"
    if not kiosk.here:
        return "away"
    if any(device["status"] not in WORKS for device in kiosk.devices):
        return "trouble"
    return "in_call" if state.in_call else "ready"


def kiosk_word(state: KioskState) -> Word:
    """Word and shape of a kiosk's state."""
    return KIOSK[kiosk_state(state)]


def worst_first(states: list[KioskState]) -> list[KioskState]:
    """Those that need somebody come first, then those that serve, by town."""
    order = {"away": 0, "trouble": 1, "in_call": 2, "ready": 2, "new": 3, "revoked": 4}
    return sorted(states, key=lambda s: (order[kiosk_state(s)], s.place.town, s.kiosk.name))
