"""The screen's words: every sentence is translated, typeset, and short."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from samples import MANY, NOW, SAMPLES

import kiosk
from kiosk.scene import Screen
from kiosk.screen.texts import texts
from kiosk.screen.view import draw

ROOT = Path(kiosk.__file__).parent
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "kiosk.po"
MOST_WORDS = 16


def sentences() -> set[str]:
    found = extract_from_dir(ROOT, keywords={"_": None, "n": (1, 2)})
    return {m[0] if isinstance(m, tuple) else m for _, _, m, _, _ in found}


def test_every_sentence_has_its_english_and_no_other() -> None:
    with CATALOGUE.open("rb") as reader:
        catalogue = read_po(reader, locale="en")
    known = {m.id[0] if isinstance(m.id, tuple) else m.id for m in catalogue if m.id}
    assert known == sentences()
    assert all(all(m.string if isinstance(m.string, tuple) else (m.string,)) for m in catalogue
               if m.id)  # fmt: skip


@pytest.mark.parametrize("sentence", sorted(sentences()))
def test_french_is_typeset_and_short(sentence: str) -> None:
    assert "'" not in sentence, "the apostrophe is ’"
    assert not re.search(r"(?<!\u202f)[?!;]", sentence), "U+202F before ? ! ;"
    assert not re.search(r"(?<!\u00a0):", sentence), "U+00A0 before a colon"
    for part in re.split(r"[.?!]", sentence):
        assert len(part.split()) <= MOST_WORDS


@pytest.mark.parametrize("name", SAMPLES)
def test_english_leaves_no_french(name: str) -> None:
    french = texts_of(draw(SAMPLES[name]))
    english = texts_of(draw(replace(SAMPLES[name], language="en")))
    untranslated = (french & english) & sentences() - {"Son"}
    assert untranslated == set()


def texts_of(model: Any) -> set[str]:
    match model:
        case str():
            return {model}
        case dict():
            return set().union(*map(texts_of, model.values())) if model else set()
        case list():
            return set().union(*map(texts_of, model)) if model else set()
    return set()


def test_a_service_without_an_hour_of_opening_is_not_said_to_be_closed() -> None:
    nobody = replace(SAMPLES["home"], services=MANY[-1:])
    for language, words in (("fr", "Personne pour l’instant"), ("en", "Nobody at the moment")):
        (row,) = draw(replace(nobody, language=language))["body"]["services"]  # type: ignore[arg-type]
        assert row["status"]["text"] == words
        assert "call" not in row


def test_hours_and_dates() -> None:
    at = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)
    french, english = texts("fr"), texts("en")
    assert french.hour(at, "Europe/Paris") == "9\u00a0h\u00a005"
    assert french.hour(at.replace(minute=0), "Europe/Paris") == "9\u00a0h"
    assert french.date(at, "Europe/Paris") == "dimanche 1er mars"
    assert english.date(at, "Indian/Reunion") == "Sunday 1 March"
    assert english.clock(at, "Indian/Reunion") == "12:05"
    assert french.hour(at, "Nowhere/At-all") == "9\u00a0h\u00a005"
    assert [french.lasting(s) for s in (0, 1, 59, 60, 7300)] == [
        "0 seconde", "1 seconde", "59 secondes", "1 minute", "2 heures",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sample", "states"),
    [
        ("waiting", ["done", "done", "now", "next"]),
        ("waiting-unknown", ["done", "now", "open", "next"]),
    ],
)
def test_the_points_of_the_wait_stand_in_the_order_of_time(sample: str, states: list[str]) -> None:
    assert [stop["state"] for stop in draw(SAMPLES[sample])["body"]["line"]] == states


def test_a_hub_with_much_to_do_is_not_the_citizen_s_fault() -> None:
    body = draw(replace(SAMPLES["code-error"], notice="busy"))["body"]
    assert body["notice"] == {
        "title": "Il y a beaucoup de monde.",
        "text": "Réessayez dans un instant.",
    }
    assert "submit" in body


@pytest.mark.parametrize(
    ("early_minutes", "comes_back"),
    [
        (0, "Revenez à l’heure de votre convocation."),
        (1, "Revenez 1 minute avant l’heure de votre convocation."),
        (45, "Revenez 45 minutes avant l’heure de votre convocation."),
    ],
)
def test_codes_are_described_as_the_hub_gives_them(early_minutes: int, comes_back: str) -> None:
    scene = replace(
        SAMPLES["code-empty"], code_digits=10, code_early_minutes=early_minutes,
        notice="code_too_early",
    )  # fmt: skip
    body = draw(scene)["body"]
    assert body["title"] == "Tapez les 10 chiffres de votre code"
    assert len(body["digits"]) == 10
    assert body["notice"]["text"] == comes_back
    assert "code à 10 chiffres" in draw(replace(scene, screen=Screen.HOME))["body"]["go"]["under"]


def test_the_older_of_kiosk_and_hub_is_the_one_to_update() -> None:
    notes = {name: draw(SAMPLES[name])["body"]["note"] for name in ("too-old", "too-new")}
    assert "dernière version de la borne" in notes["too-old"]
    assert "mettez à jour le service central" in notes["too-new"]


def test_a_sentence_that_is_written_again_in_the_same_words_is_another() -> None:
    first = SAMPLES["call-said"]
    again = replace(first, said_at=NOW + timedelta(seconds=5))
    one, other = (draw(scene)["body"]["said"] for scene in (first, again))
    assert (one["label"], one["text"]) == (other["label"], other["text"])
    assert one["at"] != other["at"]


def test_a_key_whose_label_changes_is_not_pressed() -> None:
    for name, scene in SAMPLES.items():
        footer = draw(replace(scene, larger_text=True, low_controls=True))["footer"]
        keys = [key for key in footer["left"] + footer["right"] if "pressed" in key]
        assert {key["action"]["do"] for key in keys} <= {"language"}, name
