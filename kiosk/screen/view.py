"""Scene to view-model: every word of the screen, translated, and every button. Pure.

A view-model is plain JSON. A button carries the action that the page sends back as it is.
"""

from __future__ import annotations

from kiosk.scene import LOUDEST, Do, Scene, Screen
from kiosk.screen import calls, entry, overlays, trouble
from kiosk.screen.model import Model, button
from kiosk.screen.texts import Texts, texts


def draw(scene: Scene) -> Model:
    """What the page shows for this scene."""
    t = texts(scene.language)
    body = _BODIES[scene.screen](scene, t)
    return {
        "screen": scene.screen.value,
        "language": scene.language,
        "larger": scene.larger_text,
        "low": scene.low_controls,
        "dark": scene.screen in {Screen.CALL, Screen.INTERRUPTED},
        "board": board(scene, t),
        "body": body,
        "footer": footer(scene, t),
        "overlay": overlays.overlay(scene, t),
        "restarting": t._("Un instant, la borne redémarre."),
        "announce": body.pop("announce", ""),
    }


def board(scene: Scene, t: Texts) -> Model:
    """The nameboard: place and time."""
    zone = scene.venue.time_zone if scene.venue else None
    return {
        "venue": scene.venue.venue_name if scene.venue else "",
        "room": scene.venue.room_name if scene.venue else "",
        "time": t.clock(scene.time, zone),
        "date": t.date(scene.time, zone),
    }


def footer(scene: Scene, t: Texts) -> Model:
    """Leaving on the left, help on the right; both never move."""
    left: list[Model]
    right = [button(t._("Texte normal") if scene.larger_text else t._("Texte plus grand"),
                    Do.LARGER_TEXT, on=scene.larger_text)]  # fmt: skip
    match scene.screen:
        case Screen.CALL | Screen.INTERRUPTED:
            left = [button(t._("Raccrocher"), Do.LEAVE, look="red", icon="hang_up")]
            right = []
        case Screen.CODE | Screen.CHECKING:
            left = [button(t._("Retour"), Do.BACK, icon="back"), *languages(scene)]
            if scene.screen is Screen.CODE:
                left.insert(1, button(t._("Je n’ai pas de code"), Do.NO_CODE))
        case Screen.WAITING | Screen.ADMITTED:
            left = [button(t._("Quitter l’attente"), Do.LEAVE), *languages(scene)]
            if scene.screen is Screen.WAITING and scene.phone:
                left.insert(1, button(t._("Je préfère le téléphone"), Do.PHONE))
        case _:
            left = languages(scene)
    if scene.screen is Screen.CALL:
        left.append(mute(scene, t))
    if scene.screen is Screen.HOME:
        right.insert(0, button(t._("Commandes normales") if scene.low_controls
                               else t._("Commandes en bas"),
                               Do.LOW_CONTROLS, on=scene.low_controls))  # fmt: skip
    right.append(help_button(scene, t))
    model: Model = {"left": left, "right": right}
    if scene.screen is Screen.CALL:
        model["volume"] = volume(scene, t)
    return model


def help_button(scene: Scene, t: Texts) -> Model:
    """`Aide de l’accueil`; its words say when help was asked already."""
    label = t._("Aide demandée") if scene.help in {"asked", "coming"} else t._("Aide de l’accueil")
    return button(label, Do.HELP, look="black")


def mute(scene: Scene, t: Texts) -> Model:
    """The microphone's key."""
    label, other = t._("Couper mon micro"), t._("Rétablir mon micro")
    if scene.muted:
        return button(other, Do.MUTE, icon="microphone_off", on=True, other=label)
    return button(label, Do.MUTE, icon="microphone", other=other)


def volume(scene: Scene, t: Texts) -> Model:
    """The two volume keys and the bars between them."""
    return {
        "label": t._("Son"),
        "level": scene.volume,
        "loudest": LOUDEST,
        "says": t._("Son : {level} sur {loudest}", level=scene.volume, loudest=LOUDEST),
        "quieter": button(t._("Moins fort"), Do.QUIETER, icon="minus"),
        "louder": button(t._("Plus fort"), Do.LOUDER, icon="plus"),
    }


def languages(scene: Scene) -> list[Model]:
    """Both languages on the first screen, elsewhere the other one; each in its own words."""
    names = {"fr": "Français", "en": "English"}
    if scene.screen in {Screen.CODE, Screen.CHECKING, Screen.WAITING, Screen.ADMITTED,
                        Screen.ENDED}:  # fmt: skip
        del names[scene.language]
        return [
            button(name, Do.LANGUAGE, code, language=code, icon="language")
            for code, name in names.items()
        ]
    return [
        button(name, Do.LANGUAGE, code, look="tab", language=code, pressed=code == scene.language)
        for code, name in names.items()
    ]


_BODIES = {
    Screen.STARTING: trouble.starting,
    Screen.NOT_ENROLLED: trouble.not_enrolled,
    Screen.OFFLINE: trouble.offline,
    Screen.CLOSED: trouble.closed,
    Screen.TOO_OLD: trouble.too_old,
    Screen.TOO_NEW: trouble.too_new,
    Screen.HOME: entry.home,
    Screen.CODE: entry.code,
    Screen.CHECKING: entry.checking,
    Screen.WAITING: calls.waiting,
    Screen.ADMITTED: calls.admitted,
    Screen.CALL: calls.call,
    Screen.INTERRUPTED: calls.interrupted,
    Screen.ENDED: trouble.ended,
}
