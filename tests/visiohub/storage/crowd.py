"""Many processes that ask running hubs at the same moments, each over a connection of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

from killed_hub import Answer, ServedHub


class Asked(NamedTuple):
    """What one of them is to send."""

    path: str
    body: dict[str, object]
    token: str


class Crowd:
    """So many, who share the hubs evenly; whoever makes one calls `close`."""

    def __init__(self, hubs: Sequence[ServedHub], size: int) -> None:
        processes = multiprocessing.get_context("fork")
        start = processes.Barrier(size)
        self._running = []
        self._ends = []
        for n in range(size):
            ours, theirs = processes.Pipe()
            process = processes.Process(target=_ask, args=(hubs[n % len(hubs)], theirs, start))
            process.start()
            theirs.close()
            self._running.append(process)
            self._ends.append(ours)

    def ask(self, wishes: Sequence[Asked]) -> list[Answer]:
        """What each of them is told, all having asked at one moment."""
        for end, wish in zip(self._ends, wishes, strict=True):
            end.send(wish)
        return [end.recv() for end in self._ends]

    def close(self) -> None:
        """Wait for all to go."""
        for end in self._ends:
            end.send(None)
            end.close()
        for process in self._running:
            process.join(30)
            process.close()


def _ask(hub: ServedHub, wishes: Connection, start: Barrier) -> None:
    while wish := wishes.recv():
        start.wait(60)
        wishes.send(hub.post(*wish))
