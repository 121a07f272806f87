from __future__ import annotations

import pytest
from hub_world import NOW, World

from visiohub.booking import territory
from visiohub.booking.forms import (
    Form,
    Initials,
    KioskForm,
    PartnerForm,
    PersonForm,
    RoomForm,
    ServiceForm,
    TerritoryForm,
    VenueForm,
    read_form,
)
from visiohub.domain.model import Kiosk, Partner, Person, Role, Room, Service, Venue
from visiohub.errors import (
    EditedMeanwhile,
    InvalidForm,
    LastAdministrator,
    NameTaken,
    NotFound,
    StillInUse,
    TooManyKiosks,
)
from visiohub.storage.uow import UnitOfWork


class WithInitials(Form):
    initials: Initials


VENUE = {
    "name": "Mairie",
    "kind": "Mairie",
    "street": "1 rue du Guil",
    "postcode": "05470",
    "town": "Aiguilles",
    "latitude": "44.78",
    "longitude": "6.87",
    "phone": "04 65 71 20 61",
}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", "  ", "string_too_short"),
        ("postcode", "5470", "postcode"),
        ("postcode", "2A004", "postcode"),
        ("postcode", "٠٥٤٧٠", "postcode"),
        ("postcode", "05 470", "postcode"),
        ("latitude", "north", "float_parsing"),
        ("latitude", "91", "degrees"),
        ("longitude", "-180.1", "degrees"),
        ("latitude", "nan", "finite_number"),
        ("longitude", "inf", "finite_number"),
        ("phone", "call me", "phone"),
        ("phone", "", "string_too_short"),
        ("time_zone", "Europe/Gap", "time_zone"),
        ("time_zone", "../../etc/passwd", "time_zone"),
        ("time_zone", "Factory", "time_zone"),
        ("time_zone", "localtime", "time_zone"),
        ("time_zone", "posix/Europe/Paris", "time_zone"),
        ("time_zone", "right/Europe/Paris", "time_zone"),
        ("opening", [{"weekday": 0, "opens": "08:00:30", "closes": "12:00"}], "time_parsing"),
        ("colour", "red", "extra_forbidden"),
        ("opening", [{"weekday": 0, "opens": "12:00", "closes": "08:00"}], "range_order"),
        (
            "opening",
            [
                {"weekday": 0, "opens": "08:00", "closes": "12:00"},
                {"weekday": 0, "opens": "11:00", "closes": "13:00"},
            ],
            "ranges_overlap",
        ),
    ],
)
def test_each_wrong_field_is_named_with_a_remedy(field: str, value: object, code: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        read_form(VenueForm, {**VENUE, field: value})
    (error,) = refused.value.errors
    assert (error.field.split(".")[0], error.code) == (field, code)
    assert error.says.format(**error.params).endswith(".")


def test_all_wrong_fields_are_named_at_once() -> None:
    with pytest.raises(InvalidForm) as refused:
        read_form(VenueForm, {**VENUE, "name": "", "postcode": "x"})
    assert [e.field for e in refused.value.errors] == ["name", "postcode"]


@pytest.mark.parametrize(
    ("form", "facts", "allowed"),
    [
        (PersonForm, {"login": "a b", "label": "X", "roles": ["technician"]}, ". _ - ou @"),
        (PersonForm, {"login": "Élise", "label": "X", "roles": ["technician"]}, "minuscules"),
        (WithInitials, {"initials": "<D>"}, "< > @"),
        (WithInitials, {"initials": "D\u2028R"}, "< > @"),
        (
            PersonForm,
            {"login": "ab", "label": "X", "roles": ["technician"], "language": "de"},
            "fr pour le français",
        ),
    ],
)
def test_letters_that_do_not_fit_are_answered_by_those_that_do(
    form: type[Form], facts: dict[str, object], allowed: str
) -> None:
    with pytest.raises(InvalidForm) as refused:
        read_form(form, facts)
    (error,) = refused.value.errors
    assert error.code == "string_pattern_mismatch"
    assert allowed in error.says.format(**error.params)


def test_made_edited_and_audited(world: World) -> None:
    venue = world.do(territory.create, read_form(VenueForm, VENUE), world.admin, NOW)
    form = read_form(VenueForm, {**VENUE, "name": "Mairie d’Aiguilles"})
    edited = world.do(territory.update, venue.id, form, 1, world.admin, NOW)
    assert edited.version == 2
    with pytest.raises(EditedMeanwhile):
        world.do(territory.update, venue.id, form, 1, world.admin, NOW)
    entries = world.see(lambda uow: uow.audit.list(subject=venue.id))
    changed = {e.action: (e.before, e.after) for e in entries}
    assert changed["venue.update"] == ({"name": "Mairie"}, {"name": "Mairie d’Aiguilles"})
    assert {e.person_id for e in entries} == {world.admin.id}


def test_no_more_kiosks_than_the_codes_are_safe_for(world: World) -> None:
    full = world.hub.settings.model_copy(update={"max_kiosks": 3})
    form = KioskForm(room_id=world.kiosk.room_id, name="Borne 4")
    with UnitOfWork(world.hub.engine, full) as uow:
        with pytest.raises(TooManyKiosks) as refused:
            territory.create(uow, form, world.admin, NOW)
        assert "3 bornes" in refused.value.says.format(**refused.value.params)
        territory.retire(uow, Kiosk, world.far.id, 1, world.admin, NOW)
        territory.create(uow, form, world.admin, NOW)


def test_references_must_exist(world: World) -> None:
    forms = [
        (RoomForm(venue_id="nowhere", name="Salle", capacity=2), "venue_id"),
        (KioskForm(room_id="nowhere", name="Borne"), "room_id"),
        (ServiceForm(partner_id="nobody", name="Aide", duration_minutes=15), "partner_id"),
    ]
    for form, field in forms:
        with pytest.raises(InvalidForm) as refused:
            world.do(territory.create, form, world.admin, NOW)
        assert refused.value.field == field


def test_a_login_is_one_persons(world: World) -> None:
    form = PersonForm(login="agent", label="Autre", roles=frozenset({Role.TECHNICIAN}))
    with pytest.raises(NameTaken) as refused:
        world.do(territory.create, form, world.admin, NOW)
    assert refused.value.field == "login"


def twin_of(world: World, kind: type, **facts: object) -> tuple[TerritoryForm, str]:
    """A form that gives the name of one that is there, in other letters, and its field."""
    forms: dict[type, tuple[TerritoryForm, str]] = {
        Venue: (
            read_form(VenueForm, {**VENUE, "name": "guillestre", "town": "GUILLESTRE"} | facts),
            "name",
        ),
        Room: (RoomForm(venue_id=world.venue.id, name="SALLE Borne 1", capacity=2), "name"),
        Kiosk: (KioskForm(room_id=world.kiosk.room_id, name="borne  1"), "name"),
        Partner: (PartnerForm(name="Autre", short_name="Caf", phone="3230"), "short_name"),
        Service: (
            ServiceForm(partner_id=world.partner.id, name="logement", duration_minutes=15),
            "name",
        ),
    }
    return forms[kind]


@pytest.mark.parametrize("kind", [Venue, Room, Kiosk, Partner, Service])
def test_a_second_of_the_same_name_is_refused(world: World, kind: type) -> None:
    form, field = twin_of(world, kind)
    with pytest.raises(NameTaken) as refused:
        world.do(territory.create, form, world.admin, NOW)
    assert refused.value.field == field


def test_the_same_name_elsewhere_or_retired_is_free(world: World) -> None:
    for form in (
        twin_of(world, Venue, town="Serres")[0],
        RoomForm(venue_id=world.elsewhere.id, name="Salle Borne 1", capacity=2),
        KioskForm(room_id=world.beside.room_id, name="Borne 1"),
    ):
        world.do(territory.create, form, world.admin, NOW)
    world.do(territory.retire, Kiosk, world.kiosk.id, 1, world.admin, NOW)
    world.do(territory.create, twin_of(world, Kiosk)[0], world.admin, NOW)


def test_who_renames_may_not_make_a_twin_and_who_keeps_a_name_may(world: World) -> None:
    room_id = world.kiosk.room_id
    with pytest.raises(NameTaken):
        world.do(
            territory.update,
            world.beside.room_id,
            twin_of(world, Room)[0],
            1,
            world.admin,
            NOW,
        )
    world.do(territory.update, room_id, twin_of(world, Room)[0], 1, world.admin, NOW)


def test_roles_need_their_place() -> None:
    for role, field in (("agent", "partner_id"), ("reception", "venue_ids")):
        with pytest.raises(InvalidForm) as refused:
            read_form(PersonForm, {"login": "x1", "label": "X", "roles": [role]})
        assert refused.value.field == field


def test_what_is_needed_is_not_retired(world: World) -> None:
    world.book("10:00")
    needed: list[tuple[type, str]] = [
        (Venue, world.venue.id),
        (Room, world.kiosk.room_id),
        (Kiosk, world.kiosk.id),
        (Partner, world.partner.id),
        (Service, world.service.id),
    ]
    for kind, thing_id in needed:
        with pytest.raises(StillInUse):
            world.do(territory.retire, kind, thing_id, 1, world.admin, NOW)
    retired = world.do(territory.retire, Venue, world.elsewhere.id, 1, world.admin, NOW)
    assert not retired.active
    with pytest.raises(NotFound):
        world.do(territory.retire, Venue, "nowhere", 1, world.admin, NOW)


def test_what_papers_say_stays_while_appointments_are_to_come(world: World) -> None:
    room_id, far_room = world.kiosk.room_id, world.far.room_id
    forms = [
        (room_id, RoomForm(venue_id=world.elsewhere.id, name="Salle", capacity=3), "venue_id"),
        (world.kiosk.id, KioskForm(room_id=far_room, name="Borne"), "room_id"),
        (
            world.venue.id,
            read_form(VenueForm, {**VENUE, "time_zone": "Indian/Reunion"}),
            "time_zone",
        ),
    ]
    booked = world.book("10:00")
    for thing_id, form, field in forms:
        with pytest.raises(StillInUse) as refused:
            world.do(territory.update, thing_id, form, 1, world.admin, NOW)
        assert refused.value.field == field
    renamed = KioskForm(room_id=room_id, name="Borne bleue")
    assert world.do(territory.update, world.kiosk.id, renamed, 1, world.admin, NOW).version == 2
    over = world.appointment(booked.appointment_id).ends_at
    for thing_id, form, _field in forms:
        version = 2 if thing_id == world.kiosk.id else 1
        world.do(territory.update, thing_id, form, version, world.admin, over)


def test_an_administrator_is_left(world: World) -> None:
    demoted = PersonForm(login="admin", label="admin", roles=frozenset({Role.TECHNICIAN}))
    with pytest.raises(LastAdministrator):
        world.do(territory.update, world.admin.id, demoted, 1, world.admin, NOW)
    with pytest.raises(LastAdministrator):
        world.do(territory.retire, Person, world.admin.id, 1, world.admin, NOW)
    other = PersonForm(login="other", label="other", roles=frozenset({Role.ADMINISTRATOR}))
    world.do(territory.create, other, world.admin, NOW)
    assert not world.do(territory.retire, Person, world.admin.id, 1, world.admin, NOW).active


def test_a_kiosk_that_comes_and_goes_is_no_edit(world: World) -> None:
    assert world.see(lambda uow: uow.kiosks.get(world.kiosk.id)).version == 1
