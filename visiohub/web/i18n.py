"""Languages of the pages: the French sentence is the message id, English comes from the catalogue.

The language of the request under way lies in a context variable, so that `_` needs no argument
in templates, error texts and views alike.
"""

from __future__ import annotations

import gettext as catalogues
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar, cast

from babel.numbers import format_decimal

P = ParamSpec("P")
R = TypeVar("R")

LOCALE_DIR = Path(__file__).parent.parent / "locale"
DOMAIN = "visiohub"
LANGUAGES = ("fr", "en")

Language = Literal["fr", "en"]

_language: ContextVar[Language] = ContextVar("visiohub_language", default="fr")
_english: catalogues.NullTranslations = catalogues.translation(
    DOMAIN, LOCALE_DIR, ["en"], fallback=True
)


def language() -> Language:
    """The language of the request under way."""
    return _language.get()


def speak(wanted: str) -> None:
    """Use this language until the request ends; an unknown one means French."""
    _language.set(cast("Language", wanted) if wanted in LANGUAGES else "fr")


def spoken(function: Callable[P, R]) -> Callable[P, R]:
    """The function in the language of the request under way, also when a thread calls it."""
    context = copy_context()

    def speaking(*args: P.args, **kwargs: P.kwargs) -> R:
        return context.run(function, *args, **kwargs)

    return speaking


def in_language(wanted: str, function: Callable[[], R]) -> R:
    """What the function gives in this language, whatever the request's is."""

    def speaking() -> R:
        speak(wanted)
        return function()

    return copy_context().run(speaking)


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with its `%(name)s` filled in."""
    text = message if language() == "fr" else _english.gettext(message)
    return text % values if values else text


def ngettext(singular: str, plural: str, n: int, **values: object) -> str:
    """Like `gettext`, by number; in French zero is singular."""
    return _by_number(singular, plural, n) % {"n": _number(n), **values}


def ngettext_for_templates(singular: str, plural: str, n: int) -> str:
    """`ngettext` with only `%(n)s` filled in: Jinja itself fills in the other values."""
    return _by_number(singular, plural, n).replace("%(n)s", _number(n))


def _by_number(singular: str, plural: str, n: int) -> str:
    if language() == "fr":
        return singular if abs(n) < 2 else plural
    return _english.ngettext(singular, plural, n)


def _number(n: int) -> str:
    """As `formats.number` writes it, which needs this module."""
    return str(n) if abs(n) < 1000 else format_decimal(n, locale=language())


def later(message: str) -> str:
    """Mark a message of a table for extraction; it is translated where it is shown."""
    return message


def preferred(accept_language: str) -> Language:
    """First language of Accept-Language that the pages speak (RFC 9110 section 12.5.4)."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept_language[:500].split(",")):
        tag, _sep, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        weighted.append((-quality, position, tag.strip().lower().split("-")[0]))
    for quality, _position, tag in sorted(weighted):
        if tag in LANGUAGES and quality < 0:
            return cast("Language", tag)
    return "fr"
