"""The benchmark of lines' results, of a few days and lines: what it fills, and that it measures."""

from __future__ import annotations

import sqlite3
from argparse import Namespace
from contextlib import closing
from pathlib import Path

import pytest

from bench import line_filled, line_results, line_served
from bench.line_copied import TABLES, copy_year
from bench.line_filled import NOW, fill_year, territory_of
from visiohub.bootstrap import Hub
from visiohub.settings import Settings


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (line_filled, line_results):
        monkeypatch.setattr(module, "YEAR_DAYS", 3)
        monkeypatch.setattr(module, "MINUTES_DAYS", 2)
    monkeypatch.setattr(line_served, "TIMES", 2)


def test_each_line_has_a_year_of_its_own(tmp_path: Path) -> None:
    hub = Hub(Settings(data_dir=tmp_path, probe_port=0), lambda: NOW)
    try:
        _kiosks, ids = territory_of(hub, 3)
        with hub.uow() as uow:
            fill_year(uow, ids[0])
            uow.commit()
    finally:
        hub.close()
    database = tmp_path / "visiohub.sqlite3"
    copy_year(database, 3)
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in TABLES:
            asked = f"SELECT line_number, count(*), min(at), max(at) FROM {table.name}"
            found = connection.execute(f"{asked} GROUP BY line_number ORDER BY 1").fetchall()
            assert [number for number, *_ in found] == [1, 2, 3]
            assert len({tuple(rest) for _, *rest in found}) == 1, table.name
        rates = "SELECT kbit_s FROM line_trains WHERE line_number = ? ORDER BY at, way"
        of_lines = [connection.execute(rates, (number,)).fetchall() for number in (1, 2, 3)]
        assert of_lines[0] != of_lines[1] != of_lines[2]


def test_every_figure_is_taken() -> None:
    result = line_results.run(Namespace(year_lines=2))
    assert len({figure.what for figure in result.figures}) == len(result.figures) > 20
    assert [f.what for f in result.figures if f.ours is None or f.ours < 0] == []
