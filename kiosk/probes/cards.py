"""What probes say, as results for the hub. Pure."""

from __future__ import annotations

import math
from datetime import datetime

from signaling.protocol.line_cards import MinuteCard, SpreadCard, TrainCard, VoiceCard, Way
from visiohub.linkquality.delays import DelaySummary, Spread
from visiohub.linkquality.emodel import Rating
from visiohub.linkquality.train import Train
from visiohub.linkquality.verdict import Verdict
from visiohub.linkquality.voice import heard

_MOST_MS = 1e6
_SEGMENT_OCTETS = 1_400
_HEADERS_OCTETS = 52
"""Of IPv4 and TCP with time stamps (RFC 9293, RFC 7323)."""
_WRAPPED_OCTETS = 8 + 22
"""A frame of WebSocket (RFC 6455 §5.2) in a record of TLS 1.3 (RFC 8446 §5.2)."""
_ANSWER_OCTETS = 80
"""`results_kept` as JSON."""


def telling_octets(message: str) -> dict[Way, int]:
    """Of IP, that this message to the hub and its answer put on the line, as far as nothing is sent
    twice: each end acknowledges every second segment."""
    up, down = len(message.encode()) + _WRAPPED_OCTETS, _ANSWER_OCTETS + _WRAPPED_OCTETS
    segments = math.ceil(up / _SEGMENT_OCTETS)
    return {
        "up": up + (segments + 1) * _HEADERS_OCTETS,
        "down": down + (math.ceil(segments / 2) + 1) * _HEADERS_OCTETS,
    }


def minute_card(
    at: datetime, summary: DelaySummary, octets: tuple[int, int], *, in_call: bool, out: bool
) -> MinuteCard:
    """A minute of the heartbeat; `octets` went up and came down."""
    return MinuteCard(
        at=at,
        in_call=in_call,
        out=out,
        sent=summary.sent,
        lost=summary.lost,
        lost_up=summary.lost_forward,
        lost_down=summary.lost_backward,
        loss_runs=len(summary.loss_runs),
        longest_run=max(summary.loss_runs, default=0),
        two_way=_spread(summary.two_way_ms),
        two_way_counts=tuple(sorted(summary.two_way_counts.items())),
        up=_spread(summary.forward_variation_ms),
        down=_spread(summary.backward_variation_ms),
        octets_up=octets[0],
        octets_down=octets[1],
    )


def train_card(at: datetime, way: Way, train: Train, verdict: Verdict) -> TrainCard:
    """A train's verdict."""
    return TrainCard(
        at=at,
        way=way,
        kbit_s=None if verdict.kbit_s is None else round(verdict.kbit_s, 1),
        doubt=verdict.doubt.value if verdict.doubt else None,
        error=None if verdict.error is None else round(verdict.error, 5),
        burst_octets=verdict.burst_octets,
        packets=len(train.offsets_s),
        octets=train.octets,
        arrived=verdict.arrived,
        overflowed=max(0, verdict.overflowed),
        in_call=train.in_call,
    )


def voice_card(at: datetime, summary: DelaySummary, check_id: str | None) -> VoiceCard:
    """How a voice would sound; of a summary without probes: it could not be tried."""
    told = heard(summary) if summary.sent else None
    up, down = (told.forward, told.backward) if told else (None, None)
    return VoiceCard(
        at=at,
        check_id=check_id,
        sent=summary.sent,
        lost=summary.lost,
        two_way_ms=round(summary.two_way_ms.p50, 2) if summary.two_way_ms else None,
        r_up=_r(up),
        r_down=_r(down),
        mos_up=round(up.mos, 2) if up else None,
        mos_down=round(down.mos, 2) if down else None,
    )


def _r(rating: Rating | None) -> float | None:
    return None if rating is None else round(min(100.0, rating.r_narrow), 1)


def _spread(spread: Spread | None) -> SpreadCard | None:
    if spread is None:
        return None
    ranks = (spread.p5, spread.p50, spread.p95, spread.p99)
    p5, p50, p95, p99 = (round(min(_MOST_MS, max(0.0, rank)), 2) for rank in ranks)
    return SpreadCard(p5=p5, p50=p50, p95=p95, p99=p99)
