"""The hub's end of trains: whose orders are carried out, and what came of the kiosks' own. Pure.

It sends no packet to an address that has not answered, no train twice, never more trains than a
session may have, and holds the arrivals of one train a session.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from visiohub.linkquality import frame, train_talk
from visiohub.linkquality.frame import NotOfTrain
from visiohub.linkquality.train import LEAD_PACKETS, MOST_OCTETS, MOST_PACKETS
from visiohub.linkquality.train_talk import Kind, Order
from visiohub.linkquality.window import ReplayWindow

_TRAINS_S = 1 / 30
"""Sustained: one train each 30 s, as a call allows. A long one counts as those of its octets."""
_AT_ONCE = 12.0
"""What a technician, or two checks before an appointment, want in a row."""
_MOST_ARRIVALS = LEAD_PACKETS + MOST_PACKETS


@dataclass(frozen=True)
class Reply:
    """Octets to send back."""

    octets: bytes


@dataclass(frozen=True)
class Send:
    """A train to send to where the order came from, with this key."""

    order: Order
    key: bytes


@dataclass(frozen=True)
class Stop:
    """No more of this train."""

    train: int


@dataclass
class _Desk:
    orders: ReplayWindow = field(default_factory=ReplayWindow)
    tokens: float = _AT_ONCE
    filled_at: float = 0.0
    train: int = -1
    arrivals: dict[int, int] = field(default_factory=dict)


class TrainDesk:
    """Serves the sessions of `keys`, which is looked at with each packet."""

    def __init__(self, keys: Mapping[int, bytes | None], secret: bytes) -> None:
        self._keys = keys
        self._secret = secret
        self._desks: dict[int, _Desk] = {}
        self._left: dict[str, tuple[float, float]] = {}
        """Of probers without a session."""

    def take(
        self, payload: bytes, address: str, now: float, at_ns: int, *, busy: bool = False
    ) -> Reply | Send | Stop | None:
        """What a packet calls for; `now` is monotonic, `at_ns` when it came; `busy`: no train can
        be sent at present.

        Raises NotOfTrain where silence is the answer.
        """
        session = train_talk.session_of(payload)
        key = self._keys.get(session)
        if key is None:
            self._desks.pop(session, None)
            raise NotOfTrain(f"no session {session}")
        desk = self._desks.setdefault(session, _Desk(filled_at=now))
        match train_talk.kind_of(payload):
            case Kind.ASK:
                order = train_talk.unpack_order(payload, key)
                return self._ordered(desk, order, address, now, key, busy=busy)
            case Kind.ARRIVALS_WANTED:
                train, page, most = train_talk.unpack_wanted(payload, key)
                known = list(desk.arrivals.items()) if train == desk.train else []
                begin = page * train_talk.PAGE
                told = known[begin : begin + min(most, train_talk.PAGE)]
                return Reply(train_talk.pack_arrivals(train, told, key, page))
            case Kind.STOP:
                return Stop(train_talk.unpack_stop(payload, key))
            case None:
                car = frame.unpack(payload, key)
                self._came(desk, car, at_ns)
                return None
        raise NotOfTrain("an answer, sent to who answers")

    def end(self, session: int, owner: str) -> None:
        """The prober's session is over."""
        desk = self._desks.pop(session, None)
        if desk is not None:
            self._left[owner] = (desk.tokens, desk.filled_at)

    def begin(self, session: int, owner: str) -> None:
        """The prober has a new one, with what trains the one before had left: whoever asks for
        sessions, or comes and goes, again and again gets no more of them."""
        if owner in self._left:
            tokens, filled_at = self._left.pop(owner)
            self._desks[session] = _Desk(tokens=tokens, filled_at=filled_at)

    def _ordered(
        self, desk: _Desk, order: Order, address: str, now: float, key: bytes, *, busy: bool
    ) -> Reply | Send:
        cost = max(1.0, order.plan.cost_octets / MOST_OCTETS)
        told = f"{address}\n{order.train}".encode() + key
        cookie = hmac.digest(self._secret, told, hashlib.sha256)[:16]
        if not hmac.compare_digest(cookie, order.cookie):
            if order.cookie != train_talk.NO_COOKIE:
                raise NotOfTrain("a cookie of another address or time")
            challenge = Order(
                order.train, order.front, order.tail, order.step_ns, order.octets, order.in_call,
                cookie,
            )  # fmt: skip
            return Reply(train_talk.pack_order(Kind.CHALLENGE, challenge, key))
        own = order.train & 0xFFFF
        if desk.orders.seen(own):
            raise NotOfTrain("this train was sent")
        if busy:  # nothing is spent: the same order may come again
            raise NotOfTrain("others' trains are being sent")
        desk.tokens = min(_AT_ONCE, desk.tokens + max(0.0, now - desk.filled_at) * _TRAINS_S)
        desk.filled_at = now
        if desk.tokens < cost:
            raise NotOfTrain("the session's trains for now are used up")
        desk.tokens -= cost
        desk.orders.add(own)
        return Send(order, key)

    def _came(self, desk: _Desk, car: frame.Car, at_ns: int) -> None:
        if car.train != desk.train:
            if (car.train - desk.train) & 0xFFFF > 0x7FFF and desk.train >= 0:
                raise NotOfTrain("of a train before the last")
            desk.train, desk.arrivals = car.train, {}
        if len(desk.arrivals) < _MOST_ARRIVALS:
            desk.arrivals.setdefault(car.place, at_ns)
