"""Long lists: the first 50, one word to see fewer, 50 more (look/LOOK.md, "too much")."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp import web

T = TypeVar("T")

SHOWN = 50
MOST = 1000


@dataclass(frozen=True)
class Narrowed(Generic[T]):
    """What of a list is shown, and how to see the rest of it."""

    rows: Sequence[T]
    total: int
    """How many the word leaves."""
    word: str
    more: int
    """How many to ask for next; 0 when all are shown."""
    searched: bool
    """Whether a field for a word is worth its place."""


def narrow(request: web.Request, rows: Sequence[T], text_of: Callable[[T], str]) -> Narrowed[T]:
    """The rows that hold the query's `word`, accents and capitals apart, as many as `shown`."""
    word = request.query.get("word", "").strip()[:100]
    found = [row for row in rows if _plain(word) in _plain(text_of(row))] if word else rows
    shown = shown_in(request)
    return Narrowed(
        rows=found[:shown],
        total=len(found),
        word=word,
        more=shown + SHOWN if len(found) > shown else 0,
        searched=bool(word) or len(rows) > SHOWN,
    )


def shown_in(request: web.Request) -> int:
    """How many rows the query asks for."""
    text = request.query.get("shown", "")
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0
    return min(asked or SHOWN, MOST)


def _plain(text: str) -> str:
    """L'Argentière and l’argentiere are found alike."""
    apart = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()
