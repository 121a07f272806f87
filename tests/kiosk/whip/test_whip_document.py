"""The file of `kiosk call --stats`: whole after each second, whatever happens."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kiosk.whip.document import Document

HEAD = {"url": "http://é/", "codec": "auto"}


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_it_is_whole_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "s.json"
    path.write_text("what was there before and is longer than an empty document " * 9)
    with closing(Document(path, HEAD, {"first_media_s": None})) as document:
        assert read(path) == {**HEAD, "samples": [], "first_media_s": None}
        for n in range(1, 4):
            document.add({"n": n, "say": "ça"}, {"first_media_s": 0.25 if n > 1 else 123456.789})
            samples = [{"n": i, "say": "ça"} for i in range(1, n + 1)]
            assert read(path)["samples"] == samples
    assert read(path)["first_media_s"] == 0.25


def test_a_full_disk_costs_the_seconds_in_which_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "s.json"
    write = os.pwrite
    room = 120

    def until_full(file: int, data: bytes, at: int) -> int:
        return write(file, data[: max(0, room - at)], at)

    with closing(Document(path, HEAD, {"silences": 0})) as document:
        document.add({"n": 1}, {"silences": 0})
        monkeypatch.setattr(os, "pwrite", until_full)
        with pytest.raises(OSError, match="No space left"):
            document.add({"n": 2, "much": "x" * 200}, {"silences": 0})
        assert read(path)["samples"] == [{"n": 1}]
        room = 10_000
        document.add({"n": 3}, {"silences": 1})
    assert read(path) == {**HEAD, "samples": [{"n": 1}, {"n": 3}], "silences": 1}


def test_what_cannot_be_written_is_known_at_once(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Document(tmp_path, HEAD, {})
