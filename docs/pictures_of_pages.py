"""The hub's pages: everyday, with mistakes in forms, crowded, empty and broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from playwright.sync_api import Page, WebSocketRoute

from bench.stack import Stack
from docs.camera import Camera

LIVE_PARTS_MS = 300  # live parts arrive; a picture taken early would show them loading


@dataclass(frozen=True)
class Shot:
    """A page of the hub: its name, its address, what is done there before the picture."""

    name: str
    path: str
    then: Callable[[Page], object] | None = None


def click(*selectors: str) -> Callable[[Page], object]:
    """Click one after another; each may lead to a page."""

    def do(page: Page) -> None:
        for selector in selectors:
            page.locator(selector).first.click()
            page.wait_for_load_state()

    return do


def sign_in_wrongly(page: Page) -> None:
    """A name and a password that nobody has."""
    page.fill("#f-login", "personne")
    page.fill("#f-password", "un mot de passe inexact")
    page.click("main form button.go")


def venue_with_mistakes(page: Page) -> None:
    """A form sent with some fields empty and others wrong."""
    page.fill("#f-name", "Mairie d’un village")
    page.fill("#f-postcode", "5")
    page.fill("#f-latitude", "beaucoup")
    page.click("main form.sheet-form button.go")
    page.wait_for_load_state()


def lost_update(page: Page) -> None:
    """Two tabs with one form; this one comes second."""
    click(FIRST_ROW)(page)
    other = page.context.new_page()
    other.goto(page.url)
    for tab, street in ((other, "4 bis rue du Relais"), (page, "6 rue du Relais")):
        tab.fill("#f-street", street)
        tab.click("main form.sheet-form button.go")
        tab.wait_for_load_state()
    other.close()


def free_times(page: Page) -> None:
    """Service and kiosk chosen: days and hours are shown."""
    page.select_option("#f-service_id", index=1)
    page.select_option("#f-kiosk_id", index=2)
    click("button[name=show]")(page)


def booking_without_hour(page: Page) -> None:
    """Everything but the hour."""
    free_times(page)
    click("button[name=book]")(page)


def enrolment_code(page: Page) -> None:
    """A code for a kiosk that is not the one in use."""
    page.locator("main .things a").nth(3).click()
    page.wait_for_load_state()
    click("main form[action$='/code'] button")(page)


def given_password(page: Page) -> None:
    """A new password, shown once."""
    click(FIRST_ROW)(page)
    click("button[name=set_password]")(page)


def of_a_line(name: str) -> Callable[[Page], object]:
    """A page of the first line."""

    def do(page: Page) -> None:
        href = page.locator(FIRST_ROW).first.get_attribute("href") or ""
        origin = page.url.partition("/admin")[0]
        page.goto(f"{origin}{href.removeprefix('/admin')}/{name}")

    return do


def modem_with_mistakes(page: Page) -> None:
    """An address that is none, and no community."""
    of_a_line("modem")(page)
    page.fill("#f-host", "le modem")
    click("main form.sheet-form button.go")(page)


def table_with_mistakes(page: Page) -> None:
    """A table with a room too small, and one in a place that nobody knows."""
    page.select_option("#f-kind", "rooms")
    table = "Lieu;Nom;Places\nNulle part;Petite salle;4\nTélécentre de Gap;Placard;0\n"
    file = {"name": "salles.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.set_input_files("#f-file", file)  # type: ignore[arg-type]  # playwright's own TypedDict
    click("main form.sheet-form button.go")(page)


def data_of_a_person(page: Page) -> None:
    """From the record of an account."""
    click(FIRST_ROW, "main aside a[href^='/admin/data']")(page)


def day_that_is_none(page: Page) -> None:
    """A day in another country's order."""
    page.fill("#f-from", "11/31/2026")
    click("form.filters button")(page)


def too_much(page: Page) -> None:
    """More than a form may carry."""
    page.evaluate("""() => {
      const field = document.querySelector('#f-new');
      field.value = 'x'.repeat(70_000);
      field.form.submit();
    }""")
    page.get_by_text("413").wait_for()


def too_often(page: Page) -> None:
    """The password of one account, guessed until the hub says wait."""
    for _ in range(12):
        page.fill("#f-login", "admin")
        page.fill("#f-password", "un mot de passe inexact")
        click("main form button.go")(page)


class Wire:
    """The page's line to the hub, which can be away for a while."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._routes: list[WebSocketRoute] = []
        self._away = False
        page.route_web_socket("**/signaling/**", self._answer)

    def _answer(self, route: WebSocketRoute) -> None:
        if self._away:
            route.close()
            return
        route.connect_to_server()
        self._routes.append(route)

    def cut(self) -> None:
        """The hub is away: what is open closes, nothing new opens."""
        self._away = True
        self._page.route("**/healthz", lambda route: route.abort())
        for route in self._routes:
            route.close()
        self._routes.clear()

    def restore(self) -> None:
        """The hub is back."""
        self._away = False
        self._page.unroute("**/healthz")


def offline(page: Page) -> None:
    """The list as it stands while the hub is away."""
    wire = Wire(page)
    page.reload()
    page.wait_for_selector("html[data-line=open]")
    wire.cut()
    page.wait_for_selector("#offline:not([hidden])")


def print_last(page: Page) -> None:
    """The convocation of the last one on the page."""
    page.locator(OPEN_APPOINTMENT).last.click()
    page.wait_for_load_state()
    click("main form[action$='/convocation'] button")(page)


def room_times(page: Page) -> None:
    """A room and two hours chosen: days and hours are shown, and why some are closed."""
    page.get_by_role("group", name="Veynes").get_by_role("checkbox").last.check()
    page.locator("button[name=show]").last.click()
    page.wait_for_load_state()


def room_without_hour(page: Page) -> None:
    """Everything but the hour."""
    room_times(page)
    click("button[name=price]")(page)


def room_price(page: Page, repeat: str = "") -> None:
    """The price, how it was made, and the journey that is saved."""
    page.select_option("#f-account", index=1)
    room_times(page)
    page.locator("input[name=slot]").last.check(force=True)
    page.check("input[name=visio]")
    page.select_option("#f-far", "paris")
    page.select_option("#f-repeat", repeat)
    page.fill("#f-times", "6")
    click("button[name=price]")(page)


def room_series(page: Page) -> None:
    """All dates of a series, each with its answer."""
    room_price(page, "FREQ=WEEKLY")


def negative_price(page: Page) -> None:
    """A slip of the hand in the price list."""
    page.fill("[name='tariffs.0.two_hours']", "-3")
    page.locator("main button.go").click()
    page.wait_for_load_state()


FIRST_BOOKING = "main .own a"
VISIO_BOOKING = "main .own li:has-text('avec visio') a, main .own li:has-text('with video') a"
STATEMENT = "main a[href^='/statements']"


def first_slots(page: Page) -> None:
    """The first free slots near a commune."""
    page.select_option("#f-service_id", label="Aide au logement")
    page.fill("#f-place", "Serres")
    click("form.seek button.go")(page)


def chosen_slot(page: Page) -> None:
    """A slot pressed: what the person needs."""
    first_slots(page)
    click(".firstslots .slot a")(page)


def booked_alone(page: Page) -> None:
    """The paper, then the citizen's own page."""
    chosen_slot(page)
    click("main form.booking button.go", ".tools a")(page)


def waits(page: Page) -> None:
    """On the waiting list of a venue."""
    first_slots(page)
    service_id = page.input_value("#f-service_id")
    venue = page.locator(".venues > li").first.get_attribute("id") or ""
    origin = page.url.partition("/near")[0]
    page.goto(f"{origin}/wait?service_id={service_id}&venue_id={venue[2:]}")


def joins(page: Page) -> None:
    """On the list, and told so."""
    waits(page)
    page.check("input[name=venue_ids] >> nth=0")
    page.fill("#f-initials", "F. B.")
    click("main form.booking button.go")(page)


def compare_lines(page: Page) -> None:
    """Two lines with measurements, side by side."""
    for town in ("Rosans", "Guillestre"):
        page.locator(f".lines li:has-text('{town}') input[name=line]").check()
    click(".underlist button")(page)


def works_with_mistakes(page: Page) -> None:
    """An end before the beginning."""
    click(FIRST_LINE, "main a[href$='/works']")(page)
    page.fill("#f-end_time", "0 h")
    page.fill("#f-reason", "Passage de l’opérateur")
    click("main form.sheet-form button.go")(page)


FIRST_LINE = "main .lines .place a"
FIRST_ROW = "main .things a.at"
OPEN_APPOINTMENT = "main li:has-text('Prévu') a, main li:has-text('Planned') a"
CANCEL = "main details summary"
MOVE = "main a[href$='/move']"
FIRST_KIOSK = "main a[href^='/kiosks/']"
NOT_INSTALLED = "main .kiosks > :last-child a"

TABLES = ("calls", "trail", "admin-venues", "accounts", "lines", "waiting", "agent-day")
"""Beginnings of the names of pages with wide tables."""

PAGES: dict[str, tuple[Shot, ...]] = {
    "": (
        Shot("public", "/"),
        Shot("sign-in", "/sign-in"),
        Shot("sign-in-wrong", "/sign-in", sign_in_wrongly),
        Shot("not-found", "/no-such-page"),
        Shot("public-nothing-found", "/?word=Paris"),
        Shot("near", "/near", first_slots),
        Shot("near-unknown", "/near?place=Paris"),
        Shot("near-rooms", "/near?what=room&place=Serres"),
        Shot("needs", "/near", chosen_slot),
        Shot("own-appointment", "/near", booked_alone),
        Shot("my", "/my"),
        Shot("wait", "/near", waits),
        Shot("waiting-citizen", "/near", joins),
    ),
    "caf1": (
        Shot("agent-day", "/agent"),
        Shot("agent-check", "/agent/check"),
        Shot("permanences", "/permanences"),
        Shot("waiting", "/waiting"),
        Shot("waiting-one", "/waiting", click("main .rows .act a")),
        Shot("permanence-new", "/permanences/new"),
        Shot("appointments", "/appointments"),
        Shot("account", "/account"),
        Shot("calendars", "/calendars"),
        Shot("help", "/help"),
        Shot("forbidden", "/admin"),
        Shot("too-large", "/account", too_much),
        Shot("appointments-no-day", "/appointments", day_that_is_none),
        Shot("agent-day-offline", "/agent", offline),
    ),
    "accueil-gap": (
        Shot("reception", "/reception"),
        Shot("appointment-new", "/appointments/new"),
        Shot("appointment-new-times", "/appointments/new", free_times),
        Shot("appointment-new-mistake", "/appointments/new", booking_without_hour),
        Shot("appointment", "/appointments", click(OPEN_APPOINTMENT)),
        Shot("appointment-cancel", "/appointments", click(OPEN_APPOINTMENT, CANCEL)),
        Shot("appointment-move", "/appointments", click(OPEN_APPOINTMENT, MOVE)),
    ),
    "admin": (
        Shot("admin", "/admin"),
        Shot("connections", "/connections"),
        *(
            Shot(f"admin-{kind}", f"/admin/{kind}")
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        *(
            Shot(f"admin-{kind}-one", f"/admin/{kind}", click(FIRST_ROW))
            for kind in ("venues", "lines", "rooms", "kiosks", "partners", "services", "people")
        ),
        Shot("admin-venue-new", "/admin/venues/new"),
        Shot("admin-line-terms", "/admin/lines", click(FIRST_ROW, "aside a[href$='/terms']")),
        Shot("line-modem", "/admin/lines", of_a_line("modem")),
        Shot("line-modem-mistakes", "/admin/lines", modem_with_mistakes),
        Shot("line-speed", "/admin/lines", of_a_line("speed")),
        Shot("admin-venue-mistakes", "/admin/venues/new", venue_with_mistakes),
        Shot("admin-venue-meanwhile", "/admin/venues", lost_update),
        Shot("admin-kiosk-code", "/admin/kiosks", enrolment_code),
        Shot("admin-password", "/admin/people", given_password),
        Shot("admin-imports", "/admin/imports"),
        Shot("admin-import-mistakes", "/admin/imports", table_with_mistakes),
        Shot("admin-data", "/admin/data"),
        Shot("admin-data-person", "/admin/people", data_of_a_person),
    ),
    "coordination": (
        Shot("use", "/usage"),
        Shot("use-by-week", "/usage?by=week"),
        Shot("calls", "/calls"),
        Shot("accounts", "/accounts"),
        Shot("room-account", "/accounts", click("main .things a.at")),
        Shot("organisation", "/organisations/new"),
        Shot("prices", "/prices"),
        Shot("prices-mistake", "/prices", negative_price),
        Shot("places", "/places"),
        Shot("place-rules", "/places", click("main a:has-text('Embrun')")),
        Shot("desk-rules", "/places", click("main a:has-text('Accueil')")),
        Shot("school-holidays", "/school-holidays"),
    ),
    "technique": (
        Shot("kiosks", "/kiosks"),
        Shot("kiosk", "/kiosks", click(FIRST_KIOSK)),
        Shot("kiosk-not-installed", "/kiosks", click(NOT_INSTALLED)),
        Shot("kiosks-offline", "/kiosks", offline),
        Shot("lines", "/lines"),
        Shot("line-out", "/lines", click(FIRST_LINE)),
        Shot("line-week", "/lines?word=Rosans", click(FIRST_LINE, "a[data-window='span=week']")),
        Shot("line-not-measured", "/lines?grade=never", click(FIRST_LINE)),
        Shot("lines-nothing-found", "/lines?word=Paris"),
        Shot("lines-compare", "/lines", compare_lines),
        Shot("line-works-mistake", "/lines", works_with_mistakes),
    ),
    "professionnel": (
        Shot("venues", "/venues"),
        Shot("help-professional", "/help"),
        Shot("bookings", "/bookings"),
        Shot("booking", "/bookings", click(FIRST_BOOKING)),
        Shot("booking-cancel", "/bookings", click(FIRST_BOOKING, CANCEL)),
        Shot("booking-move", "/bookings", click(FIRST_BOOKING, MOVE)),
        Shot("booking-visio", "/bookings", click(VISIO_BOOKING, "main a[href$='/visio']")),
        Shot("booking-new", "/bookings/new"),
        Shot("booking-times", "/bookings/new", room_times),
        Shot("booking-price", "/bookings/new", room_price),
        Shot("booking-series", "/bookings/new", room_series),
        Shot("booking-mistake", "/bookings/new", room_without_hour),
        Shot("statement", "/bookings", click(STATEMENT)),
    ),
}  # fmt: skip

CROWDED: dict[str, tuple[Shot, ...]] = {
    "": (Shot("crowded-public", "/"),),
    "caf1": (Shot("crowded-agent-day", "/agent"), Shot("crowded-appointments", "/appointments")),
    "technique": (
        Shot("crowded-kiosks", "/kiosks"),
        Shot("crowded-kiosks-word", "/kiosks?word=commune+18"),
        Shot("crowded-lines", "/lines"),
    ),
    "accueil-gap": (Shot("crowded-appointment-new", "/appointments/new", free_times),),
    "admin": (Shot("crowded-admin-venues", "/admin/venues"),),
    "professionnel": (Shot("crowded-venues", "/venues"),),
}

EMPTY = (
    ("empty-admin", "/admin"), ("empty-admin-venues", "/admin/venues"), ("empty-kiosks", "/kiosks"),
    ("empty-lines", "/lines"),
    ("empty-appointments", "/appointments"), ("empty-calls", "/calls"), ("empty-use", "/usage"),
    ("empty-venues", "/venues"),
)  # fmt: skip


def password_of(running: Stack) -> str:
    """The demo's one password."""
    return str(running.territory["sign_ins"][0]["password"])


def go(page: Page, origin: str, shot: Shot) -> None:
    """To the page of a shot."""
    page.goto(origin + shot.path)
    if shot.then:
        shot.then(page)
    page.wait_for_load_state()
    page.wait_for_timeout(LIVE_PARTS_MS)


def everyday(camera: Camera, running: Stack) -> None:
    """Every page of every role, and the convocation as a page and on paper."""
    _take(camera, running, PAGES)
    if camera.wants("convocation"):
        with camera.signed_in(running.origin, "accueil-gap", password_of(running)) as page:
            shot = Shot(
                "convocation", "/appointments",
                print_last,
            )  # fmt: skip
            camera.attempt("convocation", partial(go, page, running.origin, shot), page)
            if camera.size == "desktop":
                camera.print_out(page, "convocation-paper")


def troubled(camera: Camera, running: Stack) -> None:
    """Within `extremes.trouble_at`."""
    _take(camera, running, {"accueil-gap": (Shot("reception-trouble", "/reception"),)})


def new_here(camera: Camera, running: Stack, password: str) -> None:
    """The day of an agent who has no appointment yet."""
    with camera.signed_in(running.origin, "nouveau", password) as page:
        shot = Shot("agent-day-empty", "/agent")
        camera.attempt(shot.name, partial(go, page, running.origin, shot), page)


def crowded(camera: Camera, running: Stack) -> None:
    """After `crowd`."""
    _take(camera, running, CROWDED)


def _take(camera: Camera, running: Stack, pages: dict[str, tuple[Shot, ...]]) -> None:
    for login, shots in pages.items():
        if not any(camera.wants(shot.name) for shot in shots):
            continue
        with camera.signed_in(running.origin, login, password_of(running)) as page:
            for shot in shots:
                if camera.wants(shot.name):
                    camera.attempt(shot.name, partial(go, page, running.origin, shot), page)


def empty(camera: Camera, origin: str, password: str) -> None:
    """What a newcomer's administrator and the public see."""
    with camera.page() as page:
        camera.attempt("empty-public", lambda: go(page, origin, Shot("", "/")), page)
    with camera.signed_in(origin, "admin", password) as page:
        for name, path in EMPTY:
            camera.attempt(name, partial(go, page, origin, Shot("", path)), page)


def guessed(camera: Camera, origin: str) -> None:
    """Too many wrong passwords; nobody signs in with that account for a while."""
    with camera.signed_in(origin, "", "") as page:
        shot = Shot("too-often", "/sign-in", too_often)
        camera.attempt(shot.name, partial(go, page, origin, shot), page)


def broken(camera: Camera, origin: str) -> None:
    """The page of an unexpected fault, with its number."""
    with camera.page() as page:
        camera.attempt("fault", lambda: go(page, origin, Shot("", "/")), page)
