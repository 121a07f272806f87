"""What is done on a page of the hub before its picture is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, WebSocketRoute

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
    page.fill("#f-far", "Paris")
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
