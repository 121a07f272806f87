"""Screens of a call: waiting, the ring, the call itself, its interruption."""

from __future__ import annotations

from datetime import timedelta

from kiosk.scene import Scene
from kiosk.screen import faults
from kiosk.screen.model import Model, sentence
from kiosk.screen.texts import Texts
from signaling.protocol.cards import CallCard, PlaceCard

NOBODY_TOLD = PlaceCard(agent_told=False, people_before=0, wait_minutes=None)


def waiting(scene: Scene, t: Texts) -> Model:
    """Where the citizen stands, honestly."""
    call, zone = _call(scene), _zone(scene)
    place = call.place or NOBODY_TOLD
    title, lead = _place(place, t)
    return {
        "title": title,
        "who": " · ".join(part for part in (call.partner, call.service) if part),
        "lead": lead,
        "announce": " ".join([title, *lead]),
        "line": _route(scene, call, place, t),
        "next": {
            "title": t._("Ce qui va se passer"),
            "steps": _steps(scene, t),
        },
        "self": {
            **_own_picture(scene, t),
            "title": t._("Vous")
            if scene.device_is_out("camera")
            else t._("Cette image reste ici."),
            "checks": _checks(scene, t),
        },
        "arrived": t.hour(call.arrived_at, zone),
    }


def _steps(scene: Scene, t: Texts) -> list[str]:
    """What comes, as far as the devices of this kiosk let it come."""
    ring = t._("Une sonnerie vous prévient. L’agent s’affiche ici.")
    if scene.device_is_out("speaker"):
        ring = t._("Pas de haut-parleur : prévenez l’accueil. L’agent s’affiche ici.")
    begins = t._("L’agent vous voit à partir de là, pas avant.")
    if scene.device_is_out("camera") and scene.device_is_out("microphone"):
        begins = t._("Votre micro ne marche pas. L’agent peut vous écrire.")
    elif scene.device_is_out("camera"):
        begins = t._("L’agent vous entend à partir de là, pas avant.")
    return [ring, begins, t._("L’appel n’est pas enregistré.")]


def _own_picture(scene: Scene, t: Texts) -> Model:
    """What the camera here gives, or that it gives nothing: its last picture would stand still."""
    if scene.device_is_out("camera"):
        return {"out": t._("Pas de caméra")}
    return {"picture": t._("Votre image")}


def _place(place: PlaceCard, t: Texts) -> tuple[str, list[str]]:
    if place.asked_to_wait_minutes is not None:
        return t._("L’agent vous demande de patienter."), [
            t.n("Comptez encore {n} minute.", "Comptez encore {n} minutes.",
                place.asked_to_wait_minutes)
        ]  # fmt: skip
    told = (
        t._("L’agent sait que vous êtes là.")
        if place.agent_told
        else t._("Votre arrivée est notée.")
    )
    lead = []
    if not place.agent_told:
        lead.append(t._("Aucun agent n’est encore devant son écran."))
    if place.people_before:
        lead.append(
            t.n("{n} personne est avant vous.", "{n} personnes sont avant vous.",
                place.people_before)
        )  # fmt: skip
    if place.wait_minutes is None:
        lead.append(t._("Nous ne connaissons pas le délai."))
    elif place.wait_minutes == 0:
        lead.append(t._("C’est bientôt à vous."))
    else:
        lead.append(
            t.n("Comptez encore {n} minute environ.", "Comptez encore {n} minutes environ.",
                place.wait_minutes)
        )  # fmt: skip
    return told, lead


def _route(scene: Scene, call: CallCard, place: PlaceCard, t: Texts) -> list[Model]:
    zone = _zone(scene)
    if place.people_before:
        now = t.n("{n} personne est avant vous", "{n} personnes sont avant vous",
                  place.people_before)  # fmt: skip
    else:
        now = t._("Vous êtes en premier")
    minutes = place.asked_to_wait_minutes
    minutes = place.wait_minutes if minutes is None else minutes
    begins = t._("Heure inconnue")
    if minutes is not None:
        at = scene.time + timedelta(minutes=minutes)
        begins = t._("Vers {hour}", hour=t.hour(at, zone))
    told = t._("L’agent est prévenu") if place.agent_told else t._("L’agent n’est pas là encore")
    agent = {"state": "done" if place.agent_told else "open",
             "when": t._("C’est fait") if place.agent_told else t._("Pas encore"),
             "what": told}  # fmt: skip
    here = {"state": "now", "when": t._("Maintenant"), "what": now}
    return [
        {"state": "done", "when": t.hour(call.arrived_at, zone),
         "what": t._("Votre arrivée est notée")},
        # what is done stands before now, what is to come after it
        *((agent, here) if place.agent_told else (here, agent)),
        {"state": "next", "when": begins, "what": t._("Votre appel commence")},
    ]  # fmt: skip


def _checks(scene: Scene, t: Texts) -> list[Model]:
    camera = sentence("tick", t._("La caméra marche"))
    if scene.device_is_out("camera"):
        without = t._("Pas de caméra : l’agent vous entendra")
        silent = scene.device_is_out("microphone")
        camera = sentence("triangle", t._("Pas de caméra") if silent else without)
    if scene.device_is_out("microphone"):
        microphone = sentence("triangle", t._("Pas de micro : prévenez l’accueil"))
    elif scene.heard:
        microphone = sentence("tick", t._("Le micro vous entend"))
    else:
        microphone = sentence("ring", t._("Le micro est branché. Parlez pour l’essayer."))
    if scene.cut_since is not None:
        line = sentence("cross", t._("Ligne coupée : votre place est gardée"))
    elif scene.line_slow:
        line = sentence("half", t._("La ligne répond, mais lentement"))
    else:
        line = sentence("tick", t._("La ligne répond"))
    return [camera, microphone, line]


def admitted(scene: Scene, t: Texts) -> Model:
    """It rings: the agent is about to appear."""
    call = _call(scene)
    title = t._("L’agent arrive.")
    if scene.device_is_out("microphone"):
        lead = t._("Votre micro ne marche pas. L’agent peut vous écrire.")
    elif scene.device_is_out("camera"):
        lead = t._("L’agent va vous entendre. Parlez quand l’image s’affiche.")
    else:
        lead = t._("L’agent va vous voir et vous entendre. Parlez quand l’image s’affiche.")
    return {
        "title": title,
        "who": " · ".join(part for part in (call.partner, call.service) if part),
        "lead": [lead],
        "announce": f"{title} {lead}",
        "self": {**_own_picture(scene, t), "title": t._("Vous")},
    }


def call(scene: Scene, t: Texts) -> Model:
    """The agent's picture, what the agent writes, one's own picture."""
    model = _frame(scene, t)
    model["status"], trouble = faults.status(scene, t)
    model["faults"] = failing = faults.faults(scene, t)
    told = (trouble, *(words for each in failing for words in (each["title"], each["text"])))
    model["announce"] = " ".join(filter(None, told))
    if scene.said:
        hour = t.hour(scene.said_at or scene.time, _zone(scene))
        model["said"] = {
            "label": t._("L’agent vous écrit, {hour}", hour=hour),
            "text": scene.said,
            "at": str(scene.said_at),
        }
    if not (scene.far_picture or scene.picture_awaited):
        model["sound_only"] = faults.no_picture(scene, t)
    model["self"] = {**_own_picture(scene, t), "label": t._("Vous")}
    return model


def interrupted(scene: Scene, t: Texts) -> Model:
    """The line is cut: since when, until when, and the number after that."""
    the_call, zone = _call(scene), _zone(scene)
    model = _frame(scene, t)
    age = 0.0
    if scene.interrupted_since is not None:
        age = (scene.time - scene.interrupted_since).total_seconds()
    title = t._("La liaison est coupée.")
    stay = t._("Restez là. Nous la rétablissons. Vous n’avez rien à faire.")
    model["status"] = sentence("cross", t._("Liaison coupée depuis {age}", age=t.lasting(age)))
    model["announce"] = f"{title} {stay}"
    attempts = the_call.attempts
    town = scene.venue.venue_name if scene.venue else ""
    model["cut"] = {
        "title": title,
        "lead": stay,
        "you": t._("Vous, à {town}", town=town) if town else t._("Vous"),
        "middle": t._("Essai numéro {n}", n=attempts) if attempts else t._("Nous essayons"),
        "agent": t._("L’agent"),
        "until": "",
        "phone": scene.phone,
        "phone_label": t._("Téléphone"),
    }
    if scene.cut_since is None:
        model["cut"]["until"] = t._("L’agent voit aussi la coupure.")
    if the_call.gives_up_at is not None and the_call.gives_up_at > scene.time:
        until = t.hour(the_call.gives_up_at, zone)
        model["cut"]["until"] += " " + t._(
            "Si rien ne revient avant {hour}, continuez par téléphone.", hour=until
        )
    return model


def _frame(scene: Scene, t: Texts) -> Model:
    the_call, zone = _call(scene), _zone(scene)
    until = t._("jusqu’à {hour}", hour=t.hour(the_call.until, zone)) if the_call.until else ""
    return {"title": the_call.partner, "until": until, "picture": t._("Image de l’agent")}


def _call(scene: Scene) -> CallCard:
    if scene.call is None:
        raise ValueError("a call's screen has a call")
    return scene.call


def _zone(scene: Scene) -> str | None:
    return scene.venue.time_zone if scene.venue else None
