"""Every state in a real Chromium: accessible, nothing cut off, usable by touch and by keyboard."""

from __future__ import annotations

import itertools
import math
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, async_playwright
from samples import (
    CALL,
    LONG,
    NOW,
    OF_ONE_PARTNER,
    PHONE,
    SAMPLES,
    SERVICES,
    VENUE,
    broken,
    place,
    self_picture,
)
from stage import Stage, launch, until

from kiosk.lifecycle import Lifecycle
from kiosk.scene import Action, Do, Scene, Screen
from kiosk.screen.frames import FAR, SELF
from kiosk.screen.view import draw
from signaling.protocol.messages import CallState, Ended, Offer, Say, WelcomeKiosk

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
FULL_HD = (1920, 1080)
SIZES = (FULL_HD, (1280, 800), (1024, 768), (1080, 1920), (3840, 2160))
SMALLEST_TARGET, SMALLEST_TEXT = 76, 28
PIXEL_MM = 22 * 25.4 * 16 / math.hypot(16, 9) / 1920
"""Of the smallest screen that a kiosk is meant to have: 22 inches, 1920x1080."""
READ_FROM_MM = 1000
LEGIBLE_ARCMIN, READABLE_ARCMIN = 16, 20
"""Height of a capital without accent, as the eye sees it. 16 minutes of arc are the least, 20 to 22
are preferred for reading: ISO 9241-3 (now 9241-303), character height; NUREG-0700, 1.3.1-4."""
TO_BE_READ = (
    "h1, h2, .lead, .hint, .notice, .fault, .note, .empty, .number, .digit, .box, .path p,"
    " .strip .status, .said p, .dialogue p, .message p, .steps li, .go, .home .sign-large"
)
"""What tells the citizen what is so and what to do; the rest is labels and asides."""
HEIGHTS = """(wanted) => {
  const canvas = document.createElement('canvas').getContext('2d');
  return [...document.querySelectorAll('#page *')].filter((e) =>
    e.getClientRects().length && !e.closest('.unseen')
    && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())).map((e) => {
      const { fontWeight, fontSize, fontFamily } = getComputedStyle(e);
      canvas.font = `${fontWeight} ${fontSize} ${fontFamily}`;
      const aside = e.closest('.phone-label, blockquote span, .outline, .black, .said span,'
        + ' .services .notice span');
      return [e.textContent, canvas.measureText('H').actualBoundingBoxAscent,
        Boolean(e.closest(wanted)) && !aside];
    });
}"""
WARNS = {"half", "triangle", "cross"}
"""Shapes of what does not work as it should."""
IS_ON_TOP = """(text) => {
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data !== text) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const lines = [...range.getClientRects()];
    const isOnTop = (line) => {
      const top = document.elementFromPoint(line.left + 2, line.top + line.height / 2);
      return top && (top.contains(node) || node.parentElement.contains(top));
    };
    if (lines.length && lines.every(isOnTop)) return true;
  }
  return false;
}"""
"""Whether these words stand in the picture with nothing over them."""
SPILLS = """[...document.querySelectorAll('main, .services ul')]
  .some((e) => e.scrollHeight > e.clientHeight)"""
MEASURE = """() => {
  const shown = (e) => e.getClientRects().length && !e.closest('.unseen');
  const within = (e) => { const r = e.getBoundingClientRect();
    return Math.min(r.left, r.top) >= -1 && r.right <= innerWidth + 1
      && r.bottom <= innerHeight + 1; };
  const broken = (e) => [...e.querySelectorAll('.word')].flatMap(({ firstChild: text }) =>
    text?.nodeType !== 3 ? [] : [...text.data.matchAll(/\\p{L}+/gu)].filter((word) => {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      return new Set([...range.getClientRects()].map((r) => r.top)).size > 1;
    }).map(String));
  const main = document.querySelector('main');
  const buttons = [...document.querySelectorAll('button')].filter(shown);
  const words = [...document.querySelectorAll('#page *')].filter((e) =>
    shown(e) && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()));
  return {
    cut: buttons.filter((e) => !within(e)).map((e) => e.textContent),
    small: buttons.filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 75.5)
      .map((e) => `${e.textContent} ${e.offsetWidth}x${e.offsetHeight}`),
    tiny: words.filter((e) => parseFloat(getComputedStyle(e).fontSize) < 27.9)
      .map((e) => `${e.textContent} ${getComputedStyle(e).fontSize}`),
    over: main.scrollHeight - main.clientHeight,
    astray: [...document.querySelectorAll('.strip .clock')].filter((e) =>
      e.getBoundingClientRect().right > document.querySelector('.stage').getBoundingClientRect()
        .right + 1).map((e) => e.textContent),
    wide: document.documentElement.scrollWidth - innerWidth,
    spilt: buttons.filter((e) => e.scrollWidth > e.clientWidth + 2).map((e) => e.textContent),
    broken: buttons.flatMap(broken),
  };
}"""


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with Stage() as stage:
        yield stage


def bad(said: ConsoleMessage) -> bool:
    # while the agent is away, asking for it is refused: that is no fault of the page
    return said.type == "error" and "CONNECTION_REFUSED" not in said.text


@pytest.fixture
async def page(stage: Stage) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await launch(playwright.chromium)
        page = await browser.new_page(viewport={"width": 1920, "height": 1080})
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if bad(said) else None)
        await page.goto(stage.address)
        yield page
        await browser.close()
        assert faults == []


async def test_every_state_passes_axe_in_both_languages(stage: Stage, page: Page) -> None:
    axe, faults = Axe(), []
    for name, scene in SAMPLES.items():
        for language in ("fr", "en"):
            await stage.show(page, replace(scene, language=language))  # type: ignore[arg-type]
            result = await axe.run(page, options=RULES)
            faults += [
                f"{name} {language}: {v['id']} {v['nodes'][0]['html'][:120]}"
                for v in result.response["violations"]
            ]
    assert faults == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
@pytest.mark.parametrize("larger", [False, True], ids=["normal", "larger"])
async def test_nothing_is_cut_off_or_too_small(
    stage: Stage, page: Page, size: tuple[int, int], *, larger: bool
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    faults = []
    for name, scene in SAMPLES.items():
        for language in ("fr", "en"):
            await stage.show(page, replace(scene, language=language, larger_text=larger))  # type: ignore[arg-type]
            found = await page.evaluate(MEASURE)
            longest = name in {"waiting-long", "waiting-long-no-device", "call-everything"}
            if size == (1024, 768) or (larger and size == (1280, 800) and longest):  # may scroll
                found["over"], found["cut"] = 0, []
            if size == FULL_HD:
                found["unreadable"] = await unreadable_from_one_metre(page)
            faults += [f"{name} {language}: {k} {v}" for k, v in found.items() if v not in ([], 0)]
    assert faults == []


@pytest.mark.parametrize("size", [(1280, 800), (1366, 768)], ids=lambda size: f"{size[0]}")
async def test_a_small_screen_leaves_out_nothing_that_must_be_read(
    stage: Stage, page: Page, size: tuple[int, int]
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    faults = []
    for name, scene in must_be_read():
        await stage.show(page, scene)
        body = draw(scene)["body"]
        told = [body["title"]] if scene.screen is Screen.HOME else []
        told += [body["notice"]["text"]] if scene.notice else []
        told += body["next"]["steps"] if "next" in body else []
        checks = body.get("self", {}).get("checks", [])
        told += [each["text"] for each in checks if each["shape"] in WARNS]
        told += [row["partner"] for row in body.get("services", [])]
        faults += [
            f"{name} {scene.language}: {text}"
            for text in told
            if not await page.evaluate(IS_ON_TOP, text)
        ]
        if await page.evaluate(SPILLS):
            faults.append(f"{name} {scene.language}: overflows")
    assert faults == []


@pytest.mark.parametrize("size", [(1280, 800), (1366, 768)], ids=lambda size: f"{size[0]}")
@pytest.mark.parametrize("larger", [False, True], ids=["normal", "larger"])
async def test_on_a_small_screen_services_of_one_partner_are_told_apart(
    stage: Stage, page: Page, size: tuple[int, int], *, larger: bool
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    for services, low in itertools.product((OF_ONE_PARTNER, (*OF_ONE_PARTNER, *SERVICES)), (0, 1)):
        scene = replace(
            SAMPLES["home"], services=services, larger_text=larger, low_controls=bool(low)
        )
        await stage.show(page, scene)
        for row in draw(scene)["body"]["services"]:
            if "call" not in row:
                continue
            name = page.locator(".services .name").get_by_text(row["label"], exact=True)
            told = await page.evaluate(IS_ON_TOP, row["label"])
            whole = await name.evaluate("(e) => e.scrollWidth <= e.clientWidth || !e.clientWidth")
            assert told, row
            assert whole, row
        assert not await page.evaluate(SPILLS), scene


def must_be_read() -> Iterator[tuple[str, Scene]]:
    """A wrong code's remedy, what comes after the wait and what it lacks, the greeting."""
    for name in ("code-error", "waiting", "waiting-slow", "waiting-long-no-device"):
        for language in ("fr", "en"):
            yield name, replace(SAMPLES[name], language=language)  # type: ignore[arg-type]
    for low in (False, True):
        for services in (SERVICES[:3], SERVICES, LONG):
            scene = replace(SAMPLES["home"], larger_text=True, low_controls=low, services=services)
            yield f"home of {len(services)}{' low' * low}", scene


async def unreadable_from_one_metre(page: Page) -> list[str]:
    """Words that are too low for the eye at that distance, and their minutes of arc."""
    found = []
    for words, height_px, is_to_be_read in await page.evaluate(HEIGHTS, TO_BE_READ):
        seen = 60 * math.degrees(math.atan(height_px * PIXEL_MM / READ_FROM_MM))
        if seen < (READABLE_ARCMIN if is_to_be_read else LEGIBLE_ARCMIN):
            found.append(f"{words} {seen:.1f}")
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_help_never_moves(stage: Stage, page: Page, size: tuple[int, int]) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    corners = {}
    for name in ("home", "code", "waiting", "admitted", "ended-agent", "offline"):
        await stage.show(page, SAMPLES[name])
        corners[name] = await page.get_by_role("button", name="Aide de l’accueil").evaluate(
            "(e) => [e.getBoundingClientRect().right, e.getBoundingClientRect().bottom]"
        )
    assert len({tuple(map(round, corner)) for corner in corners.values()}) == 1, corners


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_turning_the_microphone_off_moves_no_other_key(
    stage: Stage, page: Page, language: str
) -> None:
    places = {}
    for name in ("call", "call-muted"):
        await stage.show(page, replace(SAMPLES[name], language=language))  # type: ignore[arg-type]
        places[name] = await page.eval_on_selector_all(
            ".footer button", "all => all.map((each) => each.getBoundingClientRect().left)"
        )
    assert places["call"] == places["call-muted"]


async def test_larger_text_is_larger(stage: Stage, page: Page) -> None:
    size = "getComputedStyle(document.querySelector('{}')).fontSize"
    for name, words in (("waiting", ".lead"), ("code", ".hint"), ("call-said", ".said p"),
                        ("home", ".services strong")):  # fmt: skip
        await stage.show(page, SAMPLES[name])
        normal = float((await page.evaluate(size.format(words))).removesuffix("px"))
        await stage.show(page, replace(SAMPLES[name], larger_text=True))
        larger = float((await page.evaluate(size.format(words))).removesuffix("px"))
        assert larger >= 1.05 * normal, (name, normal, larger)
    assert await page.get_by_text("Allocations, aide au logement").is_visible()


async def test_low_controls_keep_everything_in_the_lower_part(stage: Stage, page: Page) -> None:
    for name in ("home-low", "code-low"):
        for width, height in ((1920, 1080), (1080, 1920)):
            await page.set_viewport_size({"width": width, "height": height})
            await stage.show(page, SAMPLES[name])
            tops = await page.eval_on_selector_all(
                "button", "all => all.map((each) => each.getBoundingClientRect().top)"
            )
            assert min(tops) >= 0.38 * height, (name, width)


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
        from kiosk.screen.view import draw

        fresh.server.show(draw(SAMPLES["home"]))
        await page.wait_for_selector("body[data-screen=home]", timeout=1500)
    finally:
        await page.goto("about:blank")
        await fresh.server.close()


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
