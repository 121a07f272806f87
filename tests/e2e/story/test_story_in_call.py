"""What both can do in a call, and what goes wrong without a line being cut."""

from __future__ import annotations

import time

import lens
import pytest
from browsers import Browser
from lens import FAR_AT_KIOSK, FAR_IN_BROWSER, Recording
from people import Agent, Citizen, last_record
from stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SERVICE = "Question rapide"


async def talk(stack: Stack, browser: Browser, citizen: Citizen) -> Agent:
    """A call without an appointment, from the first screen on."""
    page = await browser.new_page()
    await lens.preload_studio(page)
    agent = await Agent.arrive_at(stack, page, "caf1")
    await citizen.calls(SERVICE)
    await agent.admits()
    await citizen.reaches("call")
    return agent


async def test_words_mute_and_camera_off(
    stack: Stack, agents: Browser, citizen: Citizen, speaker: Recording
) -> None:
    agent = await talk(stack, agents, citizen)
    await agent.page.type("#say-text", "Montrez la feuille devant la caméra.")
    await agent.page.click("#say-send")
    await citizen.page.sees("Montrez la feuille devant la caméra.", within_s=2)
    await agent.page.click("#unsay")
    await citizen.page.until("!document.body.innerText.includes('Montrez la feuille')")

    await lens.watch(citizen.page, "far", FAR_AT_KIOSK)
    await lens.numbers(citizen.page)
    assert loud(await speaker.listen(1.0)) > 0.5
    await agent.page.click("#mute")
    await agent.page.sees("Rouvrir le micro")
    await speaker.listen(0.5)  # what was under way
    assert loud(await speaker.listen(1.0)) == 0
    await agent.page.click("#mute")

    await agent.page.click("#camera")
    board = "lens.of('far').seen.slice(-3).every(one => one[1] === null)"
    await citizen.page.until(f"lens.of('far').seen.length > 3 && {board}")
    await agent.page.click("#camera")
    await lens.clear(citizen.page)
    await lens.numbers(citizen.page)

    await citizen.hangs_up()
    await agent.reaches("ended", within_s=3)
    await agent.page.sees("La personne a raccroché.")
    record = await last_record(stack)
    assert record["Fin, code"] == "hung_up_by_citizen"
    assert record["Avec rendez-vous"] == "non"
    await agent.page.close()


def loud(heard: list[tuple[float, float, float]]) -> float:
    """Share of the time in which one of the two tones is heard."""
    return sum(max(low, high) > 0.5 for _, low, high in heard) / len(heard)


async def test_a_reload_in_the_call(stack: Stack, agents: Browser, citizen: Citizen) -> None:
    agent = await talk(stack, agents, citizen)
    began = time.monotonic()
    await agent.page.reload()
    await agent.reaches("live", within_s=15)
    await citizen.reaches("call")
    lens.report("reload", engine=agents.engine, back_s=round(time.monotonic() - began, 2))
    await lens.watch(agent.page, "far", FAR_IN_BROWSER)
    await lens.numbers(agent.page)
    await agent.hangs_up()
    await citizen.reaches("ended")
    await agent.page.close()


async def test_two_tabs_do_not_fight(stack: Stack, agents: Browser, citizen: Citizen) -> None:
    agent = await talk(stack, agents, citizen)
    other = Agent(stack, await agents.new_page(), "caf1")
    await other.page.open(await agent.page.evaluate("location.href"))
    await other.reaches("superseded")
    assert await agent.phase() == "live"
    await other.page.click("#take-back")
    await other.reaches("live", within_s=15)
    await agent.reaches("superseded")
    await citizen.reaches("call")
    await other.hangs_up()
    await agent.reaches("ended")
    await citizen.reaches("ended")
    assert (await last_record(stack))["Coupures"] == "0"
    for tab in (agent, other):
        await tab.page.close()
