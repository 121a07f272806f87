"""The sentences that the call and pre-check scripts show; `{name}` is filled in by the page."""

from __future__ import annotations

from visiohub.web.i18n import gettext as _


def shared_texts() -> dict[str, str]:
    """Hours, and why an own device does not work: fact, then what to do."""
    return {
        "clock": _("{h} h {mm}"),
        "clock_whole": _("{h} h"),
        "camera_insecure": _(
            "La caméra demande une adresse en https. Prévenez votre administrateur."
        ),
        "camera_denied": _(
            "Ce site n’a pas le droit d’utiliser la caméra. Cliquez à gauche de l’adresse de "
            "la page, puis autorisez la caméra."
        ),
        "camera_blocked_by_system": _(
            "L’ordinateur interdit la caméra au navigateur. Autorisez-la dans ses réglages de "
            "confidentialité."
        ),
        "camera_missing": _(
            "Aucune caméra n’est branchée. Branchez-en une : elle sera prise aussitôt."
        ),
        "camera_busy": _("La caméra est prise par un autre programme. Fermez-le, puis réessayez."),
        "camera_overconstrained": _("La caméra choisie n’est plus là. Choisissez-en une autre."),
        "camera_closed": _(
            "La caméra s’est arrêtée. Débranchez-la, rebranchez-la, puis réessayez."
        ),
        "camera_unplugged": _(
            "Votre caméra est débranchée. La personne ne vous voit pas. Rebranchez-la : elle "
            "sera reprise."
        ),
        "camera_unknown": _(
            "La caméra ne s’ouvre pas. Débranchez-la, rebranchez-la, puis réessayez."
        ),
        "microphone_insecure": _(
            "Le micro demande une adresse en https. Prévenez votre administrateur."
        ),
        "microphone_denied": _(
            "Ce site n’a pas le droit d’utiliser le micro. Cliquez à gauche de l’adresse de la "
            "page, puis autorisez le micro."
        ),
        "microphone_blocked_by_system": _(
            "L’ordinateur interdit le micro au navigateur. Autorisez-le dans ses réglages de "
            "confidentialité."
        ),
        "microphone_missing": _(
            "Aucun micro n’est branché. Branchez-en un : il sera pris aussitôt."
        ),
        "microphone_busy": _(
            "Le micro est pris par un autre programme. Fermez-le, puis réessayez."
        ),
        "microphone_overconstrained": _("Le micro choisi n’est plus là. Choisissez-en un autre."),
        "microphone_closed": _(
            "Le micro s’est arrêté. Débranchez-le, rebranchez-le, puis réessayez."
        ),
        "microphone_unplugged": _(
            "Votre micro est débranché. La personne ne vous entend pas. Rebranchez-le, ou "
            "écrivez-lui."
        ),
        "microphone_unknown": _(
            "Le micro ne s’ouvre pas. Débranchez-le, rebranchez-le, puis réessayez."
        ),
    }


def board_texts() -> dict[str, str]:
    """What stands for the agent's picture; the citizen reads it, in the citizen's language."""
    return {
        "off": _("L’agent a coupé sa caméra."),
        "missing": _("L’agent n’a pas d’image."),
    }


def call_texts() -> dict[str, str]:
    """Sentences of the call page."""
    return shared_texts() | {
        # the title beside the picture
        "left": _("Il reste {minutes} min"),
        "left_little": _("Moins d’une minute"),
        "over": _("Dépassé de {minutes} min"),
        "since": _("Depuis {minutes} min"),
        "just_begun": _("L’appel commence"),
        "waits": _("{citizen} attend"),
        "waits_since": _("À la borne depuis {clock}."),
        "walk_in": _("Une personne"),
        "done": _("Appel terminé"),
        "span": _("De {from} à {to}, {minutes} min."),
        "route_start": _("Début à {clock}"),
        "route_end": _("Fin prévue à {clock}"),
        # the card over the picture
        "entering_title": _("La personne entre."),
        "entering_text": _("La borne prépare le son et l’image."),
        "entering_away_text": _(
            "Le serveur est absent. La personne entrera à son retour, sans autre clic."
        ),
        "connecting_title": _("Le son et l’image arrivent."),
        "connecting_text": _("Cela prend une seconde ou deux."),
        "slow_text": _("C’est plus long que d’habitude. Nous réessayons."),
        "cut_title": _("La liaison est coupée."),
        "cut_text": _("Restez là. Nous la rétablissons. Vous n’avez rien à faire."),
        "cut_kiosk_gone_text": _(
            "La borne ne répond plus. Elle redémarre peut-être. Restez là, l’appel reprendra seul."
        ),
        "unheard_title": _("La borne ne vous reçoit plus."),
        "unheard_text": _(
            "La personne ne vous voit plus et ne vous entend plus. Restez là, nous rétablissons."
        ),
        "cut_since": _("Liaison coupée depuis {seconds} s"),
        "cut_first": _("Premier essai"),
        "cut_attempt": _("Essai {n}"),
        "cut_gives_up": _(
            "Si rien ne revient avant {clock}, l’appel se termine. Téléphonez alors à "
            "l’accueil : {phone}."
        ),
        "cut_gives_up_no_phone": _("Si rien ne revient avant {clock}, l’appel se termine."),
        "cut_you": _("Vous"),
        "superseded_title": _("L’appel est dans un autre onglet."),
        "superseded_text": _("Ici, le son et l’image sont arrêtés. Rien n’est perdu."),
        # ends: what happened, what next
        "ended_hung_up_by_agent": _("Vous avez raccroché."),
        "ended_hung_up_by_citizen": _("La personne a raccroché."),
        "ended_left_by_citizen": _("La personne a quitté la borne avant d’entrer."),
        "ended_refused": _("Vous n’avez pas reçu cette personne."),
        "ended_line_fault": _("La liaison n’est pas revenue."),
        "ended_kiosk_fault": _("La borne s’est arrêtée et n’est pas revenue."),
        "ended_agent_lost": _("Votre page est restée absente trop longtemps."),
        "ended_agent_absent": _("Personne n’a fait entrer cette personne à temps."),
        "ended_taken": _("Un autre agent a fait entrer cette personne."),
        "ended_revoked": _("Cette borne vient d’être retirée du service."),
        "ended_other": _("Cet appel est terminé."),
        "next_done": _("Votre journée est à jour. Rien d’autre à faire ici."),
        "next_owed": _(
            "Le serveur est absent. Gardez cette page ouverte : il l’apprendra à son retour."
        ),
        "next_refused": _("La borne lui montre votre raison et la suite."),
        "next_phone": _("Ce n’est pas une absence. Téléphonez à l’accueil du lieu : {phone}."),
        "next_no_phone": _("Ce n’est pas une absence. Proposez un autre rendez-vous."),
        "next_left": _("Téléphonez à l’accueil du lieu pour savoir où elle est : {phone}."),
        # strips
        "hub_joining": _("Nous joignons le serveur."),
        "hub_away_live": _(
            "Le serveur est absent. Le son et l’image continuent. Nous le rejoignons."
        ),
        "hub_away": _("Le serveur est absent. Nous le rejoignons, gardez cette page ouverte."),
        "hub_over": _("Votre session est fermée. Connectez-vous à nouveau dans un autre onglet."),
        "hub_over_live": _(
            "Votre session est fermée. Le son et l’image continuent. Connectez-vous à nouveau "
            "dans un autre onglet."
        ),
        "sound_blocked": _("Le navigateur attend un clic pour faire entendre la personne."),
        "notice_call_taken": _("Un autre agent vient de faire entrer cette personne."),
        "notice_call_over": _("Cet appel est déjà terminé."),
        "notice_not_allowed": _("Cet appel n’est pas pour votre service."),
        "notice_hub_away": _("Le serveur est absent. Rien n’est envoyé. Réessayez à son retour."),
        "notice_other": _("Le serveur n’a pas fait ce que vous demandiez. Réessayez."),
        # own switches
        "mute": _("Couper le micro"),
        "unmute": _("Rouvrir le micro"),
        "camera_off": _("Couper ma caméra"),
        "camera_on": _("Rouvrir ma caméra"),
        "you": _("Vous"),
        "you_muted": _("Vous, micro coupé"),
        "you_off": _("Vous, caméra coupée"),
        "you_muted_off": _("Vous, micro et caméra coupés"),
        "you_out": _("Vous, sans image"),
        "you_muted_out": _("Vous, micro coupé, sans image"),
        "you_preview": _("La personne vous verra ainsi"),
        # quality
        "sound_good": _("Son bon"),
        "sound_choppy": _("Son haché"),
        "sound_none": _("Pas de son"),
        "picture_good": _("Image nette"),
        "picture_reduced": _("Image réduite"),
        "picture_frozen": _("Image figée"),
        "picture_none": _("Son seul"),
        "picture_out": _("Pas d’image"),
        "quality_cut": _("Interrompu"),
        "quality_measuring": _("Mesure en cours"),
        "quality_fine": _("Tout passe."),
        "quality_reduced": _("L’image est réduite : le son passe d’abord."),
        "quality_no_picture": _("L’image est arrêtée : le son passe d’abord."),
        "quality_choppy_in": _("Le son de la personne se coupe. Demandez-lui de répéter."),
        "quality_choppy_out": _(
            "Votre son se coupe à la borne. Parlez lentement, ou écrivez sur l’écran."
        ),
        "quality_late": _("Le son met du temps à arriver. Laissez finir avant de répondre."),
        "quality_no_sound": _("Vous n’entendez pas la personne. Écrivez-lui, ou téléphonez."),
        "quality_no_sound_out": _("Votre son n’arrive pas à la borne. Écrivez sur l’écran."),
        "quality_muted": _("Votre micro est coupé. La personne ne vous entend pas."),
        # own devices, in the call: they are taken up again without a click
        "camera_busy": _("La caméra est prise par un autre programme. Fermez-le : elle reviendra."),
        "camera_closed": _("La caméra s’est arrêtée. Rebranchez-la : elle reviendra."),
        "camera_unknown": _("La caméra ne s’ouvre pas. Rebranchez-la : elle reviendra."),
        "camera_paused": _(
            "L’ordinateur ou le navigateur a coupé votre caméra. Rouvrez-la dans ses réglages, "
            "ou par la touche de l’appareil."
        ),
        "microphone_busy": _("Le micro est pris par un autre programme. Fermez-le : il reviendra."),
        "microphone_closed": _("Le micro s’est arrêté. Rebranchez-le : il reviendra."),
        "microphone_unknown": _("Le micro ne s’ouvre pas. Rebranchez-le : il reviendra."),
        "microphone_paused": _(
            "L’ordinateur ou le navigateur a coupé votre micro. Rouvrez-le dans ses réglages, "
            "ou par la touche de l’appareil."
        ),
        "speaker_unplugged": _(
            "Votre haut-parleur est débranché. Vous n’entendez plus la personne. Rebranchez-le : "
            "il sera repris."
        ),
        # the kiosk's devices
        "device_camera": _("Caméra de la borne"),
        "device_microphone": _("Micro de la borne"),
        "device_speaker": _("Haut-parleur de la borne"),
        "device_screen": _("Écran de la borne"),
        "status_absent": _("rien n’est branché"),
        "status_not_fitted": _("il n’y en a pas"),
        "status_failed": _("en panne"),
        "status_muted": _("son coupé"),
        "status_unplugged": _("câble débranché"),
        "lack": _("{device} : {status}."),
        "lack_camera": _("Vous ne voyez pas la personne."),
        "lack_microphone": _("Vous n’entendez pas la personne. Écrivez-lui, ou téléphonez."),
        "lack_speaker": _("La personne ne vous entend pas. Écrivez-lui."),
        "lack_screen": _("La personne ne voit pas l’écran. Parlez-lui."),
        # text on the kiosk's screen
        "signs_most": _("120 signes au plus"),
        "signs_one": _("1 signe sur 120"),
        "signs": _("{n} signes sur 120"),
        "signs_over": _("{n} signes sur 120, {over} de trop"),
        "signs_refused": _("C’est trop long pour l’écran. Raccourcissez, puis affichez."),
        "said": _("À l’écran de la borne : « {text} »"),
        "asked_make_wait": _("La borne lui dit d’attendre {minutes} min environ."),
    }


def ready_phrases() -> list[str]:
    """Sentences that an agent shows on the kiosk's screen with one choice."""
    return [
        _("Je vous vois, mais je ne vous entends pas."),
        _("Parlez plus près du micro, s’il vous plaît."),
        _("Montrez la feuille devant la caméra."),
        _("Un instant, je cherche votre dossier."),
        _("Demandez l’aide de l’accueil avec le bouton noir."),
        _("Je vous appelle au téléphone de l’accueil. Restez là."),
    ]


def check_texts() -> dict[str, str]:
    """Sentences of the pre-check."""
    return shared_texts() | {
        "checking": _("Vérification en cours"),
        "not_checked": _("Pas encore vérifié"),
        "good": _("Bon"),
        "bad": _("À régler"),
        "usable": _("Utilisable"),
        "camera_good": _("La caméra donne une image."),
        "camera_black": _(
            "L’image est toute noire. Ouvrez le volet de la caméra, ou allumez la lumière."
        ),
        "microphone_listening": _("Parlez : la barre doit bouger."),
        "microphone_good": _("Le micro vous entend."),
        "microphone_unmeasured": _(
            "Le micro est ouvert. Cet ordinateur ne permet pas d’en mesurer le niveau."
        ),
        "microphone_silent": _(
            "Le micro est ouvert mais n’entend rien. Vérifiez son bouton de coupure, ou "
            "choisissez-en un autre."
        ),
        "speaker_ask": _("Avez-vous entendu trois notes ?"),
        "speaker_good": _("Vous entendez le son."),
        "speaker_bad": _(
            "Montez le volume de l’ordinateur, vérifiez le casque, ou choisissez une autre "
            "sortie. Puis rejouez les notes."
        ),
        "speaker_failed": _(
            "Le son ne peut pas être joué sur cette sortie. Choisissez-en une autre."
        ),
        "speaker_default": _("Sortie choisie par l’ordinateur"),
        "hub_good": _("Le serveur répond en {ms} ms."),
        "hub_bad": _(
            "Le serveur ne répond pas. Vérifiez le réseau. Si cela dure, montrez cette page à "
            "votre service informatique : un pare-feu bloque peut-être la liaison."
        ),
        "media_good": _("Le navigateur sait tenir un appel."),
        "media_bad": _(
            "Le navigateur ne sait pas tenir un appel en vidéo. Une extension ou un réglage "
            "l’en empêche : essayez un autre navigateur."
        ),
        "relay_none": _("Aucun relais n’est réglé. C’est normal sur un réseau local."),
        "relay_good": _("Le relais répond : l’appel passera aussi derrière un pare-feu."),
        "relay_direct": _(
            "Le chemin direct répond. Il n’y a pas de relais : un pare-feu peut encore bloquer "
            "l’appel."
        ),
        "relay_bad": _(
            "Le relais ne répond pas. L’appel passera si le réseau est ouvert. Sinon, montrez "
            "cette page à votre service informatique."
        ),
        "all_good": _("Tout est prêt. Ces choix serviront à l’appel."),
        "all_usable": _("Vous pouvez recevoir. Ce qui reste à régler est dit plus haut."),
        "all_bad": _(
            "Réglez d’abord ce qui est marqué. Sans micro ni caméra, il ne reste que le texte."
        ),
    }
