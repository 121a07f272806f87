"""Before a call: help, waiting, refusal, codes that open nothing, the QR, the clean screen."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import clips
import lens
import pytest
from browsers import Browser
from browsers.chromium import ChromiumPage
from people import Agent, Citizen, Office, sign_in
from stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SERVICE = "Question rapide"
CLEAN_WITHIN_S = 60
PACE_S = 2.1
"""Codes may be tried every 2 s."""


async def test_codes_that_open_nothing(stack: Stack, citizen: Citizen, reception: Office) -> None:
    right = await reception.books("Séparation")
    elsewhere = await code_at_another_venue(stack)
    await citizen.does("start_code")
    await citizen.reaches("code")
    wrong = [elsewhere, "00000000", "00000001"]
    for code in wrong:
        await citizen.types_digits(code)
        await citizen.page.sees("Aucun rendez-vous maintenant avec ce code.")
        await citizen.does("clear")
        await asyncio.sleep(PACE_S)
    await citizen.types_digits(right.code)
    await citizen.page.sees("Trop de codes essayés ici aujourd’hui.")

    venue = (await reception.get("/reception")).partition("/kiosks/")[0].rpartition("/")[2]
    await reception.post(f"/reception/{venue}/kiosks/{stack.kiosk_id}/unlock")
    await citizen.does("clear")
    await asyncio.sleep(PACE_S)
    await citizen.types_digits(right.code)
    await citizen.reaches("waiting")


async def code_at_another_venue(stack: Stack) -> str:
    """Of an appointment that exists, but not here."""
    embrun = await Office.arrive(stack, "accueil-embrun")
    try:
        return (await embrun.books("Séparation", "Bureau visio")).code
    finally:
        await embrun.close()


async def test_help_is_asked_and_comes(stack: Stack, desk: Browser, citizen: Citizen) -> None:
    reception = await desk.new_page()
    await sign_in(reception, stack, "accueil-gap")
    await citizen.does("help")
    await citizen.page.sees("L’accueil est prévenu.")
    await reception.sees("Quelqu’un demande de l’aide", within_s=3)
    await reception.click("[data-focus=coming]")
    await citizen.page.sees("Quelqu’un arrive.", within_s=3)
    await citizen.does("help_cancel")
    await reception.until("!document.body.innerText.includes('demande de l’aide')")
    await reception.close()


async def test_made_to_wait_then_refused(stack: Stack, agents: Browser, citizen: Citizen) -> None:
    agent = await Agent.arrive(stack, agents, "caf1")
    await citizen.calls(SERVICE)
    await agent.opens_waiting_room()
    await agent.page.click("#entry details:nth-of-type(1) summary")
    await agent.page.click("#wait-form [value='15']")
    await agent.page.click("#wait-form button")
    await citizen.page.sees("L’agent vous demande de patienter.", within_s=3)
    await citizen.page.sees("Comptez encore 15 minutes.")
    await agent.page.click("#entry details:nth-of-type(2) summary")
    await agent.page.click("#refuse-form [value='missing_document']")
    await agent.page.type("#refuse-form textarea", "Apportez votre attestation.")
    await agent.page.click("#refuse-form button")
    await citizen.reaches("ended")
    await citizen.page.sees("L’agent ne peut pas vous recevoir maintenant.")
    await citizen.page.sees("Il manque un document.")
    await citizen.page.sees("Apportez votre attestation.")
    await agent.page.close()


async def test_who_leaves_while_waiting(stack: Stack, desk: Browser, citizen: Citizen) -> None:
    agent = await Agent.arrive(stack, desk, "caf1")
    await citizen.calls(SERVICE)
    await agent.sees_somebody_wait()
    await citizen.does("leave")
    await citizen.does("leave_yes")
    await citizen.page.sees("Vous avez quitté l’attente.")
    await agent.page.until("!document.querySelector('[data-focus=admit]')", within_s=3)
    await agent.page.close()


async def test_the_qr_of_the_printed_page(
    stack: Stack, desk: Browser, citizen: Citizen, reception: Office, camera: Path, folder: Path
) -> None:
    booked = await reception.books("Prime d’activité")
    office = await desk.new_page()
    await sign_in(office, stack, "accueil-gap")
    await office.open(f"{stack.hub_url}/appointments/{booked.appointment_id}")
    await office.click("form[action$='/convocation'] button")
    await office.until("Boolean(document.querySelector('.qr-frame'))")
    paper = folder / "paper.png"
    assert isinstance(office, ChromiumPage)
    await office._page.locator(".qr-frame").screenshot(path=paper)
    await office.close()
    try:
        await resting(citizen)
        clips.showing(camera, paper)
        await citizen.does("start_code")
        began = time.monotonic()
        await citizen.reaches("waiting", within_s=15)
        lens.report("QR", read_s=round(time.monotonic() - began, 2))
    finally:
        await citizen.does("leave")
        await citizen.does("leave_yes")
        await citizen.reaches("ended")
        await resting(citizen)
        clips.numbered(camera)


async def resting(citizen: Citizen) -> None:
    """The camera file is let go of three seconds after nobody needs it any more."""
    await citizen.goes_home()
    await asyncio.sleep(3.5)


async def test_the_screen_forgets(stack: Stack, desk: Browser, citizen: Citizen) -> None:
    agent = await Agent.arrive(stack, desk, "caf1")
    await citizen.calls(SERVICE)
    await agent.admits()
    await citizen.reaches("call")
    await agent.hangs_up()
    await citizen.reaches("ended")
    began = time.monotonic()
    await citizen.page.sees("Êtes-vous toujours là", within_s=CLEAN_WITHIN_S)
    await citizen.reaches("home", within_s=CLEAN_WITHIN_S)
    took = time.monotonic() - began
    lens.report("screen clean after the end of a call", seconds=round(took, 1))
    assert took <= CLEAN_WITHIN_S
    pictures = "[...document.querySelectorAll('canvas')].filter(c => c.dataset.pictures).length"
    assert await citizen.page.evaluate(pictures) == 0
    await agent.page.close()
