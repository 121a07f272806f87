from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from visiohub.watchdog import keep_alive, notify, ping_every_s


def test_nobody_listens() -> None:
    assert notify("READY=1", {}) is False
    assert ping_every_s({}) is None


async def test_systemd_is_told_and_the_watchdog_fed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "2000")
        assert notify("READY=1")
        assert systemd.recv(100) == b"READY=1"
        feeding = asyncio.create_task(keep_alive())
        for _ in range(3):
            assert await asyncio.to_thread(systemd.recv, 100) == b"WATCHDOG=1"
        feeding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await feeding


async def test_without_a_watchdog_it_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    await asyncio.wait_for(keep_alive(), timeout=5)
