"""A venue's full name: many a town has a "Mairie"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from visiohub.domain.model import Venue

VENUE = Venue("v", "", "Mairie", "1 rue Haute", "05000", "", 44.5, 6.0, "Europe/Paris", "")


@pytest.mark.parametrize(
    ("town", "name", "full"),
    [
        ("Aiguilles", "Mairie", "Aiguilles, Mairie"),
        ("Embrun", "Maison de services d’Embrun", "Maison de services d’Embrun"),
        ("L’Argentière-la-Bessée", "Mairie de l'Argentiere la Bessee",
         "Mairie de l'Argentiere la Bessee"),
        ("Ars", "Mairie d’Arsac", "Ars, Mairie d’Arsac"),
        ("Gap", "Gap", "Gap"),
    ],
)  # fmt: skip
def test_the_town_is_said_once(town: str, name: str, full: str) -> None:
    assert replace(VENUE, town=town, name=name).full_name == full
