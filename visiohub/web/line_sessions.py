"""Sessions in which lines are measured: what their kiosks are told, and when they are over."""

from __future__ import annotations

import base64
from collections.abc import Collection

from signaling.protocol.messages import ProbeSession
from visiohub.booking.lines.probing import ProbePlan
from visiohub.linkquality.probe_server import ProbeServer
from visiohub.linkquality.sessions import Session

BY_HAND_S = 300.0
"""Of a measurement by hand, which takes some two minutes at most; then its session is over."""


class HandSessions:
    """Of `kiosk probe`; each kiosk has one beside that in which it measures day and night."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def grant(self, server: ProbeServer, kiosk_id: str, now: float) -> Session:
        """A new one; `now` of a monotonic clock. Raises NoSessionLeft."""
        owner = f"console {kiosk_id}"
        self._until[owner] = now + BY_HAND_S
        return server.grant(owner)

    def end(self, server: ProbeServer, now: float, dismissed: Collection[str] = ()) -> None:
        """Those that are old, and those of kiosks that may measure no more."""
        gone = {f"console {kiosk_id}" for kiosk_id in dismissed}
        for owner, until in list(self._until.items()):
            if now >= until or owner in gone:
                del self._until[owner]
                server.revoke(owner)


def told(session: Session, port: int, plan: ProbePlan) -> ProbeSession:
    """The session as its kiosk hears of it (PROTOCOL.md §10.1)."""
    return ProbeSession(
        session=session.identifier,
        key=base64.urlsafe_b64encode(session.key).rstrip(b"=").decode("ascii"),
        port=port,
        up_kbit_s=plan.expected.up,
        down_kbit_s=plan.expected.down,
        burst_up_octets=plan.burst_up_octets,
        burst_down_octets=plan.burst_down_octets,
        octets_a_day_up=int(plan.octets_a_day.up),
        octets_a_day_down=int(plan.octets_a_day.down),
        spent_up=int(plan.spent.up),
        spent_down=int(plan.spent.down),
        known_since=plan.known_since,
        modem=plan.modem,
    )
