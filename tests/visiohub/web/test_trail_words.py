"""The audit trail in words."""

from __future__ import annotations

import pytest

from visiohub.domain.connections import Despite
from visiohub.web.i18n import speak
from visiohub.web.trail_words import value_words
from visiohub.web.words import DESPITE

TAKEN = "2026-11-23T09:15:00+00:00/2026-11-23T09:45:00+00:00"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([TAKEN], "lundi 23 novembre 2026, 10 h 15 à 10 h 45"),
        (str(Despite.URGENT), "Oui, c’est urgent"),
        ("2026-11-23T09:15:00+00:00", "23/11/2026 10 h 15"),
        ("rue A/B", "rue A/B"),
    ],
)
def test_what_was_overruled_and_why_is_said(value: object, said: str) -> None:
    speak("fr")
    assert value_words(value, "Europe/Paris").replace("\u00a0", " ") == said


def test_every_reason_has_words() -> None:
    assert set(DESPITE) == set(Despite)
