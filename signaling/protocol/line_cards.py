"""What a kiosk found out about its venue's line, result by result (PROTOCOL.md §10.3).

`up` is from the venue to the hub. Delays are in milliseconds, rates in kbit/s, SNR margins and
attenuations in dB. None: not known, which is never the same as zero. `at` is when the result's
time begins, by the hub's clock; with `kind`, and `way` where there is one, it names the result.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from signaling.protocol.cards import Card, Identifier

Way = Literal["up", "down"]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Milliseconds = Annotated[float, Field(ge=0, le=1e6)]
KbitS = Annotated[float, Field(ge=0, le=1e7)]
Bucket = Annotated[int, Field(ge=0, le=255)]
AtLeastOne = Annotated[int, Field(ge=1, le=2**31 - 1)]
Decibel = Annotated[float, Field(ge=-200, le=200)]


class SpreadCard(Card):
    """Percentiles."""

    p5: Milliseconds
    p50: Milliseconds
    p95: Milliseconds
    p99: Milliseconds


class MinuteCard(Card):
    """A minute of the heartbeat."""

    kind: Literal["minute"] = "minute"
    at: AwareDatetime
    in_call: bool = False
    """A call, or a `measure_speed`, was on during some of it."""
    out: bool = False
    """No answer came for so long that the line counts as out."""
    sent: Count
    lost: Count
    lost_up: Count = 0
    """Surely there; what is neither up nor down is not known."""
    lost_down: Count = 0
    loss_runs: Count = 0
    """Rows of lost probes."""
    longest_run: Count = 0
    two_way: SpreadCard | None = None
    two_way_counts: Annotated[tuple[tuple[Bucket, AtLeastOne], ...], Field(max_length=256)] = ()
    """Of the same delays, each bucket and how many: bucket 0 ends at 0.5 ms times 2^(1/15), each
    other one reaches 2^(1/15) times as far as the one before."""
    up: SpreadCard | None = None
    """Variation of the delay."""
    down: SpreadCard | None = None
    octets_up: Count = 0
    """Of IP, all probes of this minute, and results sent in it."""
    octets_down: Count = 0


class TrainCard(Card):
    """One packet train."""

    kind: Literal["train"] = "train"
    at: AwareDatetime
    way: Way
    kbit_s: Annotated[float, Field(gt=0, le=1e7)] | None
    """Of IP in packets of `octets`; null: nothing could be said, `doubt` says why."""
    doubt: Literal["too_short", "burst", "sender", "unsteady"] | None
    error: Annotated[float, Field(ge=0, le=1e6)] | None = None
    """Bound of the relative error (95 %)."""
    burst_octets: Count = 0
    packets: Annotated[int, Field(ge=1, le=1000)]
    octets: Annotated[int, Field(ge=1, le=1500)]
    arrived: Count
    overflowed: Count = 0
    in_call: bool = False


class VoiceCard(Card):
    """Ten seconds like a voice, and how a voice would sound (estimates, ITU-T G.107)."""

    kind: Literal["voice"] = "voice"
    at: AwareDatetime
    check_id: Identifier | None = None
    """Of the `check_line` that asked for it."""
    sent: Count
    lost: Count
    two_way_ms: Milliseconds | None = None
    """Median."""
    r_up: Annotated[float, Field(ge=0, le=100)] | None = None
    """On narrowband's scale."""
    r_down: Annotated[float, Field(ge=0, le=100)] | None = None
    mos_up: Annotated[float, Field(ge=1, le=5)] | None = None
    mos_down: Annotated[float, Field(ge=1, le=5)] | None = None


class ModemWay(Card):
    """One direction of the modem."""

    sync_kbit_s: KbitS | None = None
    attainable_kbit_s: KbitS | None = None
    snr_db: Decibel | None = None
    """Margin."""
    attenuation_db: Decibel | None = None
    errored_s: Count | None = None
    """Since the reading before."""
    severely_errored_s: Count | None = None
    others_kbit_s: KbitS | None = None
    """What the modem carried since the reading before, less the kiosk's own."""


class ModemCard(Card):
    """A reading of the modem (SNMP)."""

    kind: Literal["modem"] = "modem"
    at: AwareDatetime
    standard: Literal["adsl", "adsl2", "shdsl", "vdsl2"]
    up: ModemWay = ModemWay()
    down: ModemWay = ModemWay()
    retrains: Count | None = None
    """Since the reading before."""
    uptime_s: Annotated[float, Field(ge=0, le=1e10)] | None = None
    """Of the line."""


class ModemTroubleCard(Card):
    """The modem could not be read: said once, and again each hour that it lasts."""

    kind: Literal["modem_trouble"] = "modem_trouble"
    at: AwareDatetime
    trouble: Literal["no_answer", "refused", "no_line_tables", "nonsense"]


class SpeedWay(Card):
    """One direction by NDT7, as its receiver counted it (rates of payload)."""

    kbit_s: KbitS
    octets: Annotated[int, Field(ge=0, le=2**40)]
    """Of payload."""
    rpm: Count | None = None
    """Responsiveness under this load, in round trips a minute."""


class SpeedCard(Card):
    """What became of a `measure_speed`, whole or as far as it came."""

    kind: Literal["speed"] = "speed"
    at: AwareDatetime
    run_id: Identifier
    down: SpeedWay | None = None
    up: SpeedWay | None = None
    failure: Literal["call", "budget", "refused", "unreachable", "cut"] | None = None
    """Why it is not whole."""


Result = MinuteCard | TrainCard | VoiceCard | ModemCard | ModemTroubleCard | SpeedCard


class BudgetCard(Card):
    """What a call may use of the venue's line, headers not included (§10.4)."""

    picture: Literal["none", "small", "standard", "large"]
    """The best that fits from the venue; `none`: sound only from there, a picture may go there."""
    audio_kbit_s: KbitS
    """Each way."""
    video_up_kbit_s: KbitS
    video_down_kbit_s: KbitS
