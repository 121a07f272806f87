"""Screens before a call: the greeting, the code, the moment while the hub looks it up."""

from __future__ import annotations

from kiosk.scene import Do, Scene
from kiosk.screen.model import Model, button, sentence
from kiosk.screen.texts import Texts
from signaling.protocol.cards import ServiceCard

ROWS = 5
"""Services that the first screen holds; when there are more, one row goes to the way to them."""
ROWS_FEWER = 3
"""With larger text, or with all controls in the lower part."""
RETRIED = ("line_cut", "no_answer", "busy", "")
"""Notices after which the same code may be looked up again."""
_ORDER = {"free": 0, "wait": 1, "closed": 2}


def home(scene: Scene, t: Texts) -> Model:
    """The greeting, the sign for those who have an appointment, the services to call."""
    rows = ROWS_FEWER if scene.larger_text or scene.low_controls else ROWS
    rows = max(1, rows - (len(scene.services) > rows) - 2 * bool(scene.notice))
    services = sorted(scene.services, key=lambda service: _ORDER[service.availability])
    pages = max(1, -(-len(services) // rows))
    page = scene.page % pages
    title = t._("Bonjour.")
    lead = t._("Ici, vous parlez en vidéo avec un service public. C’est gratuit.")
    model: Model = {
        "title": title,
        "lead": lead,
        "announce": f"{title} {lead}",
        "go": {
            **button(t._("J’ai un rendez-vous"), Do.START_CODE, look="go", icon="forward"),
            "under": t._(
                "J’ai un code à {n} chiffres, ou un QR sur ma convocation.", n=scene.code_digits
            ),
        },
        "notice": _notice(scene, t),
        "heading": t._("Ou appelez un service maintenant"),
        "services": [service_row(s, scene, t) for s in services[page * rows :][:rows]],
        "empty": "",
    }
    if not any(service.availability != "closed" for service in services):
        model["heading"] = t._("Appeler un service")
        model["empty"] = t._("Aucun service ne répond sans rendez-vous en ce moment.")
    if pages > 1:
        label = t._("Voir les autres services ({n} en tout)", n=len(services))
        model["more"] = button(label, Do.NEXT_SERVICES)
    return model


def service_row(service: ServiceCard, scene: Scene, t: Texts) -> Model:
    """One service; the key `call` is there when it can be touched."""
    row: Model = {"id": service.service_id, "partner": service.partner, "label": service.label}
    match service.availability:
        case "free":
            row["status"] = sentence("disc", t._("Libre maintenant"))
        case "wait" if service.wait_minutes is not None:
            wait = t.n("Attente : {n} minute", "Attente : {n} minutes", service.wait_minutes)
            row["status"] = sentence("half", wait)
        case "wait":
            row["status"] = sentence("half", t._("Il y a de l’attente"))
        case "closed":
            row["status"] = sentence("barred", _opens(service, scene, t))
            return row
    row["call"] = button(t._("Appeler"), Do.CALL_SERVICE, service.service_id, icon="forward")
    return row


def _opens(service: ServiceCard, scene: Scene, t: Texts) -> str:
    zone = scene.venue.time_zone if scene.venue else None
    at = service.opens_at
    if at is None:  # within opening hours too: nobody receives without appointment
        return t._("Personne pour l’instant")
    if t.same_day(at, scene.time, zone):
        return t._("Ouvre à {hour}", hour=t.hour(at, zone))
    return t._("Ouvre {day} à {hour}", day=t.weekday(at, zone), hour=t.hour(at, zone))


def code(scene: Scene, t: Texts) -> Model:
    """The digits of a code in groups of four, as on paper, or the QR before the camera."""
    missing = scene.code_digits - len(scene.digits)
    title = t._("Tapez les {n} chiffres de votre code", n=scene.code_digits)
    notice = _notice(scene, t)
    if not scene.digits:
        hint = t._("Le code est sur votre convocation.")
    else:
        hint = t.n("Il reste {n} chiffre.", "Il reste {n} chiffres.", missing)
    model: Model = {
        "title": title,
        "digits": list(scene.digits.ljust(scene.code_digits)),
        "digits_say": t._("Chiffres tapés : {digits}", digits=" ".join(scene.digits))
        if scene.digits
        else t._("Aucun chiffre tapé"),
        "hint": hint,
        "notice": notice,
        "wrong": notice is not None and missing == 0,
        "keys": [button(str(n), Do.DIGIT, str(n)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)],
        "clear": button(t._("Tout effacer"), Do.CLEAR),
        "zero": button("0", Do.DIGIT, "0"),
        "erase": button(t._("Effacer un chiffre"), Do.ERASE),
        "keypad": t._("Pavé de chiffres"),
        "qr": _qr(scene, t),
        "announce": f"{notice['title']} {notice['text']}" if notice else hint,
    }
    if missing == 0 and scene.notice in RETRIED:
        model["submit"] = button(t._("Vérifier ce code"), Do.SUBMIT, look="go", icon="forward")
        model["hint"] = ""
    return model


def _qr(scene: Scene, t: Texts) -> Model:
    if scene.device_is_out("camera"):
        return {
            "title": t._("Le QR ne peut pas être lu ici"),
            "out": t._("La caméra ne marche pas. Tapez les chiffres du code."),
        }
    return {
        "title": t._("Ou montrez votre QR"),
        "picture": t._("Image de la caméra de cette borne"),
        "how": t._("Tenez la feuille ou le téléphone face à la caméra, à une main de distance."),
        "small": t._("L’image sert à lire le QR. Elle n’est pas gardée."),
    }


def checking(scene: Scene, t: Texts) -> Model:
    """A second or two while the hub looks."""
    title = t._("Nous cherchons votre rendez-vous.") if scene.digits else t._("Un instant.")
    return {"title": title, "bars": True, "announce": title}


def _notice(scene: Scene, t: Texts) -> Model | None:
    """What went wrong with the last wish: the fact, then what to do."""
    if not scene.notice:
        return None
    title, text = _fault(scene, t)
    return {"title": title, "text": text}


def _fault(scene: Scene, t: Texts) -> tuple[str, str]:
    match scene.notice:
        case "code_unknown":
            title = t._("Aucun rendez-vous maintenant avec ce code.")
            text = t._("Vérifiez les chiffres, le lieu et l’heure de votre convocation.")
        case "code_elsewhere":
            title = t._("Ce rendez-vous est dans un autre lieu.")
            text = t._("Le lieu est écrit sur votre convocation.")
        case "code_too_early":
            title = t._("C’est trop tôt pour ce rendez-vous.")
            text = _comes_back(scene.code_early_minutes, t)
        case "code_too_late":
            title = t._("L’heure de ce rendez-vous est passée.")
            text = t._("L’accueil peut en prendre un autre avec vous.")
        case "code_used":
            title = t._("Ce rendez-vous a déjà eu lieu.")
            text = t._("L’accueil peut en prendre un autre avec vous.")
        case "busy":
            title = t._("Il y a beaucoup de monde.")
            text = t._("Réessayez dans un instant.")
        case "rate_limited":
            title = t._("Trop de codes essayés à la suite.")
            text = t._("Attendez dix secondes, puis essayez encore.")
        case "code_locked":
            title = t._("Trop de codes essayés ici aujourd’hui.")
            text = t._("Montrez votre QR à la caméra, ou demandez à l’accueil.")
            if scene.device_is_out("camera"):
                text = t._("Adressez-vous à l’accueil.")
        case "not_a_convocation":
            title = t._("Ce QR n’est pas une convocation.")
            text = t._("Montrez le QR imprimé sur votre convocation.")
        case "service_closed" | "service_unknown":
            title = t._("Ce service vient de fermer.")
            text = t._("Choisissez un autre service, ou demandez à l’accueil.")
        case "line_cut":
            title = t._("La liaison vient d’être coupée.")
            text = t._("Rien n’est perdu. Essayez encore dans un instant.")
        case "no_answer":
            title = t._("Nous n’avons pas eu de réponse.")
            text = t._("Essayez encore, ou demandez à l’accueil.")
        case _:
            title = t._("Cela n’a pas marché.")
            text = t._("Essayez encore, ou demandez à l’accueil.")
    return title, text


def _comes_back(early_minutes: int, t: Texts) -> str:
    if early_minutes == 0:
        return t._("Revenez à l’heure de votre convocation.")
    return t.n(
        "Revenez {n} minute avant l’heure de votre convocation.",
        "Revenez {n} minutes avant l’heure de votre convocation.",
        early_minutes,
    )
