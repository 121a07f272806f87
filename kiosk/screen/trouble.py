"""Screens that say where things stand: before the hub answers, without it, after a call."""

from __future__ import annotations

from kiosk.scene import Do, Ending, Scene
from kiosk.screen.model import Model, button, sentence
from kiosk.screen.texts import Texts


def message(title: str, lead: list[str], **more: object) -> Model:
    """The layout of all these screens: a fact, what it means, what to do."""
    return {"title": title, "lead": lead, "announce": " ".join([title, *lead]), **more}


def phone(number: str, label: str) -> Model | None:
    """A telephone number, large; None when there is none to show."""
    return {"label": label, "number": number} if number else None


def starting(_scene: Scene, t: Texts) -> Model:
    """The first seconds."""
    return message(t._("Un instant."), [t._("La borne démarre.")])


def not_enrolled(_scene: Scene, t: Texts) -> Model:
    """No key yet: for whoever installs the kiosk."""
    return message(
        t._("Cette borne n’est pas encore installée."),
        [t._("Adressez-vous à l’accueil.")],
        note=t._("Pour la technique : demandez un code au service central, puis tapez"),
        command="kiosk enrol",
    )


def offline(scene: Scene, t: Texts) -> Model:
    """The hub does not answer: since when, what still works, a number."""
    lead = [t._("Les appels ne marchent pas en ce moment. Nous essayons sans arrêt.")]
    since = scene.cut_since
    model = message(
        t._("La liaison est coupée."),
        lead,
        phone=phone(scene.phone, t._("Vous pouvez téléphoner")),
        note=t._("Cet écran revient tout seul dès que la liaison revient."),
    )
    if since is not None:
        zone = scene.venue.time_zone if scene.venue else None
        age = t.lasting((scene.time - since).total_seconds())
        model["status"] = sentence(
            "cross", t._("Coupée depuis {age}, à {hour}", age=age, hour=t.hour(since, zone))
        )
    if scene.digits:
        model["lead"] = [*lead, t._("Les chiffres de votre code sont gardés.")]
    return model


def closed(scene: Scene, t: Texts) -> Model:
    """The hub withdrew this kiosk's key."""
    return message(
        t._("Cette borne est fermée."),
        [t._("Adressez-vous à l’accueil. On vous indiquera une autre borne.")],
        status=sentence("barred", t._("Hors service")),
        phone=phone(scene.phone, t._("Vous pouvez téléphoner")),
    )


def too_old(scene: Scene, t: Texts) -> Model:
    """The hub does not speak this version any more."""
    return _other_version(
        scene,
        t,
        t._("Cette borne doit être mise à jour."),
        t._("Pour la technique : installez la dernière version de la borne."),
    )


def too_new(scene: Scene, t: Texts) -> Model:
    """The hub does not speak this version yet."""
    return _other_version(
        scene,
        t,
        t._("Cette borne attend une mise à jour."),
        t._("Pour la technique : mettez à jour le service central. Il est plus ancien."),
    )


def _other_version(scene: Scene, t: Texts, title: str, note: str) -> Model:
    return message(
        title,
        [t._("Les appels ne marchent pas ici. Adressez-vous à l’accueil.")],
        status=sentence("barred", t._("Hors service")),
        phone=phone(scene.phone, t._("Vous pouvez téléphoner")),
        note=note,
    )


def ended(scene: Scene, t: Texts) -> Model:
    """How the call ended, what to do now."""
    if scene.ending is None:
        raise ValueError("an ended screen has an ending")
    model = _ended(scene.ending, t)
    model["go"] = button(t._("Revenir au début"), Do.DONE, look="go", icon="forward")
    return model


def _ended(ending: Ending, t: Texts) -> Model:
    call_us = phone(ending.phone, t._("Téléphonez au"))
    match ending.reason:
        case "left_by_citizen" if ending.by_phone:
            return message(
                t._("Vous pouvez téléphoner."),
                [t._("Votre place ici n’est plus gardée. Notez le numéro avant de partir.")],
                status=sentence("tick", t._("Terminé")),
                phone=call_us,
            )
        case "hung_up_by_agent" | "hung_up_by_citizen":
            return message(
                t._("L’appel est terminé. Merci."),
                [t._("Rien n’a été enregistré. Reprenez bien vos papiers.")],
                status=sentence("tick", t._("Terminé")),
            )
        case "left_by_citizen":
            return message(
                t._("Vous avez quitté l’attente."),
                [t._("Votre place n’est plus gardée. Vous pouvez recommencer quand vous voulez.")],
                status=sentence("tick", t._("Terminé")),
            )
        case "refused":
            return _refused(ending, t, call_us)
        case "agent_absent":
            return message(
                t._("Personne n’a pu vous répondre."),
                [t._("Ce n’est pas de votre fait. L’accueil peut prendre un autre rendez-vous.")],
                status=sentence("triangle", t._("Pas de réponse")),
                phone=call_us,
            )
        case "agent_lost":
            return message(
                t._("L’agent n’est plus en ligne."),
                [t._("Sa liaison n’est pas revenue. Ce n’est pas de votre fait.")],
                status=sentence("cross", t._("Appel coupé")),
                phone=call_us,
            )
        case "kiosk_fault" | "revoked":
            return message(
                t._("Cette borne a eu une panne."),
                [t._("L’appel est terminé. L’accueil peut vous aider.")],
                status=sentence("cross", t._("Appel coupé")),
                phone=call_us,
            )
        case "line_fault":
            return message(
                t._("La liaison n’est pas revenue."),
                [t._("L’appel est terminé. Ce n’est pas de votre fait. Continuez par téléphone.")],
                status=sentence("cross", t._("Ligne en panne")),
                phone=call_us,
            )
        case None:
            return message(
                t._("L’appel est terminé."),
                [t._("Il s’est arrêté pendant que la liaison était coupée.")],
                status=sentence("cross", t._("Appel coupé")),
                phone=call_us,
            )


def _refused(ending: Ending, t: Texts, call_us: Model | None) -> Model:
    match ending.refusal:
        case "other_day":
            lead = [t._("L’agent propose un autre jour."),
                    t._("L’accueil peut prendre ce rendez-vous avec vous.")]  # fmt: skip
        case "by_phone":
            lead = [t._("Votre demande se règle au téléphone.")]
        case "wrong_service":
            lead = [t._("Un autre service s’occupe de votre demande."),
                    t._("L’accueil vous dit lequel.")]  # fmt: skip
        case "missing_document":
            lead = [t._("Il manque un document."),
                    t._("Revenez avec ce document. L’accueil peut vous aider.")]  # fmt: skip
        case _:
            lead = [t._("L’accueil peut vous aider à trouver une autre solution.")]
    model = message(
        t._("L’agent ne peut pas vous recevoir maintenant."),
        lead,
        status=sentence("barred", ending.partner),
        phone=call_us,
    )
    if ending.text:
        model["quote"] = {"label": t._("L’agent vous écrit"), "text": ending.text}
    return model
