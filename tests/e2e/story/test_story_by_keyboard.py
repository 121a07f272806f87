"""The whole story without a pointer, at both ends."""

from __future__ import annotations

import re

import lens
import pytest
from browsers import Browser
from keyboard import Keyboard
from lens import FAR_AT_KIOSK
from people import Agent, Citizen, Office, lands, last_record
from stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SERVICE = "Question rapide"
FONT_PX = "parseFloat(getComputedStyle(document.querySelector('.said p')).fontSize)"
LARGE_PX = 38
"""The large size of the kiosk's screen, at its smallest (kiosk/screen/static/base.css)."""


async def signs_in(keys: Keyboard, stack: Stack, login: str) -> None:
    await keys.page.open(f"{stack.hub_url}/sign-in")
    await keys.writes("#f-login", login)
    await keys.writes("#f-password", stack.password)
    await keys.page.press("Enter")
    await lands(keys.page, "location.pathname === '/agent' && document.readyState === 'complete'")


async def checks_the_desk(keys: Keyboard) -> None:
    await keys.presses("a[href='/agent/check']")
    await lands(keys.page, "Boolean(document.querySelector('#start'))")
    await keys.presses("#start")
    await keys.page.sees("Le navigateur sait tenir un appel.")
    await keys.presses("#play")
    await keys.presses("#heard")
    await keys.page.sees("Tout est prêt.")
    await keys.presses("#end a.go")
    await lands(keys.page, "location.pathname === '/agent' && document.readyState === 'complete'")


async def calls(keys: Keyboard, citizen: Citizen) -> None:
    """A service without an appointment."""
    rows = "[...document.querySelectorAll('.services button.row')]"
    wish = await keys.page.until(
        f"JSON.parse({rows}.find(row => row.innerText.includes({SERVICE!r}))"
        "?.dataset.action ?? 'null')"
    )
    await keys.does(wish["do"], wish["value"])
    await citizen.reaches("waiting")


async def test_all_by_keyboard(
    stack: Stack, desk: Browser, citizen: Citizen, reception: Office
) -> None:
    paper = await reception.books("Aide au logement")
    page = await desk.new_page()
    await page.open(f"{stack.hub_url}/sign-in")
    if not await page.evaluate("location.pathname === '/sign-in'"):
        await Keyboard(page).presses("form[action='/sign-out'] button")
        await lands(page, """!document.querySelector("form[action='/sign-out']")""")
    await lens.preload_studio(page)
    at_desk, at_kiosk = Keyboard(page), Keyboard(citizen.page)
    await signs_in(at_desk, stack, "caf1")
    await checks_the_desk(at_desk)
    agent = Agent(stack, page, "caf1")

    # somebody comes, is asked to wait, and is not received
    await calls(at_kiosk, citizen)
    await at_desk.presses("[data-focus=more]")
    await at_desk.writes("form[data-wire=make_wait] [name=minutes]", "20")
    await at_desk.presses("form[data-wire=make_wait] button")
    await citizen.page.sees("Comptez encore 20 minutes.", within_s=3)
    await at_desk.presses("[data-focus=more]")
    await at_desk.chooses("form[data-wire=refuse] [name=reason]", "missing_document")
    await at_desk.writes("form[data-wire=refuse] [name=text]", "Apportez votre bail.")
    await at_desk.presses("form[data-wire=refuse] button")
    await citizen.page.sees("Il manque un document.")
    await citizen.page.sees("Apportez votre bail.")
    await at_kiosk.does("done")

    # somebody has a code
    await at_kiosk.does("start_code")
    await citizen.reaches("code")
    await citizen.page.write(re.sub(r"\D", "", paper.code))
    await citizen.reaches("waiting")
    await at_desk.presses("[data-focus=admit]")
    await lands(page, "document.querySelector('#stage')?.dataset.phase === 'live'", within_s=20)
    await citizen.reaches("call")
    await lens.watch(citizen.page, "far", FAR_AT_KIOSK)
    await lens.numbers(citizen.page)

    await page.press("e")
    await page.write("Montrez la feuille.")
    await at_desk.presses("#say-send")
    await citizen.page.sees("Montrez la feuille.", within_s=2)
    assert await citizen.page.evaluate(FONT_PX) >= LARGE_PX
    await at_desk.presses("#unsay")
    await citizen.page.until("!document.body.innerText.includes('Montrez la feuille')")
    await at_desk.presses("#mute")
    await page.sees("Rouvrir le micro")
    await page.press("m")
    await page.sees("Couper le micro")
    await page.press("c")
    no_number = "lens.of('far').seen.slice(-3).every(one => one[1] === null)"
    await citizen.page.until(f"lens.of('far').seen.length > 3 && {no_number}")
    await at_desk.presses("#hang-up")
    await agent.reaches("ended")
    await citizen.reaches("ended")
    assert (await last_record(stack))["Fin, code"] == "hung_up_by_agent"
    await at_kiosk.does("done")

    # somebody leaves
    await at_desk.presses("#to-day")
    await lands(page, "location.pathname === '/agent'")
    await calls(at_kiosk, citizen)
    await agent.sees_somebody_wait()
    await at_kiosk.does("leave")
    await at_kiosk.does("leave_yes")
    await citizen.page.sees("Vous avez quitté l’attente.")
    await page.until("!document.querySelector('[data-focus=admit]')", within_s=3)
    await page.close()
