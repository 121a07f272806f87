"""Devices of either end that fail in a call: named on both screens and on the hub, and mended."""

from __future__ import annotations

from pathlib import Path

import clips
import lens
import pytest
from browsers import Browser, Page
from lens import FAR_AT_KIOSK, FAR_IN_BROWSER, Recording
from people import Agent, Citizen, last_record, sign_in
from stack import Stack
from test_story_in_call import loud, talk

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def technician_at(stack: Stack, browser: Browser) -> Page:
    """The page of the kiosk, which follows by itself."""
    page = await browser.new_page()
    await sign_in(page, stack, "technique")
    await page.open(f"{stack.hub_url}/kiosks/{stack.kiosk_id}")
    return page


async def row_says(page: Page, device: str, *states: str) -> None:
    """The technician's row of a device shows one of these states."""
    row = f"[...document.querySelectorAll('tr')].find(row => row.cells[0].innerText === '{device}')"
    await page.until(f"{list(states)!r}.includes({row}?.cells[1].innerText.trim())", within_s=5)


async def still_talk(agent: Agent, citizen: Citizen) -> None:
    """The call goes on, whatever lacks."""
    assert await agent.phase() == "live"
    assert await citizen.screen() == "call"


async def test_the_agent_s_camera_and_microphone_fail_in_the_call(
    stack: Stack, agents: Browser, screens: Browser, citizen: Citizen, speaker: Recording
) -> None:
    agent = await talk(stack, agents, citizen)
    technician = await technician_at(stack, screens)
    await row_says(technician, "Caméra de l’agent", "marche")

    await agent.page.evaluate("(studio.unplug('video'), true)")
    await agent.page.sees("Votre caméra est débranchée.", within_s=3)
    await citizen.page.sees("La caméra de l’agent ne marche pas.", within_s=3)
    await citizen.page.sees("Pas d’image de l’agent. L’appel continue.", within_s=3)
    await row_says(technician, "Caméra de l’agent", "débranché")
    await agent.page.evaluate("(studio.unplug('audio'), true)")
    await agent.page.sees("Votre micro est débranché.", within_s=3)
    await citizen.page.sees("Le micro de l’agent ne marche pas.", within_s=3)
    await citizen.page.sees("Ni son ni image de l’agent. L’appel continue.", within_s=3)
    await row_says(technician, "Micro de l’agent", "débranché")
    await lens.watch(agent.page, "far", FAR_IN_BROWSER)
    await lens.numbers(agent.page)
    await still_talk(agent, citizen)

    await agent.page.evaluate("(studio.plug('video'), studio.plug('audio'), true)")
    await citizen.page.until("!document.body.innerText.includes('ne marche pas')", within_s=5)
    await agent.page.until("!document.querySelector('#strips').innerText.includes('débranché')")
    await row_says(technician, "Caméra de l’agent", "marche")
    await row_says(technician, "Micro de l’agent", "marche")
    await lens.watch(citizen.page, "far", FAR_AT_KIOSK)
    await lens.numbers(citizen.page)
    assert loud(await speaker.listen(1.0)) > 0.5

    await agent.hangs_up()
    await citizen.reaches("ended")
    failed = (await last_record(stack))["Appareils en panne"]
    assert failed == "Caméra de l’agent, Micro de l’agent"
    for page in (agent.page, technician):
        await page.close()


def unplug(camera: Path, speaker: Path) -> None:
    """Whoever reads finds the end, whoever writes finds no file; nobody can open either anew."""
    camera.write_bytes(b"")
    camera.unlink()
    speaker.unlink()
    speaker.mkdir()


async def test_the_kiosk_s_camera_microphone_and_speaker_fail_in_the_call(
    stack: Stack, desk: Browser, screens: Browser, citizen: Citizen, camera: Path,
    speaker: Recording,
) -> None:  # fmt: skip
    agent = await talk(stack, desk, citizen)
    technician = await technician_at(stack, screens)
    devices = ("Caméra", "Micro", "Haut-parleur")
    words = ("Votre caméra", "Votre micro", "Le haut-parleur")
    try:
        unplug(camera, speaker.path)
        for device, here in zip(devices, words, strict=True):
            await citizen.page.sees(f"{here} ne marche plus.", within_s=20)
            await agent.page.sees(f"{device} de la borne", within_s=5)
            await row_says(technician, device, "débranché", "en panne")
        await still_talk(agent, citizen)
    finally:
        clips.numbered(camera)
        speaker.path.rmdir()
    await citizen.page.until("!document.body.innerText.includes('ne marche plus')", within_s=15)
    for device in devices:
        await row_says(technician, device, "marche")
    await agent.page.until("document.querySelector('#lacks').hidden")
    await lens.watch(agent.page, "far", FAR_IN_BROWSER)
    await lens.numbers(agent.page)
    assert loud(await speaker.listen(1.0)) > 0.5
    await agent.hangs_up()
    await citizen.reaches("ended")
    failed = (await last_record(stack))["Appareils en panne"]
    assert set(failed.split(", ")) == {f"{device} de la borne" for device in devices}
    for page in (agent.page, technician):
        await page.close()
