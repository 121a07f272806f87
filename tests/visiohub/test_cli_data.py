"""`visiohub import`: exit codes, what it prints, and that a refusal leaves nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from visiohub.booking.imports import run
from visiohub.bootstrap import Hub
from visiohub.cli import app
from visiohub.cli_data import Kind
from visiohub.settings import Settings

GOOD = "Nom;Genre;Rue;Code postal;Commune;Latitude;Longitude;Téléphone\r\n" + "".join(
    f"Mairie;Mairie;1 rue;05{n:03};Commune {n};44,3;5,8;0465712040\r\n" for n in range(60)
)

runner = CliRunner()


@pytest.fixture(autouse=True)
def own_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VISIOHUB_DATA_DIR", str(tmp_path))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "lieux.csv"
    path.write_bytes(GOOD.encode("cp1252"))
    return path


def venues(folder: Path) -> int:
    hub = Hub(Settings(data_dir=folder))
    with hub.reading() as uow:
        found = len(uow.venues.list())
    hub.close()
    return found


def test_kinds_are_those_of_the_importers() -> None:
    assert tuple(Kind) == run.KINDS


def test_checked_then_imported_then_refused(tmp_path: Path, table: Path) -> None:
    checked = runner.invoke(app, ["import", "venues", str(table), "--dry-run"])
    assert (checked.exit_code, venues(tmp_path)) == (0, 0)
    assert "60 lines can be imported. Nothing was changed." in checked.stdout
    done = runner.invoke(app, ["import", "venues", str(table), "--json"])
    assert (done.exit_code, venues(tmp_path)) == (0, 60)
    assert json.loads(done.stdout) == {
        "kind": "venues", "imported": True, "lines": 60, "wrong_lines": 0, "problems": [],
    }  # fmt: skip
    again = runner.invoke(app, ["import", "venues", str(table)])
    assert (again.exit_code, venues(tmp_path)) == (1, 60)
    assert "60 problems in 60 of 60 lines; nothing is imported. 10 more: --json" in " ".join(
        again.stdout.split()
    )


def test_what_is_wrong_is_told_in_json_too(tmp_path: Path, table: Path) -> None:
    table.write_text(GOOD.replace("05007", "57"), "utf-8")
    refused = runner.invoke(app, ["import", "venues", str(table), "--json"])
    assert (refused.exit_code, venues(tmp_path)) == (1, 0)
    assert json.loads(refused.stdout)["problems"] == [
        {
            "line": 9, "column": "Code postal", "value": "57", "code": "postcode",
            "says": "Give a postcode of five digits, for example 05000.",
        }
    ]  # fmt: skip


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    missing = runner.invoke(app, ["import", "venues", str(tmp_path / "none.csv")])
    assert missing.exit_code == 2
    assert "none.csv: No such file or directory. Name another file." in missing.stderr.replace(
        "\n", ""
    )
    assert runner.invoke(app, ["import", "horses", "x.csv"]).exit_code == 2
