"""What DTLS says is said again when the line loses it, long before DTLS itself would."""

from __future__ import annotations

import asyncio
import re

import pytest
from OpenSSL import SSL
from scripted_line import ScriptedLine
from two_ends import Call

from kiosk.rtc import Failed
from kiosk.rtc.flight import FIRST_S, Flight, is_dtls
from kiosk.rtc.generation import Generation

CHANGE_CIPHER_SPEC = 20
"""The type of the record in front of a Finished (RFC 5246 §6.2.1)."""
HELLO, MORE, FINISHED = b"\x16hello", b"\x16more", b"\x14finished"
MEDIA, STUN = b"\x80rtp", b"\x00\x01stun"


class _LosesHandshake(ScriptedLine):
    """The first datagram of DTLS each way, and each whose turn it is after that, once."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[bytes] = []

    def _later(self, end: object, data: bytes, to: tuple[str, int] | None) -> None:
        if is_dtls(data) and data not in self.lost:
            self.lost.append(data)
            return
        super()._later(end, data, to)  # type: ignore[arg-type]


class _KeepsFinished(ScriptedLine):
    """What the offering end, DTLS' server, says last never arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = 0

    def _from_a(self, data: bytes, addr: tuple[str, int]) -> None:
        if data[0] == CHANGE_CIPHER_SPEC:
            self.kept += 1
            return
        super()._from_a(data, addr)


async def test_media_begins_with_the_kiosks_finished_and_not_a_round_trip_later() -> None:
    call, line = Call(), _KeepsFinished()
    await call.connect(1, line)
    await call.far.until(lambda: len(call.far.numbers) > 3)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) > 3)
    await call.close()
    assert line.kept


async def test_who_has_not_the_certificate_of_the_offer_gets_no_media() -> None:
    call = Call()
    end = Generation(1, call.far_devices, show=call.far.show, on_event=call.far.told)
    call.ends.append(end)
    offer = await end.offer()
    other = Generation(2, call.far_devices, show=call.far.show, on_event=call.far.told)
    call.ends.append(other)
    fingerprints = re.findall(r"a=fingerprint:.*", await other.offer())
    for ours, theirs in zip(re.findall(r"a=fingerprint:.*", offer), fingerprints, strict=True):
        offer = offer.replace(ours, theirs)
    await end.accept(await call.session.answer(1, offer, []))
    await call.kiosk.until(lambda: any(isinstance(e, Failed) for _, e in call.kiosk.events))
    await call.close()
    assert call.kiosk.pictures == call.far.pictures == []


async def test_a_handshake_of_which_every_datagram_is_lost_once_ends_without_dtls_timers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SSL.Connection, "DTLSv1_get_timeout", lambda _self: None)
    call, line = Call(), _LosesHandshake()
    await call.connect(1, line)
    await call.kiosk.until(lambda: len(call.kiosk.numbers) > 3)
    await call.far.until(lambda: len(call.far.numbers) > 3)
    await call.close()
    assert len(line.lost) >= 4, "two flights each way"


def test_a_flight_is_said_again_ever_more_rarely_and_not_for_ever() -> None:
    flight, now, times = Flight(), 10.0, []
    flight.sent(HELLO, now)
    flight.sent(MORE, now)
    while (at := flight.deadline()) is not None:
        assert flight.due(at - 0.001) == []
        assert flight.due(at) == [HELLO, MORE]
        times.append(round(at - now, 2))
    assert times == [FIRST_S, 3 * FIRST_S, 7 * FIRST_S, 15 * FIRST_S]
    assert flight.due(100) == []


def test_the_next_flight_begins_after_something_was_heard() -> None:
    flight = Flight()
    flight.sent(HELLO, 0.0)
    flight.came(STUN)
    flight.sent(MORE, 0.1)
    flight.came(HELLO)
    flight.sent(FINISHED, 0.2)
    assert flight.due(0.2 + FIRST_S) == [FINISHED]


def test_media_of_the_far_end_says_that_it_has_all() -> None:
    flight = Flight()
    flight.sent(FINISHED, 0.0)
    flight.came(b"")
    flight.came(MEDIA)
    assert flight.deadline() is None
    assert flight.due(9.0) == []


def test_media_and_checks_are_never_said_again() -> None:
    flight = Flight()
    for other in (MEDIA, STUN, b""):
        flight.sent(other, 0.0)
    assert flight.deadline() is None


async def test_a_closed_connection_says_nothing_more() -> None:
    call, line = Call(), _LosesHandshake()
    line.cut = True
    await call.connect(1, line)
    await asyncio.sleep(0)
    await call.close()
