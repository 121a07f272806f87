"""What is kept of people: purged by kind, exported whole, erased with the record kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hub_world import DAY, NOW, World
from postgresql_server import on_both_databases
from room_world import TOMORROW, at, furnish
from waiting_world import join

from signaling.ports import CallFact
from visiohub.booking import (
    accounts,
    appointments,
    arrivals,
    calls,
    limits,
    territory,
    waiting,
    waiting_desk,
)
from visiohub.booking.forms import PersonForm
from visiohub.booking.imports import uploads
from visiohub.booking.personal import erase, retention, subjects
from visiohub.booking.personal.export import export_citizen, export_staff, export_waiting
from visiohub.booking.rooms import accounts as room_accounts
from visiohub.booking.rooms import attendance, changes, keys
from visiohub.booking.secrets import new_token
from visiohub.booking.waiting import WaitingForm
from visiohub.domain.model import AppointmentState, CancelledBy, Need, Person, Role
from visiohub.domain.permanence import Absence
from visiohub.errors import LastAdministrator, NotFound
from visiohub.jobs.waiting import serve_waiting

pytestmark = on_both_databases

TEN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAME = "Camille Zolverini"


@pytest.fixture
def leaver(world: World) -> Person:
    form = PersonForm(
        login="camille.zolverini",
        label=NAME,
        initials="CZv",
        roles=frozenset({Role.AGENT}),
        partner_id=world.partner.id,
    )
    person: Person = world.do(territory.create, form, world.admin, NOW)
    world.do(accounts.open_session, person, "Firefox de Camille", NOW)
    world.do(limits.count_try, limits.SIGN_IN_LOGIN, person.login, NOW)
    return person


def everything(world: World) -> str:
    """All rows of all tables that a name could be in, as text."""
    with world.hub.reading() as uow:
        rows = [
            *uow.persons.list(), *uow.audit.list(), *uow.sessions.list(), *uow.attempts.list(),
            *uow.absences.list(), *uow.uploads.list(), *uow.appointments.list(), *uow.calls.list(),
        ]  # fmt: skip
        return "\n".join(str(row) for row in rows)


def test_of_an_account_all_is_exported_and_then_nothing_left(world: World, leaver: Person) -> None:
    booked = world.book("10:00", agent_id=leaver.id)
    absence = Absence("a", leaver.id, world.partner.id, NOW, NOW + timedelta(days=1), "Zolverini")
    world.do(lambda uow: uow.absences.add(absence))
    world.do(uploads.send, "venues", "zolverini.csv", b"x", leaver, NOW)
    export = world.see(export_staff, leaver.id, NOW)
    said = export.plain()
    assert json.loads(json.dumps(said)) == said
    assert {part.code for part in export.parts} == {
        "account", "sessions", "attempts", "received", "absences", "uploads", "changed",
    }  # fmt: skip
    (account,) = said["data"]["account"]
    assert (account["label"], account["partner"]) == (NAME, "Caisse")
    assert "password_hash" not in account

    assert "Zolverini" in everything(world)
    world.do(erase.erase_staff, leaver.id, world.admin, NOW)
    assert not {"olverini", "CZv", "Camille", "camille"} & set(everything(world).split("'"))
    assert "olverini" not in everything(world)
    assert not re.search(r"\bCZv\b", everything(world))  # a hash may hold the letters
    appointment = world.appointment(booked.appointment_id)
    assert (appointment.agent_id, appointment.state) == (None, AppointmentState.BOOKED)
    assert world.see(lambda uow: uow.audit.list(action="person.erase", subject=leaver.id))
    assert world.book("10:30", agent_id=None)  # the hub goes on
    kept = world.see(lambda uow: uow.persons.get(leaver.id))
    assert erase.is_erased(kept)
    assert (kept.active, kept.roles) == (False, frozenset())


def test_who_is_needed_is_not_erased(world: World) -> None:
    with pytest.raises(LastAdministrator):
        world.do(erase.erase_staff, world.admin.id, world.admin, NOW)
    with pytest.raises(NotFound):
        world.do(erase.erase_staff, "nobody", world.admin, NOW)
    rooms = furnish(world)
    booked = rooms.book()
    with pytest.raises(erase.StillBooked):
        world.do(erase.erase_staff, rooms.coworker.id, world.admin, NOW)
    changed, _ = world.do(
        changes.cancel, booked.booking.id, booked.booking.version, rooms.coworker, NOW
    )
    assert changed.booking.version == 2
    world.do(erase.erase_staff, rooms.coworker.id, world.admin, NOW)
    accounts_left = world.see(lambda uow: uow.memberships.list(person_id=rooms.coworker.id))
    assert not any(account.active for account in accounts_left)


def test_a_citizen_is_found_by_the_paper_alone(world: World) -> None:
    booked = world.book("10:00", initials="Q. Z.", phone="04 65 71 20 99")
    find = subjects.by_paper
    by_code = world.see(find, booked.code, world.venue.id, DAY)
    by_qr = world.see(find, booked.qr_text, "", date(2000, 1, 1))
    assert by_code.id == by_qr.id == booked.appointment_id
    for paper, venue, day in (
        ("0000 0000", world.venue.id, DAY),
        (booked.code, world.elsewhere.id, DAY),
        (booked.code, world.venue.id, DAY + timedelta(days=1)),
        (booked.code, "nowhere", DAY),
        (booked.qr_text + "x", world.venue.id, DAY),
        ("", world.venue.id, DAY),
    ):
        with pytest.raises(subjects.NobodyFound):
            world.see(find, paper, venue, day)


def test_of_a_citizen_the_appointment_stays_without_the_person(world: World) -> None:
    booked = world.book("10:00", initials="Q. Z.", phone="04 65 71 20 99")
    export = world.see(export_citizen, booked.appointment_id, NOW).plain()
    (kept,) = export["data"]["appointment"]
    assert (kept["initials"], kept["phone"]) == ("Q. Z.", "04 65 71 20 99")
    assert (kept["service"], kept["kiosk"]) == ("Logement", "Borne 1")
    world.do(erase.erase_citizen, booked.appointment_id, world.admin, NOW)
    appointment = world.appointment(booked.appointment_id)
    assert (appointment.initials, appointment.phone, appointment.code_hash) == ("", "", "")
    assert (appointment.state, appointment.cancelled_by) == (
        AppointmentState.CANCELLED, CancelledBy.CITIZEN,
    )  # fmt: skip
    world.book("10:00")  # the slot is free again
    assert "Q. Z." not in everything(world)


def test_a_citizen_at_the_kiosk_is_not_erased_until_the_call_is_over(world: World) -> None:
    booked = world.book("10:00", initials="Q. Z.")
    ticket = world.do(arrivals.present_code, world.kiosk.id, booked.code, "fr", TEN)
    with pytest.raises(erase.StillThere):
        world.do(erase.erase_citizen, booked.appointment_id, world.admin, TEN)
    refused = CallFact(
        ticket.call_id, TEN, "ended", 0, end_reason="refused", refusal="other", refusal_text="Q. Z."
    )
    world.do(calls.record_fact, refused)
    world.do(erase.erase_citizen, booked.appointment_id, world.admin, TEN)
    assert "Q. Z." not in everything(world)
    assert world.see(lambda uow: uow.calls.get(ticket.call_id)).refusal == "other"


def test_each_kind_goes_by_its_own_setting(world: World, leaver: Person) -> None:
    settings = world.hub.settings
    assert len({r.setting for r in retention.RETENTIONS}) == len(retention.RETENTIONS)
    kept_by_settings = {n for n in type(settings).model_fields if n.startswith("keep_")}
    lines = {n for n in kept_by_settings if n.startswith("keep_line_")}
    assert {r.setting for r in retention.RETENTIONS} == kept_by_settings - lines

    absence = Absence("a", leaver.id, world.partner.id, NOW, NOW + timedelta(days=1), "")
    world.do(lambda uow: uow.absences.add(absence))
    world.do(uploads.send, "venues", "x.csv", b"x", leaver, NOW)
    assert not any(world.do(retention.purge, NOW).values())
    world.do(territory.retire, Person, leaver.id, leaver.version, world.admin, NOW)

    gone = world.do(retention.purge, NOW + timedelta(days=2, seconds=1))
    assert {code for code, count in gone.items() if count} == {"attempts", "uploads"}
    gone = world.do(retention.purge, NOW + timedelta(days=31, seconds=1))
    assert {code for code, count in gone.items() if count} == {"absences", "sessions"}
    assert NAME in everything(world)
    gone = world.do(retention.purge, NOW + timedelta(days=365, seconds=1))
    assert gone["accounts"] == 1
    assert NAME not in everything(world)
    assert world.do(retention.purge, NOW + timedelta(days=366))["accounts"] == 0


def test_who_took_a_place_of_the_waiting_list_goes_with_the_appointment(world: World) -> None:
    furnish(world)
    world.hold(first_day=TOMORROW, opens=time(10), closes=time(10, 30), rule="FREQ=DAILY;COUNT=1")
    key = new_token()
    contact = {"phone": "06 12 34 56 78", "email": "f@example.org"}
    needs = frozenset({Need.WHEELCHAIR})
    entry = join(world, key, venue_ids=(world.venue.id,), needs=needs, **contact)
    assert serve_waiting(world.hub, lambda: False) == 1
    booked = world.do(waiting.accept, entry.id, key, NOW + timedelta(minutes=5))

    def contacts() -> tuple[object, ...]:
        kept = world.see(lambda uow: uow.waiting_list.get(entry.id))
        return (kept.initials, kept.phone, kept.email, kept.needs)

    days = world.hub.settings.keep_appointment_contacts_days
    ends_at = world.appointment(booked.appointment_id).ends_at
    world.do(retention.purge, ends_at + timedelta(days=days))
    assert contacts() == ("F. B.", "06 12 34 56 78", "f@example.org", {Need.WHEELCHAIR})
    world.do(retention.purge, ends_at + timedelta(days=days, seconds=1))
    assert world.appointment(booked.appointment_id).phone == ""
    assert contacts() == ("", "", "", frozenset())


def test_who_only_waits_is_found_exported_and_erased(world: World) -> None:
    furnish(world)
    entry = join(world, new_token(), phone="06 12 34 56 78", email="F@example.org")
    for contact in ("f@example.org ", "0612345678", "06.12.34.56.78"):
        assert world.see(subjects.by_contact, contact).id == entry.id
    for contact in ("", " ", "g@example.org", "06 12"):
        with pytest.raises(subjects.NobodyWaits):
            world.see(subjects.by_contact, contact)
    data = world.see(export_waiting, entry.id, NOW).plain()["data"]
    (kept,) = data["waiting_list"]
    assert (kept["initials"], kept["email"], kept["service"]) == (
        "F. B.", "F@example.org", "Logement",
    )  # fmt: skip
    world.do(erase.erase_waiting, entry.id, world.admin, NOW)
    assert world.see(lambda uow: uow.waiting_list.list()) == []
    assert world.see(lambda uow: uow.audit.list(action="citizen.erase", subject=entry.id))
    with pytest.raises(NotFound):
        world.do(erase.erase_waiting, entry.id, world.admin, NOW)


def test_every_entry_of_a_contact_goes_with_the_one_that_is_found(world: World) -> None:
    furnish(world)
    soon = NOW + timedelta(minutes=1)
    first = join(world, new_token(), phone="06 12 34 56 78", email="f@example.org")
    wish = WaitingForm(
        service_id=world.service.id,
        venue_ids=(world.venue.id,),
        not_after=NOW + timedelta(weeks=1),
        phone="+33 6 12 34 56 78",
    )
    latest = world.do(waiting_desk.join, wish, new_token(), "fr", world.reception, soon)
    other = join(world, new_token(), phone="06 12 34 56 79", email="g@example.org")
    for contact in ("0612345678", "+33612345678", "0033 6 12 34 56 78"):
        assert world.see(subjects.by_contact, contact).id == latest.id
    with pytest.raises(subjects.NobodyWaits):
        world.see(subjects.by_contact, "me612345678@example.org")  # its digits are no telephone
    rows = world.see(export_waiting, latest.id, NOW).plain()["data"]["waiting_list"]
    assert [row["email"] for row in rows] == ["", "f@example.org"]
    world.do(erase.erase_waiting, latest.id, world.admin, NOW)
    assert [e.id for e in world.see(lambda uow: uow.waiting_list.list())] == [other.id]
    for gone in (first, latest):
        assert world.see(lambda uow, i=gone.id: uow.audit.list(action="citizen.erase", subject=i))


def test_an_entry_and_the_appointment_of_another_go_together(world: World) -> None:
    furnish(world)
    world.hold(first_day=TOMORROW, opens=time(10), closes=time(10, 30), rule="FREQ=DAILY;COUNT=1")
    key, phone = new_token(), "06 12 34 56 78"
    taken = join(world, key, venue_ids=(world.venue.id,), phone=phone)
    assert serve_waiting(world.hub, lambda: False) == 1
    booked = world.do(waiting.accept, taken.id, key, NOW + timedelta(minutes=5))
    join(world, new_token(), NOW + timedelta(minutes=6), phone=phone)
    found = world.see(subjects.by_contact, phone)
    assert found.id != taken.id
    assert "appointment" in world.see(export_waiting, found.id, NOW).plain()["data"]
    world.do(erase.erase_waiting, found.id, world.admin, NOW + timedelta(minutes=7))
    assert world.appointment(booked.appointment_id).phone == ""
    assert not any(e.phone for e in world.see(lambda uow: uow.waiting_list.list()))


def test_old_bookings_go_and_their_charges_stay(world: World) -> None:
    rooms = furnish(world)
    rooms.book()
    gone = world.do(retention.purge, NOW + timedelta(days=1098))
    assert (gone["bookings"], gone["charges"]) == (1, 0)
    charged = world.see(lambda uow: uow.charges.list())
    assert [c.booked_room_id for c in charged] == [None]
    assert world.do(retention.purge, NOW + timedelta(days=3663))["charges"] == 1


def test_of_who_books_rooms_all_is_exported_whoever_booked_them(world: World) -> None:
    rooms = furnish(world)
    world.do(room_accounts.sell_pass, rooms.account.id, "ten", rooms.coordinator, NOW)
    booked = rooms.book("08:00", "12:00", by=rooms.coordinator, uses_passes=True)
    (room,) = booked.rooms
    world.do(attendance.check_in, room.id, 1, rooms.coordinator, at(7, 50))
    world.do(keys.hand_out_key, room.id, "Badge 4", rooms.coordinator, at(7, 51))
    said = world.see(export_staff, rooms.coworker.id, NOW).plain()
    assert json.loads(json.dumps(said)) == said
    data = said["data"]
    assert data["bookings"] == [
        {
            "starts_at": at(8).isoformat(), "ends_at": at(12).isoformat(), "visio": False,
            "room": rooms.room.name, "state": "checked_in",
            "checked_in_at": at(7, 50).isoformat(),
        }
    ]  # fmt: skip
    assert data["keys"] == [
        {"out_at": at(7, 51).isoformat(), "name": "Badge 4", "back_at": None}
    ]  # fmt: skip
    held = [account["passes"] for account in data["room_accounts"]]
    assert sorted(held) == [[], ["9 demi-journées jusqu’au 23/11/2027"]]
    assert "bookings_made" not in data
    others = world.see(export_staff, rooms.coordinator.id, NOW).plain()["data"]
    assert "bookings" not in others
    assert len(others["bookings_made"]) == 1


def test_cancelling_twice_is_no_matter_of_erasing(world: World) -> None:
    booked = world.book("10:00")
    version = world.appointment(booked.appointment_id).version
    world.do(
        appointments.cancel,
        booked.appointment_id,
        CancelledBy.RECEPTION,
        version,
        world.reception,
        NOW,
    )
    world.do(erase.erase_citizen, booked.appointment_id, None, NOW)
    assert world.appointment(booked.appointment_id).cancelled_by is CancelledBy.RECEPTION
