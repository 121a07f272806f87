"""Packet trains that show a line's capacity: how many packets, how large, when. Pure.

A train has two parts. Its front leaves at once: it drains the tokens of a shaper, of which 32 kB is
the most that is looked for, and fills the buffer in front of the line. Its tail is paced at four
times the expected rate, so that the line stays busy to the end though a small buffer dropped most
of the front (a modem on 128 kbit/s may hold three packets). The slope over what arrives after the
tokens is the line's rate: visiohub/linkquality/capacity.py.

Where tokens may last longer than a train does, a long one has a lead: packets that only drain the
bucket (visiohub/linkquality/bursts.py).

Sizes: Dovrolis, Ramanathan, Moore, INFOCOM 2001 (trains show the capacity only while they are
faster than the line); Goga, Teixeira, PAM 2012 (home gateways count packets: use large ones).
"""

from __future__ import annotations

from dataclasses import dataclass

PACKET_OCTETS = 1228
"""IP octets of a train's packet."""
MOST_OCTETS = 75_000
"""IP octets of the longest train, with what asks for its arrivals in the same direction."""
WORST_BURST_OCTETS = 32_768
"""Tokens that a shaper is expected to hold at most."""
CALL_DELAY_S = 0.040
"""How long a train may hold the line up while a call is on it."""
CALL_INTERVAL_S = 30.0
"""Trains on a line with a call keep this distance."""
CALL_PACKETS = 4
"""Fewer show nothing, so a line too slow for these in CALL_DELAY_S gets none."""

_PACE = 4.0
_SPARE_PACKETS = 7
_TAIL = 32
"""Of which a quarter arrives where the buffer holds three packets."""
_SLOW_KBIT_S = 3_000
"""Faster lines get the longest train: 2 % (95 %) though arrivals are off by 1 ms."""
TALK_OCTETS = 1_320
"""In each direction, beside the train: asking for the arrivals of so many packets, twice
(visiohub/linkquality/train_talk.py)."""
MOST_PACKETS = (MOST_OCTETS - TALK_OCTETS) // PACKET_OCTETS
LEAD_PACKETS = 570
"""700 kB, of which 580 pass: at the rate of a link that is 1.1 times as fast as the shaper behind
it, 32 kB of tokens last for 360."""
LONGEST_OCTETS = (LEAD_PACKETS + MOST_PACKETS) * PACKET_OCTETS
_LONG_PACE = 1.2
"""Little more than the line takes: a third of what is sent faster would be dropped."""
_PAUSE_STEPS = 13
"""Behind the lead, which has filled the buffer: it holds as many packets as the rest of the train
adds to it, so that none of them is dropped, nor is the line idle."""
_LONGEST_STEP_S = 0.1


@dataclass(frozen=True)
class Train:
    """When each packet leaves, in seconds from the first one; all have the same size."""

    offsets_s: tuple[float, ...]
    octets: int = PACKET_OCTETS
    in_call: bool = False

    @property
    def lead(self) -> int:
        """Packets in front that only drain tokens; the slope is that of those behind them."""
        return max(0, len(self.offsets_s) - MOST_PACKETS)

    @property
    def step_s(self) -> float:
        """Between the packets of the tail; 0 without one."""
        last = self.offsets_s[-2:]
        return last[-1] - last[0]

    @property
    def talk_octets(self) -> int:
        """IP octets each way that ask for it and for its arrivals."""
        return TALK_OCTETS * -(-len(self.offsets_s) // MOST_PACKETS)

    @property
    def cost_octets(self) -> int:
        """IP octets that it puts on the line."""
        return len(self.offsets_s) * self.octets


def idle_train(expected_kbit_s: float, burst_octets: int | None = None) -> Train:
    """For a line that nobody uses, at about this rate of IP in this direction.

    `burst_octets` is what earlier trains saw a shaper let through at once; None: not known yet,
    so that the train must outlast the worst. ValueError where the rate is not above zero.
    """
    if expected_kbit_s <= 0:
        raise ValueError("expected_kbit_s: must be above 0")
    if burst_octets is not None and burst_octets > WORST_BURST_OCTETS:
        return long_train(expected_kbit_s)
    if burst_octets is None or expected_kbit_s > _SLOW_KBIT_S:
        front = _burst(WORST_BURST_OCTETS)
        tail = MOST_PACKETS - front
    else:
        front = _burst(burst_octets)
        tail = min(_TAIL, MOST_PACKETS - front)
    step_s = PACKET_OCTETS * 8 / (_PACE * expected_kbit_s * 1000)
    return Train(spaced(front, tail, step_s))


def long_train(expected_kbit_s: float) -> Train:
    """For an idle line of which a train showed about this rate, be it the line's or that of a
    faster link before it, whose tokens this one outlasts."""
    step_s = min(_LONGEST_STEP_S, PACKET_OCTETS * 8 / (_LONG_PACE * expected_kbit_s * 1000))
    tail = LEAD_PACKETS + MOST_PACKETS - _SPARE_PACKETS
    return Train(spaced(_SPARE_PACKETS, tail, step_s))


def spaced(front: int, tail: int, step_s: float) -> tuple[float, ...]:
    """When `front` packets leave at once and `tail` after them: a long train pauses once."""
    lead = front + tail - MOST_PACKETS
    begun = (0.0,) * front + tuple(step_s * (1 + place) for place in range(tail))
    if lead <= 0:
        return begun
    return begun[:lead] + tuple(at + _PAUSE_STEPS * step_s for at in begun[lead:])


def call_train(expected_kbit_s: float, most_packets: int = MOST_PACKETS) -> Train | None:
    """For a line with a call on it: as many packets as pass in 40 ms, None for too few.

    They leave at once, so that few of others come between them. `most_packets` is what the buffer
    in front of the line is known to take.
    """
    fit = int(CALL_DELAY_S * expected_kbit_s * 1000 / (PACKET_OCTETS * 8))
    if fit < CALL_PACKETS:
        return None
    return Train((0.0,) * min(fit, most_packets), in_call=True)


def _burst(octets: int) -> int:
    """Packets that drain so many tokens, and some more to be compared with the tail."""
    return -(-octets // PACKET_OCTETS) + _SPARE_PACKETS
