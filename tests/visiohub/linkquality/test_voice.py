from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from visiohub.linkquality import tlv, voice
from visiohub.linkquality.delays import DelaySummary, summary
from visiohub.linkquality.grading import RATING, RATING_OF, Level
from visiohub.linkquality.reflector import Reflector
from visiohub.linkquality.sender import SessionSender
from visiohub.linkquality.stamp import SEALED_OCTETS

KEY = b"key of the session"
WALL = 1_795_000_000.0


def spoken(lost: float, delay: Callable[[], float], seed: int = 1) -> DelaySummary:
    """Ten seconds of voice-like traffic; the delay is the one there, 20 ms back; seed 1."""
    chance = random.Random(seed)
    sender = SessionSender(4, chance.random, 0.0, KEY, every_s=voice.EVERY_S, padding=voice.PADDING)
    reflector = Reflector({4: KEY}, sealed=True)
    sent, answers = 0, []
    while sent < 500:
        now = sender.deadline
        probe = sender.send(now, WALL + now)
        assert probe
        assert len(probe) + 28 == voice.IP_OCTETS
        sent += 1
        came = now + delay()
        answer = reflector.answer(probe, now, received_at=WALL + came, reflected_at=WALL + came)
        assert len(answer) == len(probe)
        if chance.random() >= lost:
            answers.append((came + 0.02, answer))
    for at, answer in answers:
        sender.receive(answer, at)
    assert now == pytest.approx(10, abs=0.05)
    return sender.collect(now + 60)


def test_a_good_line_is_good_both_ways() -> None:
    heard = voice.heard(spoken(0, lambda: 0.02))
    assert heard.worse
    assert heard.worse.r_narrow > 80
    assert heard.forward == heard.backward


@pytest.mark.parametrize("jitter_ms", [0, 1, 3, 5])
def test_an_ordinary_line_takes_nothing_of_what_is_possible(jitter_ms: float) -> None:
    """20 ms each way, some milliseconds of jitter on each packet and no loss. Seed 7."""
    chance = random.Random(7)
    heard = voice.heard(spoken(0, lambda: 0.02 + chance.random() * jitter_ms / 1000))
    assert heard.worse
    assert heard.worse.r_narrow == pytest.approx(RATING_OF, abs=0.5)
    assert RATING.level(heard.worse.r_narrow) is Level.FINE
    assert RATING.is_over(Level.WARNING, heard.worse.r_narrow)


@pytest.mark.parametrize(
    ("lost", "level"), [(0.005, Level.FINE), (0.03, Level.WARNING), (0.1, Level.ALARM)]
)
def test_loss_on_an_ordinary_line_is_seen(lost: float, level: Level) -> None:
    """With 3 ms of jitter. Seed 8."""
    chance = random.Random(8)
    heard = voice.heard(spoken(lost, lambda: 0.02 + chance.random() * 0.003))
    assert heard.worse
    assert RATING.level(heard.worse.r_narrow) is level


def test_a_good_line_never_has_more_than_what_pages_say() -> None:
    assert round(RATING_OF) == 82  # "sur 82"


def test_loss_counts_in_the_direction_that_has_it() -> None:
    heard = voice.heard(spoken(0.05, lambda: 0.02))
    assert heard.forward
    assert heard.backward
    assert heard.backward.r < heard.forward.r - 5
    assert heard.worse == heard.backward


def test_a_full_uplink_is_heard_as_delay() -> None:
    chance = random.Random(3)
    heard = voice.heard(spoken(0, lambda: 0.02 + chance.random() * 0.4))
    assert heard.worse
    assert heard.worse == heard.forward
    assert heard.worse.r_narrow < 70


def test_a_dead_line_is_not_rated() -> None:
    assert voice.heard(summary(range(500), [])) == voice.Heard(None, None)
    assert voice.heard(summary(range(500), [])).worse is None


def test_the_padding_is_an_extension_of_its_own() -> None:
    (one,) = tlv.extensions(tlv.padding(voice.PADDING))
    assert (one.kind, len(one.value), one.malformed) == (1, voice.PADDING - 4, False)
    assert voice.PADDING + SEALED_OCTETS + 28 == 188
    with pytest.raises(ValueError, match="octets"):
        tlv.padding(3)
