"""The plots of a line by keyboard alone: a moment is read, what is shown grows finer and moves."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from hub_browser import open_page
from hub_site import Site
from playwright.sync_api import Browser, Locator, expect

from visiohub.domain.line import TrainResult, Way
from visiohub.domain.model import Line
from visiohub.storage.uow import UnitOfWork

pytestmark = pytest.mark.browser


def span_of(slider: Locator) -> int:
    ends = (slider.get_attribute(f"aria-value{end}") or "" for end in ("max", "min"))
    most, least = (int(end) for end in ends)
    return most - least


def measured(site: Site, line: Line) -> None:
    """Each hour of two days: whatever is shown, there is something in it."""
    now = site.hub.clock()

    def add(uow: UnitOfWork) -> None:
        number = uow.linkquality.states.of(line.id).number
        rows = [
            TrainResult(
                now - timedelta(hours=hours), Way.UP, 900.0, None, 0.01, 0, 61, 1228, 61, 0,
                in_call=False,
            )
            for hours in range(1, 49)
        ]  # fmt: skip
        uow.linkquality.series.add_trains([(number, row) for row in rows])

    site.do(add)


def test_plots_are_read_zoomed_and_moved_by_keys(browser: Browser, site: Site) -> None:
    with site.hub.reading() as uow:
        line = uow.lines.of_kiosk(site.demo.kiosk_id)
    assert line is not None
    measured(site, line)
    page, said = open_page(browser, site, "technique")
    page.goto(f"{site.origin}/lines/{line.id}")
    slider = page.get_by_role("slider")
    expect(slider).to_contain_text("flèches pour lire")
    slider.focus()
    at = [int(slider.get_attribute("aria-valuenow") or 0)]
    for key in ("ArrowLeft", "PageDown", "ArrowRight"):
        page.keyboard.press(key)
        expect(slider).to_have_attribute("aria-valuetext", re.compile(" · "))
        at.append(int(slider.get_attribute("aria-valuenow") or 0))
    assert at[2] < at[3] < at[1] < at[0]
    page.keyboard.press("Home")
    begin = int(slider.get_attribute("aria-valuemin") or 0)
    expect(slider).to_have_attribute("aria-valuenow", str(begin))
    page.keyboard.press("ArrowLeft")  # past the end
    expect(slider).not_to_have_attribute("aria-valuemin", str(begin))
    expect(slider).to_have_attribute("aria-valuenow", str(begin))
    expect(slider).to_be_focused()
    before = span_of(slider)
    for key, factor in (("+", 0.5), ("-", 1)):
        shown = slider.get_attribute("aria-valuemin") or ""
        page.keyboard.press(key)
        expect(slider).not_to_have_attribute("aria-valuemin", shown)
        expect(slider).to_be_focused()
        assert span_of(slider) == pytest.approx(factor * before, rel=0.01)
    page.keyboard.press("Escape")
    expect(slider).to_contain_text("flèches pour lire")
    assert said == []


def test_a_time_without_measurements_is_moved_by_keys_too(browser: Browser, site: Site) -> None:
    with site.hub.reading() as uow:
        line = uow.lines.of_kiosk(site.demo.kiosk_id)
    assert line is not None
    measured(site, line)
    page, said = open_page(browser, site, "technique")
    long_ago = int(site.hub.clock().timestamp()) - 200 * 86_400
    page.goto(f"{site.origin}/lines/{line.id}?from={long_ago}&to={long_ago + 86_400}")
    slider = page.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    expect(slider).to_contain_text("pas de mesure")
    begin = slider.get_attribute("aria-valuemin") or ""
    page.keyboard.press("ArrowLeft")
    expect(slider).not_to_have_attribute("aria-valuemin", begin)
    expect(slider).to_be_focused()
    assert said == []
