"""What is kept of a line beside its contract's rates: terms, state, figures, alerts, notes. Pure.

`up` is from the venue. Rates are in kbit/s, delays in milliseconds; None is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from visiohub.domain.model import LineKind
from visiohub.linkquality.budget import Both, Picture
from visiohub.linkquality.cells import Encapsulation, Framing
from visiohub.linkquality.grading import Grade, Level


class Way(StrEnum):
    """A direction of a line, seen from the venue."""

    UP = "up"
    DOWN = "down"


class Wrapping(StrEnum):
    """How a line wraps packets of IP, as people choose it."""

    PPPOA_VC = "pppoa_vc"
    PPPOE_LLC = "pppoe_llc"
    ETHERNET = "ethernet"
    NONE = "none"

    @property
    def framing(self) -> Framing:
        """With its octets."""
        return Encapsulation[self.name].value


@dataclass(eq=False)
class LineTerms:
    """What was agreed and decided on a line; `id` is the line's. Rates are on the wire."""

    id: str
    wrapping: Wrapping
    guaranteed_up_kbit_s: int | None = None
    guaranteed_down_kbit_s: int | None = None
    restoration_hours: int | None = None
    """Within which the operator mends it."""
    reserved_up_kbit_s: int = 0
    """For telephone and room, never given to calls."""
    reserved_down_kbit_s: int = 0
    probe_octets_a_day: int | None = None
    """None: by the line's rate (linkquality.ledger)."""
    version: int = 1

    @classmethod
    def usual(cls, line_id: str, kind: LineKind) -> LineTerms:
        """Where nothing was written down: an ADSL line is taken to have the dearest cells."""
        adsl = kind is LineKind.ADSL
        return cls(line_id, Wrapping.PPPOE_LLC if adsl else Wrapping.ETHERNET)

    @property
    def reserved(self) -> Both:
        """Both directions."""
        return Both(down=self.reserved_down_kbit_s, up=self.reserved_up_kbit_s)


@dataclass(eq=False)
class LineState:
    """What is known of a line now; `id` is the line's."""

    id: str
    number: int
    """Names the line in its series of figures."""
    grade: Grade = Grade.NO_DATA
    grades: dict[str, str] = field(default_factory=dict)
    """Each rule's."""
    heard_at: datetime | None = None
    """The newest minute with an answer."""
    out_since: datetime | None = None
    burst_up_octets: int | None = None
    """What a shaper lets through at once, as trains saw it; None: not known yet."""
    burst_down_octets: int | None = None
    prober: str | None = None
    """The kiosk that measures it, or did until it fell silent."""
    known_since: datetime | None = None
    """When it became another line: of another rate, kind or operator."""

    def known_from(self, start: datetime) -> datetime:
        """From when on figures since `start` are this line's."""
        return max(start, self.known_since) if self.known_since else start


@dataclass(eq=False)
class LineHabits:
    """What the line's grader knows (LineGrader.state()); `id` is the line's.

    Apart from its state: it is long, and read by the grader alone.
    """

    id: str
    graded_until: datetime
    habits: dict[str, Any]
    watches: dict[str, Any]


@dataclass(eq=False)
class LineAlert:
    """A limit that is passed, or was; `cleared_at` None: still."""

    id: str
    line_id: str
    rule: str
    """Of linkquality.grading; `outage`; `check`, `check_rate` and `kiosk_away` before a visio."""
    level: Level
    value: float
    """That changed the level last."""
    raised_at: datetime
    changed_at: datetime
    cleared_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    not_operators: str | None = None
    """Why an outage is none of the operator's."""
    kiosk_id: str | None = None
    """Whose alert it is; None: the line's."""
    kiosk_name: str | None = None
    """As it was called when it was raised."""


@dataclass(eq=False)
class LineMaintenance:
    """A time in which nothing of the line is graded and nothing raises an alert."""

    id: str
    line_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_by: str | None


@dataclass(eq=False)
class LineNote:
    """What a technician wrote beside the plots."""

    id: str
    line_id: str
    at: datetime
    person_id: str | None
    text: str


@dataclass(eq=False)
class LineCheck:
    """A look at the line before an appointment or a booking's visio; `answered_at` None: no answer
    came yet. Answered without figures: none came in time, or the kiosk could not look."""

    id: str
    line_id: str
    kiosk_id: str
    minutes_before: int
    asked_at: datetime
    appointment_id: str | None = None
    booking_id: str | None = None
    """One of the two; neither: the visio was moved since."""
    answered_at: datetime | None = None
    level: Level | None = None
    """How bad the line was for this visio; None: the look did not take place, or goes on."""
    r_up: float | None = None
    r_down: float | None = None
    loss_ratio: float | None = None


@dataclass(eq=False)
class LineTest:
    """A look at the line that a technician ordered for `due_at`; `asked_at` None: not begun.
    Answered without figures: no kiosk could make it, or no answer came in time."""

    id: str
    line_id: str
    due_at: datetime
    created_by: str | None
    asked_at: datetime | None = None
    kiosk_id: str | None = None
    answered_at: datetime | None = None
    r_up: float | None = None
    r_down: float | None = None
    loss_ratio: float | None = None


@dataclass(eq=False)
class PictureChoice:
    """The picture that an appointment or a booking makes do with; `id` is its own."""

    id: str
    picture: Picture


@dataclass(frozen=True)
class Figures:
    """Probes of a stretch of time: a minute, a quarter of an hour, a day.

    Of several minutes, two-way delays are what their counts say. Else, without counts and of the
    directions, p5 is the least, p50 and p95 the means by probes, p99 the greatest.
    """

    at: datetime
    minutes: int = 1
    """Of these there are figures."""
    in_call: int = 0
    """Minutes with a call."""
    out: int = 0
    """Minutes without the line."""
    sent: int = 0
    lost: int = 0
    lost_up: int = 0
    lost_down: int = 0
    loss_runs: int = 0
    longest_run: int = 0
    octets_up: int = 0
    octets_down: int = 0
    rtt_p5: float | None = None
    rtt_p50: float | None = None
    rtt_p95: float | None = None
    rtt_p99: float | None = None
    up_p5: float | None = None
    up_p50: float | None = None
    up_p95: float | None = None
    up_p99: float | None = None
    down_p5: float | None = None
    down_p50: float | None = None
    down_p95: float | None = None
    down_p99: float | None = None
    rtt_p25: float | None = None
    rtt_p75: float | None = None
    rtt_counts: bytes | None = None
    """Packed (linkquality.histogram)."""


@dataclass(frozen=True)
class TrainResult:
    """One packet train; rates are of IP in packets of `octets`."""

    at: datetime
    way: Way
    kbit_s: float | None
    doubt: str | None
    error: float | None
    burst_octets: int
    packets: int
    octets: int
    arrived: int
    overflowed: int
    in_call: bool


@dataclass(frozen=True)
class ModemFigures:
    """A reading of the modem, dB and kbit/s; seconds and retrains are since the one before."""

    at: datetime
    standard: str
    up_sync_kbit_s: float | None = None
    up_attainable_kbit_s: float | None = None
    up_snr_db: float | None = None
    up_attenuation_db: float | None = None
    up_errored_s: int | None = None
    up_severely_errored_s: int | None = None
    up_others_kbit_s: float | None = None
    down_sync_kbit_s: float | None = None
    down_attainable_kbit_s: float | None = None
    down_snr_db: float | None = None
    down_attenuation_db: float | None = None
    down_errored_s: int | None = None
    down_severely_errored_s: int | None = None
    down_others_kbit_s: float | None = None
    retrains: int | None = None
    uptime_s: float | None = None


@dataclass(frozen=True)
class DayOfTrains:
    """A day's conclusive trains of one direction on the idle line, rates of IP."""

    at: datetime
    way: Way
    trains: int
    least_kbit_s: float
    mean_kbit_s: float
    greatest_kbit_s: float


@dataclass(frozen=True)
class DayOfModem:
    """A day's readings: means of the rates, the least margins, the greatest attenuations, sums of
    the rest."""

    at: datetime
    up_sync_kbit_s: float | None
    up_attainable_kbit_s: float | None
    up_snr_db: float | None
    up_attenuation_db: float | None
    up_errored_s: int | None
    up_severely_errored_s: int | None
    down_sync_kbit_s: float | None
    down_attainable_kbit_s: float | None
    down_snr_db: float | None
    down_attenuation_db: float | None
    down_errored_s: int | None
    down_severely_errored_s: int | None
    retrains: int | None


@dataclass(frozen=True)
class CallMinute:
    """One end's figures of a minute of a call; rates in kbit/s."""

    call_id: str
    end: str
    """`kiosk` or `agent`."""
    at: datetime
    reports: int
    sent_kbit_s: float
    received_kbit_s: float
    loss_ratio: float
    rtt_ms: float | None
    freezes_per_minute: float


@dataclass(frozen=True)
class CallLoss:
    """What a call that is over lost, as its ends counted what came to them, from 0 to 1; None: that
    end told too little."""

    kiosk_id: str
    begin: datetime
    """Of its first minute with a report."""
    end: datetime
    """Of its last one."""
    ended_at: datetime
    down: float | None
    """To the venue: the kiosk's."""
    up: float | None
    """From the venue: the agent's."""
