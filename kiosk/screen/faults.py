"""What does not work in a call, in words: devices of this kiosk and of the agent, and the line."""

from __future__ import annotations

from dataclasses import replace

from kiosk.scene import Scene
from kiosk.screen.model import Model, sentence
from kiosk.screen.texts import Texts
from signaling.protocol.cards import DeviceCard

Words = tuple[str, str]
"""What does not work, and what it means."""


def faults(scene: Scene, t: Texts) -> list[Model]:
    """Devices that do not work, named, with what it means: the kiosk's, then the agent's."""
    out = [*_here(scene, t), *_there(scene, t)]
    # several at once: their names alone, in one row, for the picture needs the room
    return [
        {"shape": "triangle", "title": title, "text": text if len(out) == 1 else ""}
        for title, text in out
    ]


def status(scene: Scene, t: Texts) -> tuple[Model, str]:
    """How sound and picture are, and what of it a screen reader says at once."""
    text = _trouble(scene, t)
    if text:
        # a picture that comes and goes is not told of at each stop
        steady = replace(scene, far_picture=scene.far_picture or scene.picture_lately)
        return sentence("triangle", text), _trouble(steady, t)
    if scene.picture_awaited:
        return sentence("disc", t._("Le son passe. L’image arrive.")), ""
    if faults(scene, t) or _unheard(scene):  # "Son bon" would be taken for both ways
        return sentence("disc", t._("Vous voyez et entendez l’agent.")), ""
    match scene.quality:
        case "clear":
            return sentence("disc", t._("Son et image nets.")), ""
        case "reduced":
            return sentence("half", t._("Son bon. Image réduite.")), ""
        case "frozen":
            return sentence("half", t._("Son bon. L’image s’arrête par moments.")), ""
        case "slow":
            return sentence("half", t._("Son bon. Image réduite : la ligne est lente.")), ""
    return sentence("disc", t._("Son et image passent.")), ""


def no_picture(scene: Scene, t: Texts) -> Model:
    """What stands where the agent's picture would be."""
    if _no_sound(scene):
        text = t._("L’appel continue. L’agent peut vous écrire.")
    elif _unheard(scene):
        text = t._("Vous entendez toujours l’agent.")
    else:
        text = t._("Le son passe. Vous pouvez continuer à parler.")
    return {"title": t._("Pas d’image de l’agent."), "text": text}


def _trouble(scene: Scene, t: Texts) -> str:
    silence = t._("Pas de son de l’agent. L’appel continue.")
    if _pictureless(scene):
        silence = t._("Ni son ni image de l’agent. L’appel continue.")
    if scene.muted:
        muted = t._("Votre micro est coupé. L’agent ne vous entend pas.")
        # a device that gives no sound is named below
        return f"{muted} {silence}" if scene.quality == "soundless" else muted
    if _no_sound(scene):
        return silence
    if scene.quality == "choppy":
        gaps = t._("Le son se coupe par moments.")
        if _pictureless(scene):
            gaps = t._("Son seul, avec des coupures.")
        again = t._("Faites répéter l’agent.")
        return gaps if _unheard(scene) else f"{gaps} {again}"
    if scene.agent_lacks("camera"):
        return t._("Pas d’image de l’agent. L’appel continue.")
    if _pictureless(scene):
        return t._("Son seul : l’image de l’agent n’arrive pas.")
    return ""


def _pictureless(scene: Scene) -> bool:
    """The agent gives no picture, or none arrives."""
    return scene.agent_lacks("camera") or not (scene.far_picture or scene.picture_awaited)


def _no_sound(scene: Scene) -> bool:
    """The agent gives none, none arrives, or nothing here plays it."""
    lacks = scene.agent_lacks("microphone") or scene.quality == "soundless"
    return lacks or scene.device_is_out("speaker")


def _unheard(scene: Scene) -> bool:
    """Nothing is sent to the agent, or nothing there plays it."""
    lacks = scene.muted or scene.agent_lacks("speaker")
    return lacks or scene.device_is_out("microphone")


def _here(scene: Scene, t: Texts) -> list[Words]:
    written = t._("L’appel continue. L’agent peut vous écrire.")
    heard = t._("L’agent vous entend toujours.")
    asked = t._("L’agent vous entend. Demandez-lui d’écrire.")
    if _unheard(scene):
        heard = asked = written
    seen = t._("L’agent vous voit, mais ne vous entend pas.")
    if scene.device_is_out("camera"):
        seen = written
    words = {
        "camera": (t._("Votre caméra ne marche plus."), heard),
        "microphone": (t._("Votre micro ne marche plus."), seen),
        "speaker": (t._("Le haut-parleur ne marche plus."), asked),
    }
    return [words[card.kind] for card in _failed(scene.devices) if card.kind in words]


def _there(scene: Scene, t: Texts) -> list[Words]:
    # without sound, what stands above says all there is to say
    with_sound = "" if _no_sound(scene) else t._("L’appel continue avec le son.")
    written = t._("L’appel continue. L’agent peut vous écrire.")
    deaf = t._("Son haut-parleur ne marche pas. L’appel continue, l’agent vous voit.")
    silent = t._("L’appel continue. L’agent vous voit.")
    if scene.device_is_out("camera"):
        deaf = silent = written
    words = {
        "camera": (t._("La caméra de l’agent ne marche pas."), with_sound),
        "microphone": (t._("Le micro de l’agent ne marche pas."), written),
        "speaker": (t._("L’agent ne vous entend pas."), deaf),
    }
    off = {
        "camera": (t._("L’agent a coupé sa caméra."), with_sound),
        "microphone": (t._("L’agent a coupé son micro."), silent),
    }
    failed = [words[card.kind] for card in _failed(scene.agent_devices) if card.kind in words]
    muted = [card.kind for card in scene.agent_devices if card.status == "muted"]
    return failed + [off[kind] for kind in muted if kind in off]


def _failed(devices: tuple[DeviceCard, ...]) -> list[DeviceCard]:
    return [card for card in devices if card.status not in {"ok", "muted", "not_fitted"}]
