"""The audit trail in words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import visiohub
from visiohub.booking.territory import facts
from visiohub.domain import model
from visiohub.domain.booking import Membership, Organisation, PlaceRules, PriceList
from visiohub.domain.calendar.limits import Limits
from visiohub.domain.connections import Despite, FeedKind
from visiohub.domain.line import LineTerms, LineTest, Wrapping
from visiohub.web.i18n import speak
from visiohub.web.trail_fields import FIELD, FORM, UNTOLD
from visiohub.web.trail_words import ACTION, FEED, action_words, change_words, value_words
from visiohub.web.words import DESPITE

PACKAGE = Path(visiohub.__file__).parent
THINGS = ("Venue", "Line", "Room", "Kiosk", "Partner", "Service", "Person")
"""Of booking/territory.py, which makes its actions of their names."""
NO_FIELDS = {"id", "version", "standing", "sealed"}
"""Of what the trail speaks of, but never in it."""

TAKEN = "2026-11-23T09:15:00+00:00/2026-11-23T09:45:00+00:00"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([TAKEN], "lundi 23 novembre 2026, 10 h 15 à 10 h 45"),
        ("2026-11-23T09:15:00+00:00", "23/11/2026 10 h 15"),
        ("rue A/B", "rue A/B"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
        ("2026-02-30", "2026-02-30"),
        ("FREQ=YEARLY", "FREQ=YEARLY"),
        (["2026-12-20/2027-01-03 Noël"], "Noël, du 20/12/2026 au 03/01/2027"),
        ("2026-12-20/2027-01-03 ", "du 20/12/2026 au 03/01/2027"),
        ("2026-02-30/2027-01-03 Noël", "2026-02-30/2027-01-03 Noël"),
    ],
)
def test_what_was_overruled_is_said(value: object, said: str) -> None:
    speak("fr")
    assert value_words(value, "Europe/Paris").replace("\u00a0", " ") == said


def test_every_reason_has_words() -> None:
    assert set(DESPITE) == set(Despite)
    assert set(FEED) == set(FeedKind)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("opening", ["0 09:00-12:00", "0 14:00-16:30"], "lundi 9 h à 12 h, lundi 14 h à 16 h 30"),
        ("hours", "13:30-16:30", "13 h 30 à 16 h 30"),
        ("rule", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "lundi à vendredi"),
        ("rule", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "mardi, jeudi, toutes les 2 semaines"),
        ("rule", "FREQ=WEEKLY;INTERVAL=3", "toutes les 3 semaines"),
        ("rule", "FREQ=DAILY;COUNT=5", "chaque jour, 5 fois"),
        (
            "rule",
            "FREQ=DAILY;INTERVAL=2;UNTIL=20261231T225959Z",
            "tous les 2 jours, jusqu’au 31/12/2026",
        ),
        ("rule", "FREQ=MONTHLY;BYDAY=2TU,-1FR", "deuxième mardi du mois, dernier vendredi du mois"),
        ("rule", "FREQ=MONTHLY;BYDAY=-2MO", "deuxième lundi du mois en partant de la fin"),
        (
            "rule",
            "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=15,-1",
            "le 15 du mois, dernier jour du mois, tous les 2 mois",
        ),
        ("rule", "FREQ=MONTHLY;BYMONTHDAY=-3", "jour 3 du mois en partant de la fin"),
        ("rule", "outage", "ligne coupée"),
        ("from", "2026-11-16", "16/11/2026"),
        ("limits", {"notice": "1 day, 2:00:00"}, "Délai avant : 26 h"),
        ("buffer_before", "0:00:00", "0 min"),
        ("despite_calendar", str(Despite.URGENT), "Oui, c’est urgent"),
        ("wrapping", str(Wrapping.PPPOA_VC), "ADSL, PPPoA"),
        ("rooms", {"Salle bleue": "requested"}, "Salle bleue : À valider"),
        ("latitude", 44.5551, "44,5551"),
    ],
)
def test_values_are_told_as_people_read_them(field: str, value: object, said: str) -> None:
    speak("fr")
    assert value_words(value, "Europe/Paris", field).replace("\u00a0", " ") == said


def test_a_field_and_its_value_are_kept_apart() -> None:
    speak("fr")
    said = change_words("appointment.book", "kiosk_id", "Borne Gap 2", "Europe/Paris")
    assert said.replace("\u00a0", " ") == "Borne : Borne Gap 2"
    assert "Technologie" not in change_words("venue.create", "kind", "Mairie", "Europe/Paris")


def notes() -> Iterator[tuple[ast.Module, ast.Call]]:
    """Each place of the code that writes to the trail."""
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) == 7:
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id  # type: ignore[attr-defined]
                if name == "note":
                    yield tree, node


def strings_in(tree: ast.AST) -> set[str]:
    return {
        n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }


def test_every_action_of_the_code_has_words() -> None:
    actions = {
        f"{thing.lower()}.{verb}" for thing in THINGS for verb in ("create", "update", "retire")
    }
    actions |= {"organisation.update", "membership.update"}
    kinds = {action.partition(".")[0] for action in ACTION}
    for tree, call in notes():
        action = call.args[3]
        if isinstance(action, ast.Constant):
            actions.add(str(action.value))
        elif isinstance(action, ast.Name):  # handed over by the module's own use cases
            known = {s for s in strings_in(tree) if s.count(".") == 1}
            actions |= {
                s
                for s in known
                if s.partition(".")[0] in kinds and s.replace(".", "").replace("_", "").isalpha()
            }
    assert len(actions) > 70
    speak("fr")
    assert [action for action in sorted(actions) if action_words(action) == action] == []


def dicts_of(tree: ast.Module, call: ast.Call) -> Iterator[ast.Dict]:
    """Those handed to the trail, written beside it, or by the module's own `facts`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if node.name in {"facts", "_facts"}:
                yield from (one for one in ast.walk(node) if isinstance(one, ast.Dict))
            elif any(one is call for one in ast.walk(node)):
                for one in ast.walk(node):
                    if isinstance(one, ast.AnnAssign) and isinstance(one.value, ast.Dict):
                        yield one.value
    for part in call.args[5:]:
        yield from (one for one in ast.walk(part) if isinstance(one, ast.Dict))


def test_every_field_that_the_code_writes_down_has_words() -> None:
    names: set[str] = set()
    for tree, call in notes():
        for one in dicts_of(tree, call):
            names |= {str(key.value) for key in one.keys if isinstance(key, ast.Constant)}
    for entity in (Organisation, Membership, PlaceRules, PriceList, Limits, LineTerms, LineTest):
        names |= {f.name for f in fields(entity)} - NO_FIELDS
    assert len(names) > 60
    assert sorted(names - FIELD.keys() - UNTOLD - NO_FIELDS) == []


@pytest.mark.parametrize("thing", THINGS)
def test_every_field_of_the_territory_has_words(thing: str) -> None:
    kind = getattr(model, thing)
    blank = kind(**{field.name: "" for field in fields(kind) if field.init})
    names = {name for name in facts(blank) if (thing.lower(), name) not in FORM}
    assert sorted(names - FIELD.keys() - UNTOLD) == []
