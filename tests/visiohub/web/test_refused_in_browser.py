"""Forms that were refused, in Chromium: what is wrong is said first, what was typed is kept."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hub_browser import fits_when_narrow, no_violation, open_page, speaking
from hub_site import Site
from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

SAVE = "main form.sheet-form button.go"


@dataclass(frozen=True)
class Mistake:
    """Who types what where; every field is sent as it stands."""

    login: str
    path: str
    typed: dict[str, str]


MISTAKES = (
    Mistake("admin", "/admin/venues/new", {"name": "Mairie d’un village", "latitude": "beaucoup"}),
    Mistake("admin", "/lines/{line}/modem", {"host": "le modem", "port": "161"}),
    Mistake("technique", "/lines/{line}/works", {"end_time": "0 h", "reason": "Filtre changé"}),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.path.split("/")[-1])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_refused_form(browser: Browser, site: Site, mistake: Mistake, language: str) -> None:
    with site.hub.reading() as uow:
        line = uow.lines.list()[0].id
    page, _said = open_page(browser, site, mistake.login, 390, language)
    with speaking(site, mistake.login, language):
        page.goto(site.origin + mistake.path.format(line=line))
        for name, text in mistake.typed.items():
            page.fill(f"#f-{name}", text)
        page.click(SAVE)
        page.locator("#errors li").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "errors"
    assert {name: page.input_value(f"#f-{name}") for name in mistake.typed} == mistake.typed
    no_violation(page)
    fits_when_narrow(page)
    page.context.close()
