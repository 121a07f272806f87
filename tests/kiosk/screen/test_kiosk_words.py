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
from samples import MANY, NONE_WORKS, NOW, OK, SAMPLES

import kiosk
from kiosk.quality import Verdict
from kiosk.scene import Screen
from kiosk.screen.texts import texts
from kiosk.screen.view import draw
from signaling.protocol.cards import DeviceCard

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


def test_a_device_that_is_not_fitted_is_no_fault() -> None:
    cards = tuple(card.model_copy(update={"status": "not_fitted"}) for card in OK)
    body = draw(replace(SAMPLES["call"], devices=cards))["body"]
    assert body["faults"] == []
    assert body["self"]["out"] == "Pas de caméra"


SAYS_SOUND = {"fr": ("Le son passe", "avec le son"), "en": ("sound gets through", "with sound")}


@pytest.mark.parametrize(
    ("sample", "status"),
    [
        ("call-choppy", "Le son se coupe par moments. Faites répéter l’agent."),
        ("call-soundless", "Pas de son de l’agent. L’appel continue."),
        ("call-nothing-arrives", "Ni son ni image de l’agent. L’appel continue."),
        ("call-agent-no-camera-soundless", "Ni son ni image de l’agent. L’appel continue."),
    ],
)
def test_sound_that_is_not_there_is_never_said_to_be(sample: str, status: str) -> None:
    assert draw(SAMPLES[sample])["body"]["status"]["text"] == status
    for language, words in SAYS_SOUND.items():
        said = str(draw(replace(SAMPLES[sample], language=language)))  # type: ignore[arg-type]
        assert [each for each in words if each in said] == []


NOT_HEARD = {
    "muted": replace(SAMPLES["call"], muted=True),
    "own microphone": SAMPLES["call-no-microphone"],
    "agent's speaker": SAMPLES["call-agent-no-speaker"],
}
SAYS_ALL_IS_WELL = (
    "Son et image",
    "Son bon",
    "Vous pouvez continuer",
    "agent vous entend",
    "Faites",
)


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
@pytest.mark.parametrize("why", NOT_HEARD)
@pytest.mark.parametrize("picture", [True, False])
def test_who_is_not_heard_is_not_told_to_go_on_talking(
    why: str, quality: Verdict | None, *, picture: bool
) -> None:
    said = str(draw(replace(NOT_HEARD[why], quality=quality, far_picture=picture))["body"])
    assert "ne vous entend pas" in said
    assert [words for words in SAYS_ALL_IS_WELL if words in said] == []


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
def test_sound_that_nothing_plays_is_not_said_to_be_good(quality: Verdict | None) -> None:
    scene = replace(SAMPLES["call-no-speaker"], quality=quality)
    assert draw(scene)["body"]["status"]["text"] == "Pas de son de l’agent. L’appel continue."
    body = draw(replace(scene, far_picture=False))["body"]
    assert body["status"]["text"] == "Ni son ni image de l’agent. L’appel continue."
    assert body["sound_only"]["text"] == "L’appel continue. L’agent peut vous écrire."


@pytest.mark.parametrize("kind", ["camera", "speaker"])
def test_with_the_microphone_off_no_fault_says_that_the_agent_hears(kind: str) -> None:
    scene = replace(SAMPLES[f"call-no-{kind}"], muted=True)
    (row,) = draw(scene)["body"]["faults"]
    assert row["text"] == "L’appel continue. L’agent peut vous écrire."


def test_sound_with_gaps_is_said_when_the_agent_s_camera_is_off() -> None:
    scene = replace(SAMPLES["call-agent-no-camera"], quality="choppy")
    status = draw(scene)["body"]["status"]
    assert status["text"] == "Son seul, avec des coupures. Faites répéter l’agent."


def test_without_its_devices_the_kiosk_promises_neither_bell_nor_picture_nor_sound() -> None:
    waiting = draw(SAMPLES["waiting-no-device"])["body"]
    assert waiting["next"]["steps"][:2] == [
        "Pas de haut-parleur : prévenez l’accueil. L’agent s’affiche ici.",
        "Votre micro ne marche pas. L’agent peut vous écrire.",
    ]
    assert waiting["self"]["checks"][0]["text"] == "Pas de caméra"
    assert "picture" not in waiting["self"]
    admitted = SAMPLES["admitted-no-camera"]
    body = draw(admitted)["body"]
    assert "picture" not in body["self"]
    assert body["lead"] == ["L’agent va vous entendre. Parlez quand l’image s’affiche."]
    waiting = draw(replace(SAMPLES["waiting"], devices=admitted.devices))["body"]
    assert waiting["next"]["steps"][1] == "L’agent vous entend à partir de là, pas avant."
    assert waiting["self"]["checks"][0]["text"] == "Pas de caméra : l’agent vous entendra"
    (lead,) = draw(replace(admitted, devices=NONE_WORKS))["body"]["lead"]
    assert lead == "Votre micro ne marche pas. L’agent peut vous écrire."


def test_a_device_that_fails_is_announced() -> None:
    said = draw(SAMPLES["call-no-microphone"])["announce"]
    assert said == "Votre micro ne marche plus. L’agent vous voit, mais ne vous entend pas."


@pytest.mark.parametrize("status", ["muted", "unplugged"])
def test_a_call_without_the_agent_s_picture_goes_on_with_the_sound_there_is(status: str) -> None:
    camera = OK[0].model_copy(update={"status": status})
    scene = replace(SAMPLES["call"], agent_devices=(camera,))
    for quality, text in (("clear", "L’appel continue avec le son."), ("soundless", "")):
        (row,) = draw(replace(scene, quality=quality))["body"]["faults"]  # type: ignore[arg-type]
        assert row["text"] == text


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


def without(kind: str) -> tuple[DeviceCard, ...]:
    """The kiosk's devices where its settings want none of this kind."""
    return tuple(
        card.model_copy(update={"status": "not_fitted"}) if card.kind == kind else card
        for card in OK
    )


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
def test_a_kiosk_meant_without_a_speaker_promises_no_sound(quality: Verdict | None) -> None:
    body = draw(replace(SAMPLES["call"], devices=without("speaker"), quality=quality))["body"]
    assert body["status"]["text"] == "Pas de son de l’agent. L’appel continue."
    assert body["faults"] == []
    waiting = draw(replace(SAMPLES["waiting"], devices=without("speaker")))["body"]
    assert waiting["next"]["steps"][0].startswith("Pas de haut-parleur")


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
@pytest.mark.parametrize("picture", [True, False])
def test_at_a_kiosk_meant_without_a_microphone_nobody_is_told_to_go_on_talking(
    quality: Verdict | None, *, picture: bool
) -> None:
    scene = replace(
        SAMPLES["call"], devices=without("microphone"), quality=quality, far_picture=picture
    )
    said = str(draw(scene)["body"])
    assert [words for words in SAYS_ALL_IS_WELL if words in said] == []
    assert draw(scene)["body"]["faults"] == []


@pytest.mark.parametrize("why", ["microphone here", "speaker there", "microphone off there"])
def test_at_a_kiosk_meant_without_a_camera_the_agent_is_not_said_to_see(why: str) -> None:
    scene = replace(SAMPLES["call"], devices=without("camera"))
    match why:
        case "microphone here":
            cards = tuple(
                card.model_copy(update={"status": "unplugged"})
                if card.kind == "microphone"
                else card
                for card in scene.devices
            )
            scene = replace(scene, devices=cards)
        case "speaker there":
            scene = replace(scene, agent_devices=SAMPLES["call-agent-no-speaker"].agent_devices)
        case _:
            off = OK[1].model_copy(update={"status": "muted"})
            scene = replace(scene, agent_devices=(off,))
    (row,) = draw(scene)["body"]["faults"]
    assert row["text"] == "L’appel continue. L’agent peut vous écrire."


def test_with_the_microphone_off_missing_sound_is_said_too() -> None:
    muted = "Votre micro est coupé. L’agent ne vous entend pas."
    for sample, missing in (
        ("call", ""),
        ("call-soundless", " Pas de son de l’agent. L’appel continue."),
        ("call-nothing-arrives", " Ni son ni image de l’agent. L’appel continue."),
    ):
        drawn = draw(replace(SAMPLES[sample], muted=True))
        assert drawn["body"]["status"]["text"] == drawn["announce"] == muted + missing


def test_a_fault_is_announced_while_a_sentence_of_the_agent_stands() -> None:
    for sample in ("call", "call-no-microphone", "call-soundless"):
        alone = draw(SAMPLES[sample])
        said = draw(replace(SAMPLES[sample], said="Regardez la case entourée.", said_at=NOW))
        assert said["announce"] == alone["announce"]
        assert said["body"]["said"]["text"] == "Regardez la case entourée."


def test_a_sentence_that_is_written_again_in_the_same_words_is_another() -> None:
    first = SAMPLES["call-said"]
    again = replace(first, said_at=NOW + timedelta(seconds=5))
    one, other = (draw(scene)["body"]["said"] for scene in (first, again))
    assert (one["label"], one["text"]) == (other["label"], other["text"])
    assert one["at"] != other["at"]


@pytest.mark.parametrize("quality", [None, "clear", "slow", "frozen", "choppy", "soundless"])
def test_a_picture_that_comes_and_goes_is_not_announced_each_time(quality: Verdict | None) -> None:
    comes = replace(SAMPLES["call"], quality=quality, picture_lately=True)
    stops, gone = (
        draw(replace(comes, far_picture=False, picture_lately=lately)) for lately in (True, False)
    )
    assert stops["announce"] == draw(comes)["announce"]
    assert stops["body"]["status"]["text"] == gone["body"]["status"]["text"] == gone["announce"]


def test_where_the_camera_is_out_no_qr_is_asked_for() -> None:
    scene = replace(SAMPLES["code-error"], notice="code_locked")
    notice = draw(scene)["body"]["notice"]
    assert notice["text"] == "Montrez votre QR à la caméra, ou demandez à l’accueil."
    notice = draw(replace(scene, devices=SAMPLES["code-no-camera"].devices))["body"]["notice"]
    assert notice["text"] == "Adressez-vous à l’accueil."


def test_a_key_whose_label_changes_is_not_pressed() -> None:
    for name, scene in SAMPLES.items():
        footer = draw(replace(scene, larger_text=True, low_controls=True))["footer"]
        keys = [key for key in footer["left"] + footer["right"] if "pressed" in key]
        assert {key["action"]["do"] for key in keys} <= {"language"}, name
