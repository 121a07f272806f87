"""The ministry's file, as it comes and as people spoil it."""

from __future__ import annotations

from datetime import date, timedelta

from visiohub.domain.calendar import school_holidays as school
from visiohub.domain.calendar.school_holidays import SchoolBreak, SchoolFile, read_school_file

HEADER = "Description;Population;Date de début;Date de fin;Location;Zones;annee_scolaire"
NAME = "Vacances de la Toussaint"
LYON = f"{NAME};-;2026-10-16T22:00:00+00:00;2026-11-01T23:00:00+00:00;Lyon;Zone A;2026-2027"
AUTUMN = SchoolBreak(date(2026, 10, 17), date(2026, 11, 1), NAME)


def read(*rows: str, header: str = HEADER) -> SchoolFile:
    return read_school_file("\r\n".join([header, *rows, ""]).encode("utf-8-sig"))


def row(start: str, end: str, zone: str = "Zone A", population: str = "-", name: str = NAME) -> str:
    return f"{name};{population};{start};{end};Lyon;{zone};2026-2027"


def breaks(*rows: str, zone: str = "Zone A") -> tuple[SchoolBreak, ...]:
    found = read(*rows)
    assert found.problems == ()
    return found.zones[zone].breaks


def test_one_row_an_academy_is_one_break_a_zone() -> None:
    found = read(LYON, LYON.replace("Lyon", "Dijon"), LYON.replace("Zone A", "Corse"))
    assert found.problems == ()
    assert set(found.zones) == {"Zone A", "Corse"}
    assert found.zones["Zone A"].breaks == (AUTUMN,)
    days = found.zones["Zone A"].days
    assert min(days) == date(2026, 10, 17)
    assert max(days) == date(2026, 11, 1)
    assert set(days.values()) == {NAME}


def test_the_export_with_field_names_and_commas() -> None:
    header = "description,population,start_date,end_date,location,zones,annee_scolaire"
    found = read(LYON.replace(";", ","), header=header)
    assert found.zones["Zone A"].breaks == (AUTUMN,)


def test_midnight_of_any_french_zone_in_any_writing() -> None:
    for writing in [
        "{before}T22:00:00+00:00",  # of Paris in summer
        "{day}T00:00:00+02:00",
        "{day}T04:00:00+00:00",  # of Guadeloupe
        "{before}T20:00:00Z",  # of La Réunion
        "{before}T13:00:00+00:00",  # of Nouméa
        "{before}T12:00:00+00:00",  # of Wallis
        "{day}T10:00:00+00:00",  # of Tahiti
        "{day}",
        "{day:%d/%m/%Y}",
    ]:
        start, end = (
            writing.format(day=day, before=day - timedelta(days=1))
            for day in (AUTUMN.first, AUTUMN.last + timedelta(days=1))
        )
        assert breaks(row(start, end)) == (AUTUMN,), writing


def test_holidays_begin_after_the_last_class() -> None:
    friday = breaks(row("2026-12-18", "2027-01-04", name="Noël"))
    assert friday[0].first == date(2026, 12, 19)
    bridge = breaks(row("2027-05-07", "2027-05-10", name="Pont de l'Ascension"))
    assert (bridge[0].first, bridge[0].last) == (date(2027, 5, 7), date(2027, 5, 9))


def test_teachers_are_left_out_and_a_part_of_a_zone_is_its_own() -> None:
    found = read(
        LYON,
        row("2026-10-10", "2026-11-09", population="Enseignants"),
        row("2026-10-17", "2026-11-02", zone="Guadeloupe", population="Saint-Martin"),
        row("2026-10-17", "2026-11-02", zone="Guadeloupe", population="Élèves"),
    )
    assert set(found.zones) == {"Zone A", "Guadeloupe", "Guadeloupe (Saint-Martin)"}
    assert found.zones["Zone A"].breaks == (AUTUMN,)


def test_a_summer_whose_end_is_not_known_waits() -> None:
    name = "Début des Vacances d'Été"
    found = read(LYON, row("2027-07-03", "2027-07-03", name=name), row("2027-07-03", "", name=name))
    assert found.open_ended == (3, 4)
    assert found.zones["Zone A"].breaks == (AUTUMN,)


def test_every_problem_with_its_line() -> None:
    found = read(
        LYON,
        row("2026-02-30", "2026-11-02"),
        "",
        row("2026-10-17", "bientôt"),
        row("2026-10-17", "2026-10-01"),
        row("2026-10-17", "2026-11-02", zone=""),
        "Vacances",
    )
    assert found.problems == (
        school.DateUnreadable(3, "Date de début", "2026-02-30"),
        school.DateUnreadable(5, "Date de fin", "bientôt"),
        school.EndsBeforeStart(6, date(2026, 10, 17), date(2026, 10, 1)),
        school.ZoneMissing(7),
        school.ZoneMissing(8),
    )
    first = found.problems[0]
    assert first.says.format(**first.params).startswith("Ligne 3, colonne « Date de début »")


def test_days_that_no_calendar_of_schools_has() -> None:
    found = read(
        row("9999-12-31", "9999-12-31"),
        row("0001-01-01T00:00:00+02:00", "0001-01-01"),
        row("2026-12-19", "2036-01-04"),
        row("2026-12-19", "2027-01-04", zone="Z" * 65),
    )
    assert found.problems == (
        school.DateUnreadable(2, "Date de début", "9999-12-31"),
        school.DateUnreadable(3, "Date de début", "0001-01-01T00:00:00+02:00"),
        school.HolidaysTooLong(4, date(2026, 12, 19), date(2036, 1, 4)),
        school.ZoneTooLong(5),
    )
    assert all(p.says.format(**p.params).startswith(f"Ligne {p.line}") for p in found.problems)


def test_a_file_that_says_nothing() -> None:
    assert read().problems == (school.NoHolidays(1),)
    assert read(row("2026-10-10", "2026-11-09", population="Enseignants")).problems
    assert breaks(row("2026-10-16", "2026-11-02", zone="\u200bZone A\0"))


def test_a_header_without_its_columns() -> None:
    lacking = read(LYON, header="Description;Date de début;Date de fin;Location;Zones").problems
    assert lacking == (school.ColumnMissing(1, "Population"),)
    assert len(read_school_file(b"").problems) == 5


def test_what_is_no_text() -> None:
    for data in (b"PK\x03\x04\xff\xfe", b'Description;"Pop\nulation', "Zones".encode("utf-16")):
        (problem, *_) = read_school_file(data).problems
        assert problem.line == 1
