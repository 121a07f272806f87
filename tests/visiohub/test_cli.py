from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import pytest
from hub_world import NOW
from typer.testing import CliRunner

from visiohub.booking import accounts, arrivals, enrolment, territory, usage
from visiohub.booking.forms import PartnerForm
from visiohub.bootstrap import Hub
from visiohub.cli import app
from visiohub.demo import DemoRefused, load_demo
from visiohub.settings import Settings

runner = CliRunner()


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VISIOHUB_DATA_DIR", str(tmp_path))


def test_the_version_is_told() -> None:
    told = runner.invoke(app, ["--version"])
    assert (told.exit_code, told.output) == (0, f"visiohub {version('visiohub')}\n")


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 23, 9, 2, tzinfo=UTC),  # a Monday morning
        datetime(2026, 11, 21, 22, 59, tzinfo=UTC),  # Saturday, a minute before midnight in Paris
        datetime(2026, 10, 25, 0, 20, tzinfo=UTC),  # in the hour that comes twice
        datetime(2027, 3, 28, 0, 50, tzinfo=UTC),  # before the hour that does not come
    ],
)
def test_the_demo_can_be_played_at_any_hour(hub: Hub, at: datetime) -> None:
    demo = load_demo(hub, reset=False, now=at)
    with hub.uow() as uow:
        ticket = arrivals.present_code(uow, demo.kiosk_id, demo.convocation.code, "fr", at)
        kiosk_id = enrolment.redeem(uow, demo.enrolment_code, "A" * 43, "1", "::1", at)
        sign_in = next(s for s in demo.sign_ins if s.login == demo.convocation_agent)
        agent = accounts.sign_in(uow, sign_in.login, sign_in.password, "::1", at)
        assert agent.id in ticket.person_ids
        assert kiosk_id == demo.kiosk_id
        assert len(uow.venues.list()) >= 8
        assert len(uow.partners.list()) == 3
        assert {line.kind.value for line in uow.lines.list()} == {"adsl", "sdsl"}
        report = usage.use_report(uow, usage.By.VENUE, at - timedelta(days=14), at, at)
        assert report.whole.calls > 100
        assert report.whole.km > 0
        assert all(kiosk.seen_at is None for kiosk in uow.kiosks.list())  # none is installed
        states = {a.state.value for a in uow.appointments.list()}
        assert {"booked", "arrived", "done", "cancelled", "no_show", "lost"} <= states


def test_a_demo_is_loaded_once_and_made_anew_when_asked(hub: Hub) -> None:
    first = load_demo(hub, reset=False, now=NOW)
    with pytest.raises(DemoRefused, match="already loaded"):
        load_demo(hub, reset=False, now=NOW)
    second = load_demo(hub, reset=True, now=NOW)
    assert first.kiosk_id != second.kiosk_id
    with hub.reading() as uow:
        assert len(uow.partners.list()) == 3


def test_a_real_territory_is_left_alone(hub: Hub) -> None:
    with hub.uow() as uow:
        form = PartnerForm(name="Caisse", short_name="CAF", phone="04 65 71 30 00")
        territory.create(uow, form, None, NOW)
        uow.commit()
    for reset in (False, True):
        with pytest.raises(DemoRefused, match="real territory"):
            load_demo(hub, reset=reset, now=NOW)


def test_the_demo_speaks_json() -> None:
    result = runner.invoke(app, ["demo", "--json"])
    assert result.exit_code == 0
    said = json.loads(result.stdout)
    assert {"sign_ins", "enrolment_code", "kiosk_id", "convocation"} <= set(said)
    assert said["convocation"]["qr_text"].startswith("VH1.")
    again = runner.invoke(app, ["demo"])
    assert again.exit_code == 1
    assert "--reset" in again.stderr
    table = runner.invoke(app, ["demo", "--reset"])
    assert "accueil-gap" in table.stdout


def test_the_first_administrator(tmp_path: Path) -> None:
    result = runner.invoke(app, ["admin", "create", "admin", "--no-ask"])
    assert result.exit_code == 0
    password = result.stdout.rsplit(": ", 1)[1].strip()
    hub = Hub(Settings(data_dir=tmp_path))
    with hub.uow() as uow:
        person = accounts.sign_in(uow, "admin", password, "::1", NOW)
        assert [str(role) for role in person.roles] == ["administrator"]
    hub.close()
    typed = runner.invoke(app, ["admin", "create", "second"], input="assez longue\nassez longue\n")
    assert typed.exit_code == 0
    assert "Password, shown" not in typed.stdout
    taken = runner.invoke(app, ["admin", "create", "second", "--no-ask"])
    assert taken.exit_code == 1
    assert taken.stderr == "visiohub: login 'second' is taken. Choose another one.\n"


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (["admin", "create", "Bad Login", "--no-ask"], "", "Choose one of 2 to 100 small letters"),
        (["admin", "create", "admin"], "court\ncourt\n", "12 characters"),
    ],
)
def test_a_refusal_is_one_line_and_leaves_nothing(
    tmp_path: Path, arguments: list[str], typed: str, said: str
) -> None:
    result = runner.invoke(app, arguments, input=typed)
    assert result.exit_code == 1
    assert said in result.stderr
    hub = Hub(Settings(data_dir=tmp_path))
    with hub.reading() as uow:
        assert uow.persons.list() == []
    hub.close()


@pytest.mark.parametrize("command", [["serve"], ["demo"], ["settings", "check"]])
def test_a_wrong_setting_stops_every_command(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("VISIOHUB_PROT", "1")
    result = runner.invoke(app, command)
    assert result.exit_code == 2
    assert "unknown setting 'prot' in the environment; did you mean 'port'?" in result.stderr


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("data_dir", "/proc/x"),
        ("data_dir", __file__),
        ("database_url", "sqlite:////dev/null/x"),
        ("database_url", f"sqlite:///{__file__}"),
    ],
)
def test_a_database_that_does_not_open_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(f"VISIOHUB_{variable.upper()}", value)
    result = runner.invoke(app, ["serve"])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"visiohub: setting {variable!r}: cannot open the database")
    assert "name a place where this account may write" in result.stderr


def test_settings_are_shown_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_TURN_SECRET", "very secret")
    result = runner.invoke(app, ["settings", "check"])
    assert result.exit_code == 0
    assert "slot_step_minutes" in result.stdout
    assert "very secret" not in result.stdout
    for_programs = runner.invoke(app, ["settings", "check", "--json"])
    assert for_programs.exit_code == 0
    assert json.loads(for_programs.stdout)["slot_step_minutes"] == "15"
    assert "very secret" not in for_programs.stdout


def test_the_exit_codes_are_told_by_the_help() -> None:
    told = " ".join(runner.invoke(app, ["--help"]).stdout.split())
    assert "Exit codes: 0 done; 1 refused or failed" in told


def test_school_holidays_come_as_the_ministrys_file(tmp_path: Path) -> None:
    file = tmp_path / "calendar.csv"
    heads = "Description;Population;Date de début;Date de fin;Zones\n"
    file.write_text(f"{heads}Vacances de Noël;-;2026-12-19;2027-01-04;Zone B\n", "utf-8")
    loaded = runner.invoke(app, ["school-holidays", str(file)])
    assert (loaded.exit_code, loaded.output) == (0, "zones: Zone B\n")
    for_programs = runner.invoke(app, ["school-holidays", str(file), "--json"])
    assert json.loads(for_programs.stdout) == {"zones": ["Zone B"], "left_out_lines": []}
    file.write_text(f"{heads}Vacances;-;demain;;Zone B\n", "utf-8")
    refused = runner.invoke(app, ["school-holidays", str(file)])
    assert refused.exit_code == 1
    assert "Line 2, column" in refused.output  # in English, as all of the command


def test_communes_come_as_a_file(tmp_path: Path) -> None:
    file = tmp_path / "communes.csv"
    heads = "code_insee,nom_standard,codes_postaux,latitude_mairie,longitude_mairie\n"
    file.write_text(f"{heads}05170,Tallard,05130,44.46,6.05\n05171,Tréminis,,,\n", "utf-8")
    loaded = runner.invoke(app, ["communes", str(file)])
    assert loaded.exit_code == 0, loaded.output
    assert "communes: 1" in loaded.output
    assert "left out: 3" in loaded.output
    for_programs = runner.invoke(app, ["communes", str(file), "--json"])
    assert json.loads(for_programs.stdout) == {"communes": 1, "left_out_lines": [3]}
    file.write_text(f"{heads}05170,,05130,44.46,6.05\n", "utf-8")
    refused = runner.invoke(app, ["communes", str(file)])
    assert refused.exit_code == 1
    assert "line 2, nom: Give the name of the commune." in refused.stderr


def test_problems_of_the_ministrys_file_are_said_as_all_of_the_command(tmp_path: Path) -> None:
    file = tmp_path / "calendrier.csv"
    rows = "Vacances de Noël;-;9999-12-31;9999-12-31;Zone B\nVacances de Noël;-;2026-12-19;;\n"
    file.write_text(f"Description;Population;Date de début;Date de fin;Zones\n{rows}")
    refused = runner.invoke(app, ["school-holidays", str(file)])
    assert refused.exit_code == 1
    first, second = refused.stderr.splitlines()
    assert "Line 2" in first
    assert second.startswith("Line 3, the zone is empty.")


def test_a_database_that_is_busy_is_said_and_nothing_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VISIOHUB_DATABASE_BUSY_TIMEOUT_S", "1")
    hub = Hub(Settings(data_dir=tmp_path))
    with hub.uow() as writing:
        assert writing.persons.list() == []  # it has the write lock from here on
        refused = runner.invoke(app, ["admin", "create", "chef", "--no-ask"])
    hub.close()
    assert refused.exit_code == 1
    assert "another program writes in the database" in refused.stderr
    assert runner.invoke(app, ["admin", "create", "chef", "--no-ask"]).exit_code == 0
