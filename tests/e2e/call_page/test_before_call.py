"""Waiting room and pre-check, in both engines; and with devices that lack."""

from __future__ import annotations

import pytest
from browsers import ENGINES, Devices, Page, launch
from call_phase import phase
from fake_hub import FakeHub, until

from signaling.protocol.cards import IceServer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_wait_and_refuse(hub: FakeHub, page: Page) -> None:
    await page.sees("D. R. attend")
    await page.sees("La personne vous verra ainsi")
    await page.click("#entry details:nth-of-type(1) summary")
    await page.click("#wait-form [value='15']")
    await page.click("#wait-form button")
    assert (await hub.heard("make_wait")).minutes == 15
    await page.sees("La borne lui dit d’attendre 15 min environ.")
    await page.click("#entry details:nth-of-type(2) summary")
    await page.click("#refuse-form [value='missing_document']")
    await page.type("#refuse-form textarea", "Apportez votre attestation.")
    await page.click("#refuse-form button")
    refusal = await hub.heard("refuse")
    assert (refusal.reason, refusal.text) == ("missing_document", "Apportez votre attestation.")
    await page.sees("Vous n’avez pas reçu cette personne.")


async def test_whoever_leaves_while_waiting(hub: FakeHub, page: Page) -> None:
    await hub.end("left_by_citizen")
    await page.sees("La personne a quitté la borne avant d’entrer.")


async def test_one_press_on_the_day_list_is_enough(hub: FakeHub, tab: Page) -> None:
    await tab.open(hub.call_url.replace("/agent/call/call-1", "/agent"))
    await tab.evaluate("sessionStorage.setItem('visiohub.admit', 'call-1')")
    await tab.open(hub.call_url)
    await phase(tab, "live")


async def test_admitted_while_the_hub_is_away(hub: FakeHub, page: Page) -> None:
    await hub.go_away()
    await page.sees("Le serveur est absent.")
    await page.click("#enter")
    await page.sees("La personne entrera à son retour, sans autre clic.")
    hub.here = True
    await phase(page, "live")


async def test_session_that_ends_while_the_line_is_down(hub: FakeHub, page: Page) -> None:
    """The wire is refused then: the page leads to the sign-in, which leads back to the call."""
    hub.signed_in = False
    await hub.go_away()
    hub.here = True
    await until(lambda: hub.signed_in and bool(hub.sockets))
    await page.click("#enter")
    await phase(page, "live")


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("none", "Aucune caméra n’est branchée."),
        ("denied", "n’a pas le droit d’utiliser la caméra"),
    ],
)
async def test_call_without_own_devices(hub: FakeHub, engine: str, kind: str, words: str) -> None:
    async with launch(engine, Devices(kind)) as browser:
        page = await browser.new_page()
        await page.open(hub.call_url)
        await page.sees(words)
        await page.sees("Vous, sans image")
        await page.click("#enter")
        await phase(page, "live")
        seen = "document.querySelector('.far.shown')?.videoWidth"
        assert await page.until(seen) == 640
        # The board that says so goes instead of the camera.
        await page.until("document.querySelector('#mute').disabled")


@pytest.mark.parametrize("engine", ENGINES)
async def test_check_names_what_lacks(hub: FakeHub, engine: str) -> None:
    async with launch(engine, Devices("none")) as browser:
        page = await browser.new_page()
        await page.open(hub.check_url)
        await page.click("#start")
        await page.sees("Aucune caméra n’est branchée.")
        await page.sees("Aucun micro n’est branché.")
        await page.sees("Le serveur répond en")
        await page.sees("Le navigateur sait tenir un appel.")


async def test_check_passes_and_is_remembered(hub: FakeHub, tab: Page) -> None:
    await tab.open(hub.check_url)
    await tab.click("#start")
    await tab.sees("La caméra donne une image.")
    await tab.until(
        "['Le micro vous entend', 'ne permet pas'].some(w =>"
        " document.querySelector('#microphone-words').textContent.includes(w))"
    )
    await tab.sees("Le serveur répond en")
    await tab.sees("Le navigateur sait tenir un appel.")
    await tab.sees("Aucun relais n’est réglé.")
    await tab.click("#play")
    # A machine without any sound output says so; elsewhere the agent is asked.
    await tab.until(
        "!document.querySelector('#heard').hidden"
        " || document.querySelector('#speaker-words').textContent.includes('ne peut pas')",
    )
    if not await tab.evaluate("document.querySelector('#heard').hidden"):
        await tab.click("#heard")
        await tab.sees("Tout est prêt.")
    kept = await tab.until("JSON.parse(localStorage.getItem('visiohub.devices'))")
    assert kept["results"]["camera"] == "good"
    assert kept["camera"]


async def test_relay_that_does_not_answer(hub: FakeHub, tab: Page) -> None:
    hub.servers = [IceServer(urls=["turn:127.0.0.1:9?transport=tcp"], username="u", credential="c")]
    await tab.open(hub.check_url)
    await tab.click("#start")
    await tab.sees("Le relais ne répond pas.", within_s=12)


async def test_hub_that_does_not_answer(hub: FakeHub, tab: Page) -> None:
    await tab.open(hub.check_url)
    await hub.go_away()
    await tab.click("#start")
    await tab.sees("Le serveur ne répond pas.", within_s=12)
