"""What technicians order of a line: the modem to be read, a speed to be measured. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from visiohub.linkquality.grading import Level


class Snmp(StrEnum):
    """Which version the modem speaks."""

    V2C = "2c"
    V3 = "3"


@dataclass(eq=False)
class LineModem:
    """Where a line's modem is on its venue's network, and how it is asked; `id` is the line's."""

    id: str
    host: str
    port: int
    snmp: Snmp
    user: str
    """Of v3."""
    authentication: str
    privacy: str
    sealed: str
    """Community or keys (booking/lines/sealing.py)."""
    version: int = 1
    trouble: str = ""
    """Why the last reading failed (linkquality.modem.ModemTrouble); empty: it did not."""
    trouble_at: datetime | None = None


class SpeedState(StrEnum):
    """ordered -> done, or failed."""

    ORDERED = "ordered"
    DONE = "done"
    FAILED = "failed"


@dataclass(eq=False)
class LineSpeed:
    """One measurement by NDT7. Rates in kbit/s as their receiver counted them, responsiveness in
    round trips a minute; the line is reserved up to `until`, or to its end."""

    id: str
    line_id: str
    kiosk_id: str | None
    """None: by hand, with a ticket; the program that measures has the result."""
    person_id: str | None
    ordered_at: datetime
    until: datetime
    octets_down: int
    """That it may cost, said before."""
    octets_up: int
    beyond_budget: bool
    """More than the day's octets, knowingly."""
    state: SpeedState = SpeedState.ORDERED
    failure: str = ""
    """`away`: the kiosk was not reached; `silent`: it never answered; else as it said itself."""
    ended_at: datetime | None = None
    down_kbit_s: float | None = None
    up_kbit_s: float | None = None
    moved_down: int = 0
    """Octets of payload."""
    moved_up: int = 0
    down_rpm: int | None = None
    up_rpm: int | None = None


@dataclass(eq=False)
class LineAlertMail:
    """That technicians were told of an alert; `id` is the alert's."""

    id: str
    opening_told: bool
    """False: it was over, or went on from another one, before anybody had to be told."""
    level: Level
    """The worst that was told: what comes back to it is no news."""
    over: bool = False
    """Nothing is left to be told of it."""
