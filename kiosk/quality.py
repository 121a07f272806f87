"""What the citizen gets of the agent, from the call's figures, steady enough to be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["clear", "reduced", "frozen", "slow", "choppy", "soundless"]
"""All is well; a small picture; one that stops at times, the line being innocent for all that is
seen; one that a slow line holds up; sound that breaks, too; none at all."""
_ORDER: tuple[Verdict, ...] = ("clear", "reduced", "frozen", "slow", "choppy", "soundless")

WHOLE_PICTURE_HIGH = 300
"""Pixels; the agent's page sends 360, and a browser that lacks capacity 270 or 180."""
LOSS_SEEN = 0.03
"""Share of packets lost: from here a picture suffers."""
CONCEALED_HEARD, CONCEALED_WHOLLY = 0.05, 0.9
"""Share of the sound made up or silent for want of any: from here speech suffers; from here there
is none. Packets lost say less: most are of the picture, and sound that was mended is whole."""
FREEZES_SEEN = 4.0
"""A minute."""
RTT_FELT_MS = 900.0
WORSE_AFTER, BETTER_AFTER = 2, 5
"""Glimpses in a row before the words change: bad news soon, good news when it lasts. Sound that
is back is heard: to go on saying that there is none would be false."""


@dataclass(frozen=True)
class Glimpse:
    """Figures of a few seconds of a call, as this kiosk received it."""

    picture_high: int
    """Pixels of the last far picture; 0: there was none."""
    loss_ratio: float
    concealed_ratio: float
    freezes_per_minute: float
    rtt_ms: float | None


@dataclass(frozen=True)
class Quality:
    """What is said now, and what the last glimpses would have said instead."""

    said: Verdict | None = None
    """None before enough was seen."""
    wanted: tuple[Verdict, ...] = ()


def judge(seen: Glimpse) -> Verdict:
    """What these seconds were like."""
    late = seen.rtt_ms is not None and seen.rtt_ms >= RTT_FELT_MS
    if seen.concealed_ratio >= CONCEALED_WHOLLY:
        return "soundless"
    if seen.concealed_ratio >= CONCEALED_HEARD:
        return "choppy"
    if seen.loss_ratio >= LOSS_SEEN or late:
        return "slow"
    if seen.freezes_per_minute >= FREEZES_SEEN:
        return "frozen"
    return "reduced" if 0 < seen.picture_high < WHOLE_PICTURE_HIGH else "clear"


def after(quality: Quality, seen: Glimpse) -> Quality:
    """The quality with one glimpse more."""
    verdict = judge(seen)
    if verdict == quality.said:
        return Quality(quality.said)
    rank = _ORDER.index
    said = "clear" if quality.said is None else quality.said
    worse = rank(verdict) > rank(said)
    same_way = [v for v in quality.wanted if (rank(v) > rank(said)) == worse]
    wanted = (*same_way, verdict) if len(same_way) == len(quality.wanted) else (verdict,)
    soon = worse or quality.said in {None, "soundless"}
    if len(wanted) < (WORSE_AFTER if soon else BETTER_AFTER):
        return Quality(quality.said, wanted)
    if quality.said == "soundless":
        # a part of the first of these glimpses was silent: what comes is seen afresh
        return Quality()
    # the least change that all of them agree on
    return Quality(min(wanted, key=rank) if worse else max(wanted, key=rank))
