"""A citizen alone with a telephone: finds a slot near by, books, moves and cancels; axe on each."""

from __future__ import annotations

import pytest
from hub_browser import fits_when_narrow, no_violation, open_page
from hub_site import Site
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser


def sound(page: Page) -> None:
    """Accessible, and no wider than the telephone."""
    no_violation(page)
    fits_when_narrow(page)
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_citizen_books_moves_and_cancels_alone(browser: Browser, site: Site) -> None:
    page, said = open_page(browser, site, None, 390)
    page.goto(site.origin)
    # a service and a place; then the first free slots
    page.get_by_label("Service", exact=True).select_option(label="Retraite agricole")
    page.get_by_label("Commune ou code postal").first.fill("Veynes")
    page.get_by_role("button", name="Chercher").first.click()
    assert page.locator(".venues h3").first.inner_text().startswith("Veynes")
    page.locator("#map svg").wait_for()
    # what was found comes before the form, which is one press away
    assert not page.get_by_label("Commune ou code postal").is_visible()
    assert "Veynes" in page.locator(".asked").inner_text()
    letters = page.locator("#map text.narrow").first
    assert letters.is_visible()
    shown = letters.evaluate("t => parseFloat(getComputedStyle(t).fontSize) * t.getCTM().a")
    assert shown >= 15  # look/LOOK.md: the least on a telephone
    sound(page)
    page.get_by_role("link", name="Changer la recherche").click()
    assert page.get_by_label("Commune ou code postal").is_visible()
    sound(page)
    page.get_by_role("link", name="Autres dates").first.click()
    sound(page)
    page.locator(".slots .slot a").nth(2).click()
    # what is needed; then the paper
    page.get_by_label("La langue des signes").check()
    page.get_by_label("Vos initiales").fill("D. R.")
    sound(page)
    page.get_by_role("button", name="Prendre ce rendez-vous").click()
    digits = page.locator(".digits").inner_text()
    assert len("".join(c for c in digits if c.isdigit())) == 8
    assert "Retraite" not in page.locator("main").inner_text()
    sound(page)
    # by its link: moved, then cancelled
    page.get_by_role("link", name="Déplacer ou annuler").click()
    sound(page)
    page.get_by_role("button", name="Déplacer").click()
    sound(page)
    other = page.locator("button[name=to]").nth(4)
    hour = other.evaluate("button => button.lastChild.data")
    other.click()
    page.get_by_text("est déplacé").wait_for()
    assert page.get_by_role("heading", level=1).inner_text().endswith(f", {hour}")
    sound(page)
    page.get_by_text("Annuler le rendez-vous").first.click()
    page.get_by_role("button", name="Annuler le rendez-vous").click()
    page.get_by_text("est annulé").wait_for()
    sound(page)
    # what is wrong is said, and what was typed is kept
    page.get_by_role("link", name="Mon rendez-vous").click()
    page.get_by_label("Lieu").select_option(index=1)
    page.get_by_label("Jour").fill("24/11/2026")
    page.get_by_label("Heure").fill("9 h 30")
    page.get_by_label("Code").fill("00000000")
    page.get_by_role("button", name="Voir mon rendez-vous").click()
    assert "Aucun rendez-vous" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Heure").input_value() == "9 h 30"
    sound(page)
    assert [text for text in said if "409" not in text] == []
    page.context.close()
