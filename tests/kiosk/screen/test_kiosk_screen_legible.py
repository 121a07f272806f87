"""Every state in a real Chromium: accessible, nothing cut off, readable at every size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from legible import IS_ON_TOP, MEASURE, SPILLS, unreadable_from_one_metre
from playwright.async_api import Page
from samples import LONG, OF_ONE_PARTNER, SAMPLES, SERVICES
from stage import Stage

from kiosk.scene import Scene, Screen
from kiosk.screen.view import draw

pytestmark = pytest.mark.browser

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
FULL_HD = (1920, 1080)
SIZES = (FULL_HD, (1280, 800), (1024, 768), (1080, 1920), (3840, 2160))
WARNS = {"half", "triangle", "cross"}
"""Shapes of what does not work as it should."""
FULLEST = ("waiting-all-warns", "waiting-long-no-device", "call-everything", "interrupted-long")


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
            if size == (1024, 768):  # may scroll
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
        told += [each["title"] for each in body.get("faults", [])]
        told += [body["said"]["text"]] if "said" in body else []
        told += [body["cut"]["lead"], body["cut"]["phone"]] if "cut" in body else []
        faults += [
            f"{name} {scene.language}: {text}"
            for text in told
            if not await page.evaluate(IS_ON_TOP, text)
        ]
        if await page.evaluate(SPILLS):
            faults.append(f"{name} {scene.language}: overflows")
    assert faults == []


def must_be_read() -> Iterator[tuple[str, Scene]]:
    """A wrong code's remedy, what comes after the wait and what it lacks, the greeting."""
    for name in ("code-error", "waiting", "waiting-slow", "waiting-long-no-device"):
        for language in ("fr", "en"):
            yield name, replace(SAMPLES[name], language=language)  # type: ignore[arg-type]
    for name in FULLEST:
        for language in ("fr", "en"):
            scene = replace(SAMPLES[name], language=language, larger_text=True)  # type: ignore[arg-type]
            yield f"{name} larger", scene
    for low in (False, True):
        for services in (SERVICES[:3], SERVICES, LONG):
            scene = replace(SAMPLES["home"], larger_text=True, low_controls=low, services=services)
            yield f"home of {len(services)}{' low' * low}", scene


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


async def test_low_controls_keep_everything_in_the_lower_part(stage: Stage, page: Page) -> None:
    for name in ("home-low", "code-low"):
        for width, height in ((1920, 1080), (1080, 1920)):
            await page.set_viewport_size({"width": width, "height": height})
            await stage.show(page, SAMPLES[name])
            tops = await page.eval_on_selector_all(
                "button", "all => all.map((each) => each.getBoundingClientRect().top)"
            )
            assert min(tops) >= 0.38 * height, (name, width)
