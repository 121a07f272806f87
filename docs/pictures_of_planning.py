"""The planning, what is moved in it, the desk's bookings, day sheets, doors, the audit trail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Page

from bench.stack import Stack
from docs.camera import Camera
from docs.deeds import Shot, click, offline
from docs.pictures_of_pages import go, password_of

MOVABLE = "a.entry[data-move]:visible"


def carried(page: Page) -> None:
    """An appointment on its way, by keyboard."""
    page.wait_for_selector("html[data-line=open]")
    page.locator(MOVABLE).first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")


def asked(page: Page) -> None:
    """The question before the move."""
    carried(page)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog form")


def overtaken(page: Page) -> None:
    """Somebody else was quicker: both versions."""
    asked(page)
    entry_id = page.locator("dialog input[name=id]").input_value()
    other = page.context.new_page()
    other.goto(f"{page.url.split('/planning')[0]}/planning/move?kind=appointment&id={entry_id}")
    other.locator("#f-time").fill("3 h 30")
    click("main form button.go")(other)
    other.close()
    page.locator("dialog button.go").click()
    page.wait_for_selector("dialog #errors")


def refused(page: Page) -> None:
    """An hour that is none."""
    asked(page)
    page.locator("#f-time").fill("midi")
    page.locator("dialog button.go").click()
    page.wait_for_selector("dialog #errors")


def given(page: Page) -> None:
    """The address of a door, shown once."""
    page.locator("a[href^='/planning/doors/']").first.click()
    page.wait_for_load_state()
    click("main .doors button")(page)


def door(page: Page) -> None:
    """The screen itself."""
    given(page)
    page.goto(page.locator("code.command").inner_text().strip())
    page.locator(".moment:visible").wait_for()


SHEET = "a[href^='/planning/sheet']"
PAGES: dict[str, tuple[Shot, ...]] = {
    "accueil-gap": (
        Shot("planning-week", "/planning"),
        Shot("planning-day", "/planning?view=day"),
        Shot("planning-all-hours", "/planning?view=day&whole=1"),
        Shot("planning-carried", "/planning?view=day", carried),
        Shot("planning-asked", "/planning?view=day", asked),
        Shot("planning-no-hour", "/planning?view=day", refused),
        Shot("planning-no-day", "/planning?day=x"),
        Shot("door-address", "/planning", given),
        Shot("door", "/planning", door),
        Shot("planning-overtaken", "/planning?view=day", overtaken),
        Shot("appointment-trail", "/appointments", click("main li a", "a[href$='/trail']")),
        Shot("planning-offline", "/planning", offline),  # its page has no line any more
        Shot("day-sheet", "/planning", click(SHEET)),
    ),
    "caf1": (Shot("planning-agent", "/planning"),),
    "coordination": (
        Shot("trail", "/trail"),
        Shot("trail-empty", "/trail?subject=none"),
        Shot("planning-coordination", "/planning?view=day"),
    ),
}


def everyday(camera: Camera, running: Stack) -> None:
    """All of them, and the day sheet on paper."""
    for login, shots in PAGES.items():
        if not any(camera.wants(shot.name) for shot in shots):
            continue
        with camera.signed_in(running.origin, login, password_of(running)) as page:
            for shot in shots:
                if camera.wants(shot.name):
                    arrive: Callable[[], object] = partial(go, page, running.origin, shot)
                    camera.attempt(shot.name, arrive, page)
            if login == "accueil-gap" and camera.wants("day-sheet") and camera.size == "desktop":
                camera.print_out(page, "day-sheet-paper")
