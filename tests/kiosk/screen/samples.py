"""One believable scene for every state of the screen: for tests, and for the pictures.

The place, the hours and the agents' words are invented; nobody is named.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import av
import cv2
import numpy as np

from kiosk.scene import Ending, Scene, Screen
from kiosk.screen.pictures import FAR_WIDTH, Packer
from signaling.protocol.cards import CallCard, DeviceCard, PlaceCard, ServiceCard, VenueCard

NOW = datetime(2026, 11, 20, 8, 41, tzinfo=UTC)
PHONE = "04 65 71 20 05"
VENUE = VenueCard(
    venue_name="Laragne-Montéglin",
    room_name="Maison de services, bureau visio",
    time_zone="Europe/Paris",
    phone=PHONE,
)


def service(key: str, partner: str, label: str, **more: object) -> ServiceCard:
    return ServiceCard.model_validate(
        {"service_id": key, "partner": partner, "label": label, **more}
    )


SERVICES = (
    service("caf", "CAF", "Allocations, aide au logement", availability="free"),
    service("msa", "MSA", "Santé et famille, agriculture", availability="free"),
    service("ft", "France Travail", "Inscription, actualisation", availability="wait",
            wait_minutes=15),
    service("am", "Assurance maladie", "Remboursements", availability="closed",
            opens_at=NOW + timedelta(hours=3, minutes=49)),
    service("imp", "Impôts", "Particuliers", availability="closed",
            opens_at=NOW + timedelta(days=2, hours=23, minutes=19)),
)  # fmt: skip
MANY = SERVICES + tuple(
    service(f"s{n}", name, "", availability="closed")
    for n, name in enumerate(("Carsat", "Préfecture", "Justice", "Habitat", "Énergie"))
)
LONG = (
    service(
        "cc",
        "Communauté de communes du Briançonnais",
        "Urbanisme, permis de construire et déclarations préalables",
        availability="free",
    ),
    service(
        "am",
        "Assurance maladie – service des prestations en espèces",
        "Arrêts de travail, indemnités journalières",
        availability="wait",
        wait_minutes=120,
    ),
    service(
        "dir", "Direction départementale des territoires", "Aides agricoles", availability="wait"
    ),
    *SERVICES[3:],
    *(
        service(f"l{n}", f"Maison départementale numéro {n}", "Accueil", availability="free")
        for n in range(1, 8)
    ),
)
OF_ONE_PARTNER = (
    *(
        service(f"caf{n}", "CAF", label, availability=availability, wait_minutes=wait)
        for n, (label, availability, wait) in enumerate((
            ("Aide au logement", "free", None),
            ("Prime d’activité, RSA", "wait", 15),
            ("Familles, naissances", "wait", None),
        ))
    ),
    service("msa1", "MSA", "Santé et famille", availability="free"),
    service("msa2", "MSA", "Retraite agricole", availability="wait", wait_minutes=120),
)  # fmt: skip
OK = (
    DeviceCard(kind="camera", status="ok"),
    DeviceCard(kind="microphone", status="ok"),
    DeviceCard(kind="speaker", status="ok"),
)
CALL = CallCard(
    call_id="c1",
    state="connected",
    generation=1,
    kiosk_id="k1",
    venue_name=VENUE.venue_name,
    room_name=VENUE.room_name,
    partner="CAF",
    service="Aide au logement",
    arrived_at=NOW - timedelta(minutes=3),
    until=NOW + timedelta(minutes=34),
    agent_here=True,
    fallback_phone=PHONE,
)


LONG_VENUE = VENUE.model_copy(update={
    "venue_name": "Saint-Étienne-le-Laus et vallée de l’Avance",
    "room_name": "Maison de services au public de la communauté de communes, bureau visio 2",
})  # fmt: skip
LONG_CALL = CALL.model_copy(update={
    "partner": "Assurance maladie – service des prestations en espèces",
    "service": "Arrêts de travail, indemnités journalières",
})  # fmt: skip
LONGEST = (
    "Il manque la signature du propriétaire en bas de la page deux, puis la date, et enfin "
    "votre numéro d’allocataire. Merci"
)
assert len(LONGEST) <= 120


def place(**more: object) -> CallCard:
    card = PlaceCard.model_validate(
        {"agent_told": True, "people_before": 1, "wait_minutes": 10, **more}
    )
    return CALL.model_copy(update={"state": "waiting", "place": card})


def broken(
    kind: str, status: str = "unplugged", among: tuple[DeviceCard, ...] = OK
) -> tuple[DeviceCard, ...]:
    return tuple(
        card.model_copy(update={"status": status}) if card.kind == kind else card for card in among
    )


NONE_WORKS = tuple(card.model_copy(update={"status": "unplugged"}) for card in OK)
BASE = Scene(screen=Screen.HOME, time=NOW, venue=VENUE, services=SERVICES, devices=OK,
             phone=PHONE, volume=7)  # fmt: skip
IN_CALL = replace(BASE, screen=Screen.CALL, call=CALL, far_picture=True, quality="clear")
CODE = replace(BASE, screen=Screen.CODE, digits="48291")
WAITING = replace(BASE, screen=Screen.WAITING, call=place())
WAITING_LONG = replace(
    WAITING, venue=LONG_VENUE,
    call=LONG_CALL.model_copy(update={
        "state": "waiting", "place": place(people_before=12, wait_minutes=150).place}),
)  # fmt: skip
CUT_SINCE = NOW - timedelta(minutes=4)

INTERRUPTED = replace(
    IN_CALL,
    screen=Screen.INTERRUPTED,
    interrupted_since=NOW - timedelta(seconds=24),
    call=CALL.model_copy(
        update={
            "state": "interrupted",
            "attempts": 3,
            "interrupted_at": NOW - timedelta(seconds=24),
            "gives_up_at": NOW + timedelta(seconds=156),
        }
    ),
)


def ending(reason: str | None, **more: object) -> Scene:
    end = Ending(call_id="c1", partner="CAF", reason=reason, phone=PHONE, **more)  # type: ignore[arg-type]
    return replace(BASE, screen=Screen.ENDED, ending=end)


SAMPLES: dict[str, Scene] = {
    "starting": Scene(screen=Screen.STARTING, time=NOW),
    "not-enrolled": Scene(screen=Screen.NOT_ENROLLED, time=NOW),
    "offline": replace(BASE, screen=Screen.OFFLINE, cut_since=CUT_SINCE),
    "closed": replace(BASE, screen=Screen.CLOSED),
    "too-old": replace(BASE, screen=Screen.TOO_OLD),
    "too-new": replace(BASE, screen=Screen.TOO_NEW),
    "home": BASE,
    "home-none": replace(BASE, services=()),
    "home-many": replace(BASE, services=MANY),
    "home-long": replace(BASE, services=LONG, venue=LONG_VENUE),
    "home-of-one-partner": replace(BASE, services=OF_ONE_PARTNER),
    "home-notice": replace(BASE, notice="service_closed"),
    "home-low": replace(BASE, low_controls=True),
    "code": CODE,
    "code-empty": replace(CODE, digits=""),
    "code-error": replace(CODE, digits="48291357", notice="code_unknown"),
    "code-longest": replace(CODE, digits="4829135", code_digits=12),
    "code-not-a-convocation": replace(CODE, digits="", notice="not_a_convocation"),
    "code-no-camera": replace(CODE, devices=broken("camera")),
    "code-low": replace(CODE, low_controls=True),
    "checking": replace(CODE, screen=Screen.CHECKING, digits="48291357"),
    "code-none": replace(CODE, digits="", overlay="no_code"),
    "code-none-closed": replace(CODE, digits="", overlay="no_code", services=()),
    "waiting": WAITING,
    "waiting-heard": replace(WAITING, heard=True),
    "waiting-slow": replace(WAITING, heard=True, line_slow=True),
    "waiting-phone": replace(WAITING, overlay="phone"),
    "waiting-unknown": replace(
        WAITING, call=place(agent_told=False, people_before=0, wait_minutes=None),
        devices=broken("microphone"),
    ),
    "waiting-no-device": replace(WAITING, devices=NONE_WORKS),
    "waiting-all-warns": replace(WAITING, devices=NONE_WORKS, cut_since=CUT_SINCE),
    "waiting-asked": replace(WAITING, call=place(asked_to_wait_minutes=5, people_before=0)),
    "waiting-cut": replace(WAITING, cut_since=CUT_SINCE),
    "waiting-long": WAITING_LONG,
    "waiting-long-no-device": replace(WAITING_LONG, devices=NONE_WORKS),
    "admitted": replace(BASE, screen=Screen.ADMITTED,
                        call=CALL.model_copy(update={"state": "admitted"})),
    "admitted-no-camera": replace(BASE, screen=Screen.ADMITTED, devices=broken("camera"),
                                  call=CALL.model_copy(update={"state": "admitted"})),
    "call": IN_CALL,
    "call-awaited": replace(IN_CALL, quality=None, far_picture=False, picture_awaited=True),
    "call-begins": replace(IN_CALL, quality=None),
    "call-reduced": replace(IN_CALL, quality="reduced"),
    "call-frozen": replace(IN_CALL, quality="frozen"),
    "call-slow": replace(IN_CALL, quality="slow"),
    "call-choppy": replace(IN_CALL, quality="choppy"),
    "call-sound-choppy": replace(IN_CALL, quality="choppy", far_picture=False),
    "call-soundless": replace(IN_CALL, quality="soundless"),
    "call-nothing-arrives": replace(IN_CALL, quality="soundless", far_picture=False),
    "call-agent-no-camera-soundless": replace(
        IN_CALL, quality="soundless", far_picture=False, agent_devices=broken("camera")
    ),
    "call-said-longest": replace(IN_CALL, said_at=NOW, said=LONGEST),
    "call-everything": replace(
        IN_CALL, said_at=NOW, said=LONGEST, muted=True, call=LONG_CALL, venue=LONG_VENUE,
        devices=NONE_WORKS,
    ),
    "call-said": replace(IN_CALL, said_at=NOW, said="Regardez la case entourée. "
                         "Il manque la signature du propriétaire."),
    "call-sound-only": replace(IN_CALL, far_picture=False),
    "call-no-camera": replace(IN_CALL, devices=broken("camera")),
    "call-no-microphone": replace(IN_CALL, devices=broken("microphone")),
    "call-no-speaker": replace(IN_CALL, devices=broken("speaker")),
    "call-sound-only-muted": replace(IN_CALL, far_picture=False, muted=True),
    "call-agent-no-camera": replace(IN_CALL, agent_devices=broken("camera")),
    "call-agent-no-speaker": replace(IN_CALL, agent_devices=broken("speaker")),
    "call-agent-nothing": replace(
        IN_CALL, far_picture=False,
        agent_devices=NONE_WORKS,
    ),
    "call-muted": replace(IN_CALL, muted=True),
    "call-muted-soundless": replace(IN_CALL, muted=True, quality="soundless"),
    "interrupted": INTERRUPTED,
    "interrupted-long": replace(INTERRUPTED, venue=LONG_VENUE),
    "interrupted-alone": replace(
        IN_CALL, screen=Screen.INTERRUPTED, interrupted_since=NOW - timedelta(seconds=75),
        cut_since=NOW - timedelta(seconds=70),
    ),
    "ended-agent": ending("hung_up_by_agent"),
    "ended-left": ending("left_by_citizen"),
    "ended-by-phone": ending("left_by_citizen", by_phone=True),
    "ended-line-fault": ending("line_fault"),
    "ended-kiosk-fault": ending("kiosk_fault"),
    "ended-agent-lost": ending("agent_lost"),
    "ended-agent-absent": ending("agent_absent"),
    "ended-away": ending(None),
    "refused-other-day": ending("refused", refusal="other_day"),
    "refused-by-phone": ending("refused", refusal="by_phone"),
    "refused-wrong-service": ending("refused", refusal="wrong_service"),
    "refused-missing-document": ending(
        "refused", refusal="missing_document", text="Apportez votre bail signé."
    ),
    "help-asked": replace(BASE, overlay="help", help="asked"),
    "help-coming": replace(WAITING, overlay="help", help="coming"),
    "help-nobody": replace(BASE, overlay="help", help="nobody"),
    "leave-waiting": replace(WAITING, overlay="leave"),
    "leave-call": replace(IN_CALL, overlay="leave"),
    "still-there": replace(CODE, overlay="still_there", seconds_left=18),
}  # fmt: skip


def far_picture() -> bytes:
    """Somebody at a desk, drawn: for pictures of the call."""
    image = np.full((720, 1280, 3), (207, 204, 200), np.uint8)
    cv2.rectangle(image, (90, 60), (330, 380), (190, 182, 176), 14)
    for x, y in ((930, 80), (1010, 60), (1060, 90)):
        cv2.rectangle(image, (x, y), (x + 50, 200), (190, 182, 176), -1)
    cv2.line(image, (880, 205), (1180, 205), (190, 182, 176), 8)
    _person(image, (640, 330), 1.0)
    return _packed(image)


def self_picture(qr: str = "") -> bytes:
    """The citizen's side, drawn; with a text, a sheet with its QR is held up."""
    image = np.full((360, 480, 3), (221, 218, 214), np.uint8)
    _person(image, (240, 170), 0.5)
    if qr:
        sheet = qr_picture(qr, 150)
        cv2.rectangle(image, (150, 130), (340, 355), (236, 236, 236), -1)
        image[160 : 160 + sheet.shape[0], 170 : 170 + sheet.shape[1]] = sheet[:, :, None]
    return _packed(image)


def qr_picture(text: str, side: int) -> np.ndarray:
    """A QR as a grey picture about `side` pixels wide, with its quiet zone."""
    code = cv2.QRCodeEncoder.create().encode(text)
    code = cv2.copyMakeBorder(code, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=255)
    scale = max(1, side // code.shape[0])
    return np.kron(code, np.ones((scale, scale), np.uint8))


def _person(image: np.ndarray, at: tuple[int, int], size: float) -> None:
    x, y = at
    body, skin, hair = (115, 110, 103), (140, 136, 129), (112, 107, 100)
    cv2.ellipse(image, (x, y + int(420 * size)), (int(330 * size), int(240 * size)), 0, 180, 360,
                body, -1)  # fmt: skip
    cv2.rectangle(image, (x - int(330 * size), y + int(418 * size)),
                  (x + int(330 * size), image.shape[0]), body, -1)  # fmt: skip
    cv2.rectangle(image, (x - int(55 * size), y + int(80 * size)),
                  (x + int(55 * size), y + int(230 * size)), skin, -1)  # fmt: skip
    cv2.ellipse(image, (x, y), (int(118 * size), int(150 * size)), 0, 0, 360, skin, -1)
    cv2.ellipse(image, (x, y - int(40 * size)), (int(122 * size), int(118 * size)), 0, 180, 360,
                hair, -1)  # fmt: skip


def _packed(image: np.ndarray) -> bytes:
    return Packer(FAR_WIDTH).pack(av.VideoFrame.from_ndarray(image, format="bgr24"))
