"""What lies over a screen: help, the question before leaving, "are you still there?"."""

from __future__ import annotations

from kiosk.scene import Do, Scene, Screen
from kiosk.screen.model import Model, button
from kiosk.screen.texts import Texts


def overlay(scene: Scene, t: Texts) -> Model | None:
    """The dialogue over the screen, None when there is none."""
    match scene.overlay:
        case "help":
            return _help(scene, t)
        case "leave":
            return _leave(scene, t)
        case "phone":
            return _phone(scene, t)
        case "no_code":
            return _no_code(scene, t)
        case "still_there":
            return _still_there(scene, t)
    return None


def _help(scene: Scene, t: Texts) -> Model:
    close = button(t._("Fermer"), Do.DISMISS)
    cancel = button(t._("Je n’ai plus besoin d’aide"), Do.HELP_CANCEL)
    number = {"label": t._("Téléphone de l’accueil"), "number": scene.phone}
    model: Model = {"kind": "help", "phone": number if scene.phone else None}
    match scene.help:
        case "coming":
            return model | {
                "title": t._("Quelqu’un arrive."),
                "text": [t._("L’accueil a vu votre demande. Restez là.")],
                "buttons": [cancel, close | {"look": "black"}],
            }
        case "nobody":
            return model | {
                "title": t._("L’accueil ne répond pas."),
                "text": [t._("Personne n’a pu être prévenu. Téléphonez, ou allez à l’accueil.")],
                "buttons": [cancel, close | {"look": "black"}],
            }
        case _:
            return model | {
                "title": t._("L’accueil est prévenu."),
                "text": [t._("Nous attendons sa réponse. Vous pouvez continuer en attendant.")],
                "buttons": [cancel, close | {"look": "black"}],
            }


def _leave(scene: Scene, t: Texts) -> Model:
    back = button(t._("Continuer l’appel"), Do.DISMISS, look="black")
    if scene.screen in {Screen.WAITING, Screen.ADMITTED}:
        return {
            "kind": "leave",
            "title": t._("Quitter l’attente ?"),
            "text": [t._("Votre place ne sera plus gardée.")],
            "buttons": [
                button(t._("Quitter l’attente"), Do.LEAVE_YES),
                back | {"label": t._("Garder ma place")},
            ],
        }
    return {
        "kind": "leave",
        "title": t._("Raccrocher ?"),
        "text": [t._("L’appel sera terminé.")],
        "buttons": [
            button(t._("Raccrocher"), Do.LEAVE_YES, look="red", icon="hang_up"),
            back,
        ],
    }


def _phone(scene: Scene, t: Texts) -> Model:
    return {
        "kind": "by_phone",
        "title": t._("Téléphoner plutôt qu’attendre ?"),
        "text": [t._("Notez ce numéro. Votre place ici ne sera plus gardée.")],
        "phone": {"label": t._("Téléphone"), "number": scene.phone},
        "buttons": [
            button(t._("Quitter l’attente"), Do.PHONE_YES),
            button(t._("Garder ma place"), Do.DISMISS, look="black"),
        ],
    }


def _no_code(scene: Scene, t: Texts) -> Model:
    text = [
        t._("Le code est imprimé sur votre convocation."),
        t._("Sans convocation, l’accueil peut retrouver votre rendez-vous."),
    ]
    help_me = button(t._("Aide de l’accueil"), Do.HELP, look="black")
    buttons = [button(t._("J’ai mon code"), Do.DISMISS), help_me]
    if any(service.availability != "closed" for service in scene.services):
        text.append(t._("Vous pouvez aussi appeler un service sans rendez-vous."))
        buttons.insert(1, button(t._("Appeler un service"), Do.BACK))
    return {
        "kind": "no_code",
        "title": t._("Vous n’avez pas de code ?"),
        "text": text,
        "buttons": buttons,
    }


def _still_there(scene: Scene, t: Texts) -> Model:
    seconds = scene.seconds_left or 0
    if scene.screen is Screen.WAITING:
        text = t.n("Sans réponse, votre place est libérée dans {n} seconde.",
                   "Sans réponse, votre place est libérée dans {n} secondes.", seconds)  # fmt: skip
    else:
        text = t.n("Sans réponse, cet écran s’efface dans {n} seconde.",
                   "Sans réponse, cet écran s’efface dans {n} secondes.", seconds)  # fmt: skip
    return {
        "kind": "still_there",
        "title": t._("Êtes-vous toujours là ?"),
        "text": [text],
        "buttons": [button(t._("Oui, je suis là"), Do.STAY, look="go", icon="forward")],
    }
