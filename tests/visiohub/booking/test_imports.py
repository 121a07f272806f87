"""Tables taken over: what is wrong is told by line, all is written or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest
from hub_world import NOW, World
from postgresql_server import on_both_databases
from room_world import Rooms, furnish

from visiohub.booking import appointments, territory
from visiohub.booking.forms import KioskForm, PersonForm
from visiohub.booking.imports import run
from visiohub.booking.rooms import changes
from visiohub.booking.rooms.accounts import MembershipForm, create_membership
from visiohub.domain import hours
from visiohub.domain.calendar.opening import Closure, ExceptionalDay, OpeningRules
from visiohub.domain.calendar.public_holidays import HolidayRule, Territory, closed_days
from visiohub.domain.model import AppointmentState, Need, OpeningRange, Role
from visiohub.domain.permanence import Permanence
from visiohub.errors import SlotTaken

VENUES = "Nom;Genre;Rue;Code postal;Commune;Latitude;Longitude;Fuseau;Téléphone;Lundi;Mardi"
VENUE = "Mairie;Mairie;1 rue;05150;Rosans;44,39;5,47;;0465712040;8:30-12:00, 13:30-17:00;8h à 12h"
ROOMS = "Lieu;Nom;Places"
AGENTS = "Identifiant;Nom affiché;Organisme"
APPOINTMENTS = "Lieu;Borne;Organisme;Service;Jour;Heure;Agent;Initiales;Téléphone"
BOOKINGS = "Lieu;Salle;Identifiant;Payé par;Jour;Début;Fin;Visio"


def table(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("cp1252")


def told(world: World, kind: str, data: bytes) -> set[tuple[int, str, str]]:
    report = world.see(run.check, kind, data, NOW)
    with pytest.raises(run.ImportRefused) as refused:
        world.do(run.load, kind, data, world.admin, NOW)
    assert refused.value.report == report
    assert all(p.says for p in report.problems)
    return {(p.line, p.column, p.code) for p in report.problems}


@pytest.fixture
def rooms(world: World) -> Rooms:
    return furnish(world)


# --- each kind, whole ----------------------------------------------------------------------------


def test_venues_with_their_week(world: World) -> None:
    second = VENUE.replace("Rosans", "Ribiers").replace("05150", "5300")
    report = world.do(run.load, "venues", table(VENUES, VENUE, "", second), world.admin, NOW)
    assert (report.lines, report.problems) == (2, ())
    made = {v.town: v for v in world.see(lambda uow: uow.venues.list(kind="Mairie"))}
    assert (made["Ribiers"].postcode, made["Ribiers"].time_zone) == ("05300", "Europe/Paris")
    assert made["Rosans"].phone == "0465712040"
    opening = [f"{r.weekday} {r.opens:%H:%M}-{r.closes:%H:%M}" for r in made["Rosans"].opening]
    assert opening == ["0 08:30-12:00", "0 13:30-17:00", "1 08:00-12:00"]
    actions = [e.action for e in world.see(lambda uow: uow.audit.list(person_id=world.admin.id))]
    assert sorted(actions) == ["import.load", "venue.create", "venue.create"]


def test_the_same_file_twice_changes_nothing(world: World) -> None:
    world.do(run.load, "venues", table(VENUES, VENUE), world.admin, NOW)
    assert told(world, "venues", table(VENUES, VENUE)) == {(2, "Nom", "name_taken")}


WRONG_VENUES = (
    (";;0465", ";Europe/Gap;0465", "Fuseau", "time_zone"),
    ("8:30-12:00, 13:30-17:00", "8:30-12:00, 11:30-17:00", "Lundi", "ranges_overlap"),
    ("8:30-12:00, 13:30-17:00", "12:00-8:30", "Lundi", "range_backwards"),
    ("8h à 12h", "le matin", "Mardi", "time_parsing"),
    ("8h à 12h", "8h-25h", "Mardi", "time_parsing"),
    ("44,39", "94,39", "Latitude", "degrees"),
    ("44,39", "nan", "Latitude", "finite_number"),
    ("05150", "515", "Code postal", "postcode"),
    ("0465712040", "demander", "Téléphone", "phone"),
    ("Mairie;Mairie", ";Mairie", "Nom", "string_too_short"),
    ("1 rue", "r" * 201, "Rue", "string_too_long"),
    ("1 rue", "1\x00rue", "Rue", "invisible"),
)


def test_each_wrong_cell_of_a_venue_is_named(world: World) -> None:
    lines = [
        VENUE.replace("Rosans", f"Rosans {n}").replace(before, after, 1)
        for n, (before, after, _, _) in enumerate(WRONG_VENUES)
    ]
    expected = {(n, column, code) for n, (*_, column, code) in enumerate(WRONG_VENUES, start=2)}
    assert told(world, "venues", table(VENUES, *lines, VENUE)) == expected
    assert world.see(lambda uow: len(uow.venues.list())) == 2


def test_rooms(world: World) -> None:
    good = table(ROOMS, "Guillestre, Guillestre;Grande salle;20", "serres;Petite;2")
    assert world.do(run.load, "rooms", good, world.admin, NOW).lines == 2
    wrong = table(
        ROOMS, "Guillestre;Grande salle;20", "Serres;A;1", "SERRES;a;1", "Serre;B;1", ";C;1",
        "Serres;D;0", "Serres;E;beaucoup",
    )  # fmt: skip
    assert told(world, "rooms", wrong) == {
        (2, "Nom", "name_taken"), (4, "Nom", "twice"), (5, "Lieu", "unknown_reference"),
        (6, "Lieu", "missing"), (7, "Places", "greater_than_equal"), (8, "Places", "int_parsing"),
    }  # fmt: skip


def test_what_a_cell_should_hold_is_said_in_words_of_the_table(world: World) -> None:
    data = table(f"{AGENTS};Langue", "x;Conseil 1;CAF;de")
    assert told(world, "agents", data) == {
        (2, "Identifiant", "string_too_short"), (2, "Langue", "string_pattern_mismatch"),
    }  # fmt: skip
    report = world.see(run.check, "agents", data, NOW)
    assert {p.column: p.says.format(**p.params) for p in report.problems} == {
        "Identifiant": "Écrivez au moins 2 caractères.",
        "Langue": "Écrivez fr pour le français, en pour l’anglais, ou rien.",
    }


def test_agents_have_no_password(world: World) -> None:
    good = table(AGENTS, "Caf.Un;Conseil 1;caf", "caf.deux;Conseil 2;Caisse")
    world.do(run.load, "agents", good, None, NOW)
    made = world.see(lambda uow: uow.persons.list(login="caf.un"))[0]
    assert (made.roles, made.partner_id) == ({Role.AGENT}, world.partner.id)
    assert not territory.has_password(made)
    wrong = table(
        AGENTS, "caf.un;x;CAF", "a b;x;CAF", "c.d;;CAF", "e.f;x;Cpam", "g.h;x;CAF", "g.h;x;CAF"
    )
    assert told(world, "agents", wrong) == {
        (2, "Identifiant", "name_taken"), (3, "Identifiant", "string_pattern_mismatch"),
        (4, "Nom affiché", "string_too_short"), (5, "Organisme", "unknown_reference"),
        (7, "Identifiant", "twice"),
    }  # fmt: skip


@on_both_databases
def test_appointments_keep_their_hour_and_hold_it(world: World) -> None:
    good = table(
        APPOINTMENTS,
        "Guillestre;Borne 1;CAF;Logement;24/11/2026;9h40;agent;D. R.;612345678",
        "Guillestre;Borne 2;CAF;Logement;2026-11-24;09:40:00;colleague;;",
        "Serres;;CAF;Question;24/11/2026 00:00:00;9:40;;;",
    )
    world.do(run.load, "appointments", good, world.admin, NOW)
    made = world.see(lambda uow: uow.appointments.list())
    assert {a.starts_at for a in made} == {datetime(2026, 11, 24, 8, 40, tzinfo=UTC)}
    (one,) = [a for a in made if a.agent_id == world.agent.id]
    assert (one.initials, one.phone, one.state) == ("D. R.", "0612345678", AppointmentState.BOOKED)
    with pytest.raises(SlotTaken):
        world.book("09:45", day=date(2026, 11, 24))
    paper = world.do(appointments.reissue_code, one.id, world.reception, NOW)
    assert len(paper.code) == 9
    assert told(world, "appointments", good) == {
        (2, "Agent", "taken"), (2, "Heure", "taken"), (3, "Agent", "taken"), (3, "Heure", "taken"),
        (4, "Heure", "taken"),
    }  # fmt: skip


@on_both_databases
def test_bookings_of_rooms_and_their_buffers(rooms: Rooms) -> None:
    world = rooms.world
    login = rooms.coworker.login
    venue, room = "Guillestre", rooms.room.name
    good = table(
        BOOKINGS,
        f"{venue};{room};{login};;24/11/2026;9:00;11:00;non",
        f"{venue};{room};{login};{rooms.organisation.name};24/11/2026;11:00;12:00;oui",
    )
    world.do(run.load, "bookings", good, world.admin, NOW)
    made = world.see(lambda uow: uow.bookings.list())
    assert [(b.membership_id, b.visio) for b in made] == [
        (rooms.account.id, False), (rooms.paid.id, True),
    ]  # fmt: skip
    assert world.see(lambda uow: uow.charges.list()) == []
    wrong = table(
        BOOKINGS,
        f"{venue};{room};{login};;24/11/2026;10:00;11:30;",
        f"{venue};{room};{login};;25/11/2026;10:00;9:00;",
        f"{venue};{room};{login};;28/03/2027;2:30;9:00;peut-être",
        f"{venue};{room};agent;;25/11/2026;10:00;11:00;",
        f"{venue};{room};{login};Personne;25/11/2026;10:00;11:00;",
        f"{venue};Cave;{login};;25/11/2026;10:00;11:00;",
        f"{venue};{room};{login};;26/11/2026;10:00;12:00;",
        f"{venue};{room};{login};;26/11/2026;11:00;13:00;",
        f"{venue};{room};{login};;20/11/2026;11:00;13:00;",
    )
    assert told(world, "bookings", wrong) == {
        (2, "Début", "taken"), (3, "Fin", "range_order"), (4, "Début", "time_does_not_exist"),
        (4, "Visio", "flag"), (5, "Identifiant", "no_account"),
        (6, "Payé par", "unknown_reference"), (7, "Salle", "unknown_reference"),
        (9, "Début", "taken_in_file"), (10, "Jour", "in_the_past"),
    }  # fmt: skip
    booked = world.see(lambda uow: uow.bookings.list())[0]
    _, settled = world.do(changes.cancel, booked.id, booked.version, world.admin, NOW)
    assert [s.refund.total for s in settled] == [0]


# --- what the calendar says ----------------------------------------------------------------------


def test_exceptions_closures_holidays_and_the_rooms_hours(rooms: Rooms) -> None:
    """For appointments, and for bookings of rooms."""
    world = rooms.world
    zone = hours.zone_of(world.venue.time_zone)
    december = date(2026, 12, 1)
    shut = Closure.of_days(december, december, zone, "Travaux")
    market = ExceptionalDay(date(2026, 12, 2), ((time(8), time(10)),), "Marché")
    rules = OpeningRules(
        exceptions=(market,), closures=(shut,), holidays=HolidayRule(Territory.METROPOLE)
    )
    rooms.terms(world.venue.id, rules=rules)
    mornings = tuple(OpeningRange(day, time(8), time(12)) for day in range(5))
    for room_id in (world.kiosk.room_id, rooms.room.id):
        rooms.terms(room_id, rules=OpeningRules(weekly=mornings))
    wanted = (
        ("25/12/2026", "10:00", {"public_holiday"}),
        ("01/12/2026", "10:00", {"closure"}),
        ("02/12/2026", "10:30", {"exceptional_day"}),
        ("02/12/2026", "9:00", set()),
        ("03/12/2026", "14:00", {"outside_hours"}),
        ("03/12/2026", "9:00", set()),
    )
    asked = [f"Guillestre;Borne 1;CAF;Logement;{day};{at};;;" for day, at, _ in wanted]
    found = world.see(run.check, "appointments", table(APPOINTMENTS, *asked), NOW).problems
    expected = [(n, code) for n, (*_, codes) in enumerate(wanted, start=2) for code in codes]
    assert [(p.line, p.code) for p in found] == expected
    booked = [
        f"Guillestre;{rooms.room.name};{rooms.coworker.login};;{day};{at};{at.split(':')[0]}:45;"
        for day, at, _ in wanted
    ]
    found = world.see(run.check, "bookings", table(BOOKINGS, *booked), NOW).problems
    assert [(p.line, p.code) for p in found] == expected


def test_a_month_in_which_the_clocks_go_back_is_31_days(rooms: Rooms) -> None:
    room, login = rooms.room.name, rooms.coworker.login
    start = f"Guillestre;{room};{login};;01/10/2027;0:00;0:00;;"
    asked = table(f"{BOOKINGS};Dernier jour", f"{start}31/10/2027", f"{start}01/11/2027")
    said = told(rooms.world, "bookings", asked)
    assert [one for one in said if one[2] == "too_long"] == [(3, "Dernier jour", "too_long")]


def test_days_out_of_sight(rooms: Rooms) -> None:
    world, room, login = rooms.world, rooms.room.name, rooms.coworker.login
    far = ("0001-01-01", "31/12/9999")
    asked = [f"Guillestre;Borne 1;CAF;Logement;{day};0:05;;;" for day in far]
    assert told(world, "appointments", table(APPOINTMENTS, *asked)) == {
        (line, "Jour", "out_of_sight") for line in (2, 3)
    }
    booked = [f"Guillestre;{room};{login};;{day};0:05;0:00;" for day in far]
    assert told(world, "bookings", table(BOOKINGS, *booked)) == {
        (line, "Jour", "out_of_sight") for line in (2, 3)
    }


@on_both_databases
def test_mail_language_and_needs(world: World) -> None:
    heads = f"{APPOINTMENTS};Courriel;Langue;Besoins"
    good = "Guillestre;Borne 1;CAF;Logement;24/11/2026;9:00;;D. R.;"
    csv = table(heads, f'{good};d.r@citizen.example;EN;"Interprète, grands caractères"')
    world.do(run.load, "appointments", csv, world.admin, NOW)
    (made,) = world.see(lambda uow: uow.appointments.list())
    assert (made.email, made.language) == ("d.r@citizen.example", "en")
    assert made.needs == {Need.INTERPRETER, Need.LARGE_PRINT}
    wrong = [f"{good.replace('9:00', '10:00')};{rest}" for rest in ("x@;;", ";de;", ";;un café")]
    assert told(world, "appointments", table(heads, *wrong)) >= {
        (2, "Courriel", "email"), (4, "Besoins", "unknown_need"),
    }  # fmt: skip


# --- who receives --------------------------------------------------------------------------------


def counter(world: World, seats: int = 1, **fields: object) -> Permanence:
    """At which the service's people are received, from eight to twelve."""
    return world.counter(**{"seats": seats, "first_day": NOW.date(), "opens": time(8), **fields})


@on_both_databases
def test_what_is_taken_over_has_a_seat_of_the_counter(world: World) -> None:
    kept = counter(world, seats=2)
    good = table(
        APPOINTMENTS,
        "Guillestre;Borne 1;CAF;Logement;24/11/2026;9:00;;;",
        "Guillestre;Borne 2;CAF;Logement;24/11/2026;9:15;;;",
        "Guillestre;Borne 1;CAF;Logement;24/11/2026;9:45;colleague;;",
    )
    world.do(run.load, "appointments", good, world.admin, NOW)
    made = world.see(lambda uow: uow.appointments.list())
    assert [a.seat_id for a in made] == [f"{kept.id}/1", f"{kept.id}/2", f"{kept.id}/1"]
    wrong = table(
        APPOINTMENTS,
        "Serres;;CAF;Logement;24/11/2026;9:20;;;",
        "Serres;;CAF;Logement;24/11/2026;14:00;;;",
        "Guillestre;Borne 1;CAF;Logement;24/11/2026;11:00;;;",
        "Guillestre;Borne 2;CAF;Logement;24/11/2026;11:00;;;",
        "Serres;;CAF;Logement;24/11/2026;11:15;;;",
    )
    assert told(world, "appointments", wrong) == {
        (2, "Heure", "nobody_free"), (3, "Heure", "nobody_free"), (6, "Heure", "nobody_free"),
    }  # fmt: skip


def test_an_agents_own_window_is_no_seat(world: World) -> None:
    counter(world, name="", agent_id=world.agent.id)
    lines = [
        f"Guillestre;Borne {n};CAF;Logement;24/11/2026;9:00;{agent};;"
        for n, agent in ((1, ""), (2, ""))
    ]
    assert told(world, "appointments", table(APPOINTMENTS, *lines)) == {(3, "Heure", "nobody_free")}
    world.do(run.load, "appointments", table(APPOINTMENTS, lines[0]), world.admin, NOW)
    (made,) = world.see(lambda uow: uow.appointments.list())
    assert (made.seat_id, made.agent_id) == (None, None)
    assert told(world, "appointments", table(APPOINTMENTS, lines[1])) == {
        (2, "Heure", "nobody_free")
    }


def test_two_accounts_of_one_person_are_told_apart(rooms: Rooms) -> None:
    world = rooms.world
    second = MembershipForm(person_id=rooms.coworker.id, profile="guest")
    other = world.do(create_membership, second, rooms.coordinator, NOW)
    line = f"Guillestre;{rooms.room.name};{rooms.coworker.login};;24/11/2026;9:00;11:00;"
    heads = f"{BOOKINGS};Profil"
    assert told(world, "bookings", table(heads, f"{line};", f"{line};patron")) == {
        (2, "Profil", "which_account"), (3, "Profil", "no_such_profile"),
    }  # fmt: skip
    world.do(run.load, "bookings", table(heads, f"{line};Guest"), world.admin, NOW)
    assert world.see(lambda uow: uow.bookings.list())[0].membership_id == other.id
    world.do(create_membership, second, rooms.coordinator, NOW)
    assert told(world, "bookings", table(heads, f"{line};guest")) == {
        (2, "Profil", "several_accounts")
    }


# --- 10,000 lines with every kind of error -------------------------------------------------------


@dataclass(frozen=True)
class Wrong:
    """A change of a good line of appointments, and what must be said of it."""

    at: int
    to: str
    code: str


WRONG = (
    Wrong(0, "Gap", "unknown_reference"),
    Wrong(0, "", "missing"),
    Wrong(1, "Borne 9", "unknown_reference"),
    Wrong(1, "", "which_kiosk"),
    Wrong(2, "CPAM", "unknown_reference"),
    Wrong(3, "Impôts", "unknown_reference"),
    Wrong(4, "31/02/2027", "date_parsing"),
    Wrong(4, "46347", "serial_day"),
    Wrong(4, "20/11/2026", "in_the_past"),
    Wrong(4, "24/11/2036", "too_far_ahead"),
    Wrong(4, "28/11/2026", "outside_hours"),  # a Saturday
    Wrong(4, "25/12/2026", "public_holiday"),
    Wrong(5, "25:00", "time_parsing"),
    Wrong(5, "12:15", "outside_hours"),
    Wrong(6, "personne", "unknown_reference"),
    Wrong(6, "stranger", "other_partner"),
    Wrong(7, "trop de lettres", "string_too_long"),
    Wrong(7, "0612345678", "string_pattern_mismatch"),
    Wrong(8, "x", "phone"),
    Wrong(8, "4,65E+08", "rounded"),
    Wrong(8, "#REF!", "spreadsheet_error"),
    Wrong(0, "Guill\x00estre", "invisible"),
    Wrong(0, "=Guillestre", "unknown_reference"),
)


def good_lines() -> Iterator[list[str]]:
    """Appointments that fit, day after day, at Guillestre's two kiosks."""
    closed = closed_days(HolidayRule(Territory.METROPOLE), 2026, 2029)
    for ahead in count(1):
        day = date(2026, 11, 23) + timedelta(days=ahead)
        for at in range(32 if day.weekday() < 5 and day not in closed else 0):
            kiosk, clock = f"Borne {1 + at // 16}", f"{8 + at % 16 // 4}:{at % 4 * 15:02}"
            yield ["Guillestre", kiosk, "CAF", "Question", f"{day:%d/%m/%Y}", clock, "", "", ""]


def test_10_000_lines_with_every_kind_of_error(world: World) -> None:
    world.book("08:00", day=date(2026, 11, 25))  # lines 34 and 35 want it, too
    lines, expected, source = [APPOINTMENTS], set(), good_lines()
    wrong = iter(WRONG * 20)
    for line in range(2, 10_002):
        cells = next(source)
        if line in {34, 35}:
            expected.add((line, "taken"))
        elif line % 23 == 0:
            one = next(wrong)
            cells[one.at] = one.to
            expected.add((line, one.code))
        elif line % (23 * 44) == 2 and line > 2:
            cells[1:6] = lines[-1].split(";")[1:6]
            expected.add((line, "taken_in_file"))
        lines.append(";".join(cells))
    report = world.see(run.check, "appointments", table(*lines), NOW)
    assert report.lines == 10_000
    assert {(p.line, p.code) for p in report.problems} == expected
    assert {w.code for w in WRONG} <= {code for _, code in expected}


def test_the_tables_of_the_documentation_can_be_taken_over(world: World) -> None:
    text = (Path(__file__).parents[3] / "docs/administration.md").read_text("utf-8")
    tables = dict(
        zip(
            ("venues", "rooms", "agents", "appointments", "bookings"),
            re.findall(r"```csv\n(.*?)```", text, re.DOTALL),
            strict=True,
        )
    )
    coordinator = furnish(world).coordinator
    martin = PersonForm(login="paysages.martin", label="M", roles=frozenset({Role.PROFESSIONAL}))
    account = MembershipForm(
        person_id=world.do(territory.create, martin, None, NOW).id, profile="member"
    )
    world.do(create_membership, account, coordinator, NOW)
    for kind, csv in tables.items():
        assert world.do(run.load, kind, csv.encode(), world.admin, NOW).lines == 1
        if kind == "rooms":
            room = world.see(lambda uow: uow.rooms.list(name="Salle du conseil"))[0]
            kiosk = KioskForm(room_id=room.id, name="Borne Rosans")
            world.do(territory.create, kiosk, None, NOW)
