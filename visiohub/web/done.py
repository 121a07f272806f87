"""What a page says after something was done: `?done=` names one of these, nothing else is shown."""

from __future__ import annotations

from aiohttp import web

from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import later

SENTENCES = {
    "signed_out": later("Vous n’êtes plus connecté ici."),
    "password": later("Le mot de passe est changé. Vos autres connexions sont coupées."),
    "session": later("La connexion est coupée."),
    "walk_ins_on": later("Les bornes vous proposent maintenant sans rendez-vous."),
    "walk_ins_off": later("Les bornes ne vous proposent plus sans rendez-vous."),
    "booked": later("Le rendez-vous est pris. Imprimez la convocation pour la personne."),
    "moved": later("Le rendez-vous est déplacé. Réimprimez la convocation pour la nouvelle heure."),
    "cancelled": later("Le rendez-vous est annulé. La place est libre."),
    "confirmed": later("C’est noté : la personne vient."),
    "checked_in": later("La personne est notée sur place."),
    "coming": later("L’écran de la borne dit que quelqu’un arrive."),
    "unlocked": later("Les codes marchent de nouveau sur cette borne."),
    "room_checked_in": later("La réservation est notée sur place."),
    "room_approved": later("La réservation est acceptée."),
    "room_refused": later("La réservation est refusée. La salle est libre."),
    "key_out": later("La clé est notée sortie."),
    "key_back": later("La clé est notée rendue."),
    "screen_removed": later("L’écran est retiré. Son adresse n’ouvre plus rien."),
    "pages_counted": later("Les pages sont comptées, et sur le prochain relevé si elles coûtent."),
    "pages_counted_before": later("Ces pages étaient déjà comptées."),
    "room_booked": later("La salle est réservée."),
    "rooms_booked": later("Les salles sont réservées."),
    "room_asked": later("La demande est envoyée. L’heure est gardée jusqu’à la réponse du lieu."),
    "series_booked": later("Les dates libres de la série sont réservées."),
    "room_moved": later("La réservation est déplacée. Le prix est refait."),
    "room_cancelled": later("La réservation est annulée. La salle est libre."),
    "came": later("C’est noté : vous êtes sur place. La salle est à vous."),
    "pass_sold": later("Le carnet est sur le compte, et sur le prochain relevé."),
    "feed_revoked": later("L’adresse est fermée. Elle n’ouvre plus rien."),
    "outside_set": later("L’agenda sera lu dans une minute."),
    "outside_removed": later("L’agenda n’est plus lu. Ses heures sont libres de nouveau."),
    "key_revoked": later("La clé est révoquée. Elle n’ouvre plus rien."),
    "webhook_removed": later("Le webhook est retiré. Il n’est plus prévenu."),
    "message_retried": later("Le message repart dans quelques secondes."),
    "offered": later("La place est gardée pour cette personne."),
    "offer_declined": later("C’est noté. La personne attend une autre place."),
    "waiting_removed": later("La personne n’est plus sur la liste d’attente."),
    "assigned": later("L’agent du rendez-vous est changé."),
    "school_holidays_loaded": later("Les vacances scolaires sont chargées."),
    "permanence_added": later("La permanence est ajoutée. Ses places sont visibles."),
    "permanence_ended": later("La permanence est arrêtée. Les rendez-vous pris restent."),
    "absence_added": later("L’absence est notée. Rien n’y est plus proposé."),
    "absence_ended": later("L’absence est retirée."),
    "created": later("La fiche est créée."),
    "saved": later("La fiche est enregistrée."),
    "modem_saved": later("L’accès au modem est enregistré. Le point visio le lit maintenant."),
    "modem_forgotten": later("L’accès au modem est effacé."),
    "retired": later("La fiche est retirée. L’historique est gardé."),
    "dropped": later("Le fichier n’est plus gardé. Rien n’en a été importé."),
    "erased": later("La personne est effacée. L’historique reste, sans son nom."),
    "line_noted": later("La note est gardée."),
    "works_planned": later("Les travaux sont prévus. Aucune alerte ne partira pendant ce temps."),
    "works_ended": later("Les travaux sont finis, ou ne sont plus prévus. La ligne est jugée."),
    "test_ordered": later("L’essai est prévu. Son résultat viendra sur cette page."),
    "test_dropped": later("L’essai n’est plus prévu."),
    "alert_normal": later("C’est noté : c’est le nouvel état habituel de la ligne."),
    "alert_struck": later("C’est noté : le rapport à l’opérateur ne compte pas cette coupure."),
    "alert_counted": later(
        "C’est noté : le rapport à l’opérateur compte de nouveau cette coupure."
    ),
    "alert_taken": later("C’est noté : vous vous occupez de cette alerte."),
    "revoked": later("La borne est coupée. Sa clé n’ouvre plus rien."),
}


def done_sentence(request: web.Request) -> str:
    """The sentence that the address asks for; empty for none or an unknown one."""
    message = SENTENCES.get(request.query.get("done", ""))
    return _(message) if message else ""
