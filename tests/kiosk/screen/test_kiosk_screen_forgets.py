"""What the page forgets, and when: the next citizen finds nothing of the one before."""

from __future__ import annotations

import pytest
from playwright.async_api import Page
from samples import CALL, NOW, PHONE, SAMPLES, SERVICES, VENUE, place, self_picture
from stage import Stage, until

from kiosk.lifecycle import Lifecycle
from kiosk.scene import Action, Do, Scene, Screen
from kiosk.screen.frames import FAR, SELF
from kiosk.screen.view import draw
from signaling.protocol.messages import CallState, Ended, Offer, Say, WelcomeKiosk

pytestmark = pytest.mark.browser

LEFT = """async (words) => {
  const { far, self } = await import('/js/pictures.js');
  // by red, green and blue: it is opaque
  const inked = (which) => which.canvas.getContext('2d')
    .getImageData(0, 0, which.canvas.width, which.canvas.height)
    .data.some((octet, at) => at % 4 < 3 && octet);
  const page = document.documentElement.outerHTML;
  return {
    far: inked(far), self: inked(self), canvases: document.querySelectorAll('canvas').length,
    words: words.filter((word) => page.includes(word)),
  };
}"""


async def test_the_page_outlives_the_agent_and_forgets_the_citizen(
    stage: Stage, page: Page
) -> None:
    await stage.show(page, SAMPLES["call-said"])
    port = stage.server.port
    await stage.server.close()
    await page.wait_for_selector("body[data-screen=restarting]")
    text = await page.inner_text("#page")
    assert text.strip() == "Un instant, la borne redémarre."
    fresh = Stage()
    await fresh.server.start(port)
    try:
        fresh.server.show(draw(SAMPLES["home"]))
        await page.wait_for_selector("body[data-screen=home]", timeout=1500)
    finally:
        await page.goto("about:blank")
        await fresh.server.close()


@pytest.mark.parametrize("way", ["ended by the agent", "left while waiting", "walked away"])
async def test_within_a_minute_nothing_is_left_of_a_whole_stay(
    stage: Stage, page: Page, way: str
) -> None:
    kiosk = Lifecycle(0.0, NOW, venue=VENUE)
    words = ["4 8 2 9", "Aide au logement", "signature", "bail", PHONE]

    async def see(now: float) -> Scene:
        seen = kiosk.scene(now)
        await stage.show(page, seen)
        return seen

    welcome = WelcomeKiosk(
        connection_id="x", ping_every_s=4, dead_after_s=8, now=NOW, venue=VENUE.model_copy(
            update={"phone": ""}), services=list(SERVICES[2:]), call=None,
    )  # fmt: skip
    kiosk.receive(welcome, 0)
    kiosk.act(Action(Do.LARGER_TEXT), 0)
    kiosk.act(Action(Do.START_CODE), 0)
    for digit in "4829":
        kiosk.act(Action(Do.DIGIT, digit), 0)
    await see(1)
    if way != "walked away":
        kiosk.receive(CallState(call=place()), 2)
        await see(2)
    if way == "left while waiting":
        kiosk.act(Action(Do.PHONE), 3)
        await see(3)
        kiosk.act(Action(Do.PHONE_YES), 4)
    if way == "ended by the agent":
        kiosk.receive(CallState(call=CALL), 3)
        kiosk.receive(Offer(call_id="c1", generation=1, sdp="v=0"), 3)
        kiosk.media_flows(1, 3)
        kiosk.picture(3)
        kiosk.receive(Say(call_id="c1", text="Il manque la signature."), 3)
        assert (await see(3)).said
        kiosk.receive(
            Ended(call_id="c1", reason="refused", refusal="other", text="Apportez votre bail."), 4
        )
    await see(4)
    before = await page.evaluate(LEFT, words)
    assert before["words"], "there is something to forget"
    assert not before["far"], "the agent's picture goes with the call"
    for now in range(5, 65):
        kiosk.tick(now)
    scene = await see(64)
    assert scene.screen is Screen.HOME
    stage.server.push_picture(FAR, b"late and unreadable")
    assert await page.evaluate(LEFT, words) == {
        "far": False, "self": False, "canvases": 0, "words": [],
    }  # fmt: skip
    assert await page.evaluate("document.body.className") == ""


async def test_nothing_of_a_call_stays_in_the_page(stage: Stage, page: Page) -> None:
    await stage.show(page, SAMPLES["call-said"])
    await stage.show(page, SAMPLES["home"])
    stage.server.push_picture(FAR, b"late and unreadable")
    left = await page.evaluate(
        """async () => ({
          text: document.documentElement.outerHTML.includes('signature'),
          canvas: document.querySelectorAll('canvas').length,
          fields: document.querySelectorAll('input, textarea, form').length,
          stored: localStorage.length + sessionStorage.length + document.cookie.length
            + (await caches.keys()).length + (await indexedDB.databases()).length,
          history: history.length,
        })"""
    )
    assert left.pop("history") <= 2
    assert left == {"text": False, "canvas": 0, "fields": 0, "stored": 0}


async def test_who_comes_next_does_not_see_a_picture_that_came_too_late(
    stage: Stage, page: Page
) -> None:
    await stage.show(page, SAMPLES["home"])
    stage.server.push_picture(SELF, self_picture())
    (link,) = stage.server._pages
    await until(lambda: not (link.pictures or link.unseen[SELF]))
    stage.server.show(draw(SAMPLES["code"]))
    await page.wait_for_selector("#self-picture")
    assert not await page.query_selector("#self-picture[data-pictures]")
