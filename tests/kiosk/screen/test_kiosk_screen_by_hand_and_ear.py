"""By touch, by keyboard and by ear: what a state takes and gives in a real Chromium."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.async_api import Page
from samples import NOW, SAMPLES, broken
from stage import Stage

from kiosk.scene import Action, Do

pytestmark = pytest.mark.browser


async def test_touch_and_keyboard_send_the_same(stage: Stage, page: Page) -> None:
    await stage.show(page, SAMPLES["code-empty"])
    await page.get_by_role("button", name="4", exact=True).click()
    await page.keyboard.press("8")
    await page.keyboard.press("Backspace")
    await page.keyboard.press("Escape")
    await stage.show(page, SAMPLES["home"])
    await page.keyboard.press("Tab")
    focused = await page.evaluate("document.activeElement.dataset.action")
    assert "start_code" in focused
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="France Travail").click()
    await page.wait_for_function("true")
    wishes = [action for action in stage.actions if action.do is not Do.TOUCH]
    assert wishes == [
        Action(Do.DIGIT, "4"), Action(Do.DIGIT, "8"), Action(Do.ERASE), Action(Do.BACK),
        Action(Do.START_CODE), Action(Do.CALL_SERVICE, "ft"),
    ]  # fmt: skip


async def test_an_update_takes_neither_focus_nor_finger_away(stage: Stage, page: Page) -> None:
    await stage.show(page, SAMPLES["code"])
    key = page.get_by_role("button", name="7", exact=True)
    await key.focus()
    box = await key.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 20, box["y"] + 20)
    await page.mouse.down()
    await stage.show(page, replace(SAMPLES["code"], digits="482913"), update=True)
    await page.locator(".hint", has_text="Il reste 2 chiffres.").wait_for()
    assert await key.evaluate("key => key === document.activeElement")
    await page.mouse.up()
    await page.wait_for_function("true")
    assert Action(Do.DIGIT, "7") in stage.actions


async def test_a_dialogue_takes_the_focus_and_gives_it_back(stage: Stage, page: Page) -> None:
    await stage.show(page, SAMPLES["call"])
    await page.get_by_role("button", name="Raccrocher").focus()
    await stage.show(page, SAMPLES["leave-call"], update=True)
    await page.wait_for_selector(".dialogue")
    assert await page.evaluate("document.activeElement.textContent") == "Continuer l’appel"
    assert await page.evaluate("document.querySelector('main').inert")
    await stage.show(page, SAMPLES["call"], update=True)
    await page.wait_for_selector(".dialogue", state="detached")
    assert await page.evaluate("document.activeElement.textContent") == "Raccrocher"


async def test_changes_are_announced(stage: Stage, page: Page) -> None:
    await stage.show(page, SAMPLES["code-error"])
    said = page.get_by_role("status").last
    assert "Aucun rendez-vous maintenant avec ce code." in (await said.text_content() or "")
    assert await page.evaluate("document.documentElement.lang") == "fr"


async def test_a_sentence_written_twice_alike_is_read_twice_and_then_gone(
    stage: Stage, page: Page
) -> None:
    first = SAMPLES["call-said"]
    await stage.show(page, first)
    read = page.locator("#said[role=status] > span")
    assert await read.text_content() == first.said
    before = await read.element_handle()
    await stage.show(page, replace(first, said_at=NOW + timedelta(seconds=5)), update=True)
    await page.wait_for_function("before => !before.isConnected", arg=before)
    assert await read.text_content() == first.said, "a new one, which is announced as such"
    await stage.show(page, replace(first, devices=broken("microphone")), update=True)
    await page.wait_for_function("document.querySelector('#announce').textContent")
    assert await read.text_content() == first.said
    await stage.show(page, SAMPLES["call"], update=True)
    await read.wait_for(state="detached")
