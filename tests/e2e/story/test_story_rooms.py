"""A coordinator books three rooms at once and joins: one of them calls from its kiosk."""

from __future__ import annotations

import lens
import pytest
from browsers import Browser, Page
from lens import FAR_AT_KIOSK, FAR_IN_BROWSER
from people import Agent, Citizen, lands, last_record, sign_in
from stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LOGIN, NAME = "coordination", "Coordination, Hautes-Alpes"
ROOMS = ("Bureau visio 1", "Bureau visio 3", "Atelier partagé")
"""All at the télécentre, which is open whatever the hour; in the first stands the kiosk that
runs."""


async def books_three_rooms(page: Page, stack: Stack) -> None:
    """The first time at which all three are free, with a visio."""
    await page.open(f"{stack.hub_url}/bookings/new")
    await page.type("#f-length", "30")
    for room in ROOMS:
        await page.click(f"[role=group][aria-label^=Gap] label:has-text('{room}')")
    await page.click("button.go[name=show]")
    await lands(page, "Boolean(document.querySelector('.slots.wide input'))")
    await page.click(".slots.wide label.slot")
    await page.click("label:has([name=visio])")
    await page.click("button[name=price]")
    await lands(page, "Boolean(document.querySelector('button.go[name=book]'))")
    await page.click("button.go[name=book]")
    await lands(page, "/^.bookings.[0-9a-f]+$/.test(location.pathname)")
    await page.sees("Les salles sont réservées.")


async def test_three_rooms_are_booked_and_joined(
    stack: Stack, desk: Browser, citizen: Citizen
) -> None:
    page = await desk.new_page()
    await lens.preload_studio(page)
    await sign_in(page, stack, LOGIN)
    await books_three_rooms(page, stack)
    await page.click("a[href$='/visio']")
    for room in ROOMS:
        await page.sees(room)
    await page.sees("La salle n’a pas encore appelé")

    await citizen.page.resize(1920, 1080)  # a kiosk's: smaller ones leave out who is called
    await citizen.calls(NAME)
    await citizen.reaches("waiting")
    await page.sees("La salle vous attend", within_s=3)
    coordinator = Agent(stack, page, LOGIN)
    await coordinator.admits()
    await citizen.reaches("call")
    await lens.watch(page, "far", FAR_IN_BROWSER)
    await lens.watch(citizen.page, "far", FAR_AT_KIOSK)
    await lens.numbers(page)
    await lens.numbers(citizen.page)

    # a room that has hung up may call again, and the others have not been heard yet
    await coordinator.hangs_up()
    await citizen.reaches("ended")
    row = await last_record(stack)
    assert (row["Organisme"], row["Agent"]) == ("Salle réservée", NAME)
    assert row["Fin, code"] == "hung_up_by_agent"
    await page.click("#to-day")
    await lands(page, "/visio$/.test(location.pathname)")
    await page.sees("La salle n’a pas encore appelé")
    await page.close()
