"""What the screen says where devices or the line fail: never more than is so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from samples import NONE_WORKS, NOW, OK, SAMPLES, broken

from kiosk.quality import Verdict
from kiosk.screen.view import draw


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


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
def test_a_kiosk_meant_without_a_speaker_promises_no_sound(quality: Verdict | None) -> None:
    without = broken("speaker", "not_fitted")
    body = draw(replace(SAMPLES["call"], devices=without, quality=quality))["body"]
    assert body["status"]["text"] == "Pas de son de l’agent. L’appel continue."
    assert body["faults"] == []
    waiting = draw(replace(SAMPLES["waiting"], devices=without))["body"]
    assert waiting["next"]["steps"][0].startswith("Pas de haut-parleur")


@pytest.mark.parametrize("quality", [None, "clear", "slow", "choppy"])
@pytest.mark.parametrize("picture", [True, False])
def test_at_a_kiosk_meant_without_a_microphone_nobody_is_told_to_go_on_talking(
    quality: Verdict | None, *, picture: bool
) -> None:
    scene = replace(
        SAMPLES["call"],
        devices=broken("microphone", "not_fitted"),
        quality=quality,
        far_picture=picture,
    )
    said = str(draw(scene)["body"])
    assert [words for words in SAYS_ALL_IS_WELL if words in said] == []
    assert draw(scene)["body"]["faults"] == []


@pytest.mark.parametrize("why", ["microphone here", "speaker there", "microphone off there"])
def test_at_a_kiosk_meant_without_a_camera_the_agent_is_not_said_to_see(why: str) -> None:
    scene = replace(SAMPLES["call"], devices=broken("camera", "not_fitted"))
    match why:
        case "microphone here":
            scene = replace(scene, devices=broken("microphone", among=scene.devices))
        case "speaker there":
            scene = replace(scene, agent_devices=broken("speaker"))
        case _:
            scene = replace(scene, agent_devices=broken("microphone", "muted"))
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
