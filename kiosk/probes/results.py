"""Results and spent octets on disk: kept while the hub is away, and over a restart.

Figures of a line alone; nothing about citizens is in them.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import structlog
from pydantic import Field, TypeAdapter, ValidationError

from signaling.protocol.line_cards import Result, Way
from visiohub.linkquality.ledger import Ledger, Purpose

log = structlog.get_logger(__name__)

FILE_NAME = "line-results.sqlite3"
MOST = 15_000
"""Ten days of minutes; then the oldest go."""
_PURPOSES = frozenset(Purpose)
_one: TypeAdapter[Result] = TypeAdapter(Annotated[Result, Field(discriminator="kind")])


class ResultStore:
    """One file in the kiosk's state directory. Close it."""

    def __init__(self, state_dir: Path) -> None:
        """Raises OSError or sqlite3.Error where the folder cannot be written."""
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._database = sqlite3.connect(state_dir / FILE_NAME, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS results (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)"
        )
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS spent (way TEXT PRIMARY KEY, day TEXT, shares TEXT)"
        )
        self._database.execute("CREATE TABLE IF NOT EXISTS owed (way TEXT, octets INTEGER)")

    def add(self, result: Result) -> None:
        """Keep until `drop`."""
        body = result.model_dump_json()
        row = self._database.execute("INSERT INTO results (body) VALUES (?)", (body,))
        self._database.execute("DELETE FROM results WHERE id <= ?", ((row.lastrowid or 0) - MOST,))

    def oldest(self, count: int) -> list[tuple[int, Result]]:
        """With the numbers to drop them by. What this version does not know is dropped at once."""
        rows = self._database.execute(
            "SELECT id, body FROM results ORDER BY id LIMIT ?", (count,)
        ).fetchall()
        found = []
        for number, body in rows:
            try:
                found.append((number, _one.validate_json(body)))
            except ValidationError as error:
                log.warning("result_of_another_version", errors=error.error_count())
                self.drop([number])
        return found

    def drop(self, numbers: Sequence[int]) -> None:
        """The hub has these."""
        self._database.executemany("DELETE FROM results WHERE id = ?", [(n,) for n in numbers])

    def count(self) -> int:
        """How many wait."""
        (count,) = self._database.execute("SELECT count(*) FROM results").fetchone()
        return int(count)

    def save_ledger(self, way: str, ledger: Ledger) -> None:
        """What was spent today, so that a restart does not fill the purse again."""
        shares = json.dumps(ledger.shares())
        self._database.execute(
            "INSERT OR REPLACE INTO spent VALUES (?, ?, ?)", (way, ledger.day.isoformat(), shares)
        )

    def restore_ledger(self, way: str, ledger: Ledger) -> None:
        """As it was saved, if it was."""
        found = self._database.execute(
            "SELECT day, shares FROM spent WHERE way = ?", (way,)
        ).fetchone()
        if found is not None:
            shares: Counter[Purpose] = Counter()
            for name, octets in json.loads(found[1]).items():
                # what another version spent them on is spent all the same
                shares[Purpose(name) if name in _PURPOSES else Purpose.ELSEWHERE] += octets
            ledger.restore(date.fromisoformat(found[0]), shares)

    def owe(self, octets: Mapping[Way, int]) -> None:
        """Spent by another program on this line: the one that keeps the ledgers takes it over."""
        self._database.executemany("INSERT INTO owed VALUES (?, ?)", list(octets.items()))

    def owed(self, way: Way) -> int:
        """What no ledger has taken over yet."""
        row = self._database.execute("SELECT sum(octets) FROM owed WHERE way = ?", (way,))
        return int(row.fetchone()[0] or 0)

    def take_owed(self) -> list[tuple[Way, int]]:
        """What was owed since the last time."""
        return self._database.execute("DELETE FROM owed RETURNING way, octets").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def open_store(state_dir: Path) -> ResultStore | None:
    """None where the disk takes nothing: then the line stays unmeasured, and the kiosk works."""
    try:
        return ResultStore(state_dir)
    except (OSError, sqlite3.Error) as error:
        log.warning("results of the line cannot be kept", folder=str(state_dir), error=str(error))
        return None
