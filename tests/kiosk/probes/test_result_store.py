"""What a kiosk measured, until the hub has it: kept over restarts, bounded."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.probes.results import FILE_NAME, MOST, ResultStore
from signaling.protocol.line_cards import MinuteCard, VoiceCard
from visiohub.linkquality.ledger import Ledger, Purpose

NOW = datetime(2026, 11, 23, 8, 0, 0, tzinfo=UTC)


def test_a_result_of_another_version_holds_up_none_of_the_others(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    good = MinuteCard(at=NOW, sent=20, lost=0)
    other = sqlite3.connect(tmp_path / FILE_NAME)
    for body in ('{"kind": "minute", "minutes": 5}', '{"kind": "rain"}', "no JSON"):
        other.execute("INSERT INTO results (body) VALUES (?)", (body,))
    other.commit()
    other.close()
    store.add(good)
    assert store.oldest(2) == []
    assert [result for _, result in store.oldest(2)] == [good]
    assert store.count() == 1
    store.close()


def test_what_waits_outlives_a_restart_and_has_a_bound(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    for minute in range(5):
        at = NOW + timedelta(minutes=minute)
        store.add(MinuteCard(at=at, sent=20, lost=0))
    store.close()
    again = ResultStore(tmp_path)
    assert [one.at for _, one in again.oldest(2)] == [NOW, NOW + timedelta(minutes=1)]
    again.drop([again.oldest(1)[0][0]])
    assert again.count() == 4
    for _ in range(MOST + 10):
        again.add(VoiceCard(at=NOW, sent=1, lost=0))
    assert again.count() == MOST
    again.close()


def test_a_restart_does_not_fill_the_purse_again(tmp_path: Path) -> None:
    store = ResultStore(tmp_path)
    ledger = Ledger(1000, NOW.date())
    assert ledger.take(NOW, Purpose.HEARTBEAT, 900)
    store.save_ledger("up", ledger)
    fresh = Ledger(1000, NOW.date())
    store.restore_ledger("up", fresh)
    store.restore_ledger("down", fresh)
    assert fresh.left == 100
    store.close()


def test_octets_that_another_version_spent_are_spent(tmp_path: Path) -> None:
    store, ledger = ResultStore(tmp_path), Ledger(9_000_000, NOW.date())
    store._database.execute(
        "INSERT INTO spent VALUES ('up', ?, ?)",
        (NOW.date().isoformat(), '{"heartbeat": 70, "telepathy": 20, "elsewhere": 10}'),
    )
    store.restore_ledger("up", ledger)
    assert ledger.spent == 100
    assert ledger.shares()[Purpose.ELSEWHERE] == 30
    store.close()
