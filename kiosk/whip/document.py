"""A JSON document on disk that grows by a sample at a time and is whole after each."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Document:
    """An object: `head`, then `samples`, then a summary that is written anew with each sample.

    Nothing is kept in memory, and a program that is killed leaves all up to its last sample.
    """

    def __init__(self, path: Path, head: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
        """The file begins anew.

        Raises:
            OSError: it cannot be written.
        """
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
        self._written = 0
        self._separator = "\n"
        opening = "".join(f"{json.dumps(key)}: {_json(head[key])},\n" for key in head)
        try:
            self._put("{" + opening + '"samples": [', summary)
        except OSError:
            os.close(self._file)
            raise

    def add(self, sample: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
        """One more sample; what could not be written leaves the document as it was.

        Raises:
            OSError: the disk is full, or gone.
        """
        try:
            self._put(self._separator + _json(sample), summary)
        except OSError:
            self._put("", summary)  # where the last end stood is room for another
            raise
        self._separator = ",\n"

    def _put(self, more: str, summary: Mapping[str, Any]) -> None:
        end = "".join(f",\n{json.dumps(key)}: {_json(summary[key])}" for key in summary)
        grown, whole = len(more.encode()), f"{more}\n]{end}}}\n".encode()
        if os.pwrite(self._file, whole, self._written) < len(whole):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.ftruncate(self._file, self._written + len(whole))
        self._written += grown

    def close(self) -> None:
        """It is as the last sample left it."""
        os.close(self._file)


def _json(value: object) -> str:
    return json.dumps(value, default=str)
