"""What comes in from forms and addresses, read so that nothing odd gets further."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from aiohttp import web
from multidict import MultiDict

from visiohub.web.formats import typed_day
from visiohub.web.i18n import gettext as _
from visiohub.web.typed import TypedDay, in_sight, read_day

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
"""Bounds of the days that anybody looks at: far from the calendar's ends, where sums overflow."""
FORM_TYPE = "application/x-www-form-urlencoded"
WHOLE = re.compile(r"-?[0-9]{1,7}")
"""A whole number as people type it; whether it may be negative is for the use case to say."""
MAX_PARTS = 1000
"""As aiohttp's own limit. The largest form is a price list: 36 rows of 22 fields, 8 passes of 8 and
10 fields of its own are 866 parts."""


class FormData(MultiDict[str]):
    """The fields of a form, texts only."""

    def one(self, name: str) -> str:
        """The field, trimmed; empty when missing."""
        return self.get(name, "").strip()

    def whole(self, name: str) -> int:
        """The field as a whole number; 0 when it is none, as the version of what nobody read."""
        text = self.one(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0

    def many(self, name: str) -> list[str]:
        """All values of the field that are not empty."""
        return [v.strip() for v in self.getall(name, []) if v.strip()]


async def read_posted(request: web.Request) -> FormData:
    """The body of a form; of each text what can be seen (domain.typed.in_sight).

    Raises HTTPUnsupportedMediaType, HTTPBadRequest.
    """
    if request.content_type not in {FORM_TYPE, "application/octet-stream"}:
        raise web.HTTPUnsupportedMediaType
    if (request.charset or "utf-8").lower() != "utf-8":  # others can spell what is no text
        raise web.HTTPUnsupportedMediaType
    try:
        posted = await request.post()
    except (UnicodeDecodeError, LookupError, ValueError) as error:
        raise web.HTTPBadRequest from error
    if len(posted) > MAX_PARTS:
        raise web.HTTPBadRequest
    return FormData(_texts(posted.items()))


def _texts(items: object) -> Iterator[tuple[str, str]]:
    for name, value in items:  # type: ignore[attr-defined]  # items of a MultiDictProxy
        if isinstance(value, str):
            yield name, in_sight(value)


def day_in(request: web.Request, name: str, otherwise: date) -> TypedDay:
    """A day in the query, within FIRST_DAY and LAST_DAY; missing or wrong it means `otherwise`."""
    text = request.query.get(name, "").strip()
    day = read_day(text)
    if day is None:
        return TypedDay(otherwise, text or typed_day(otherwise), not_a_day() if text else "")
    if not FIRST_DAY <= day <= LAST_DAY:
        return TypedDay(otherwise, text, out_of_sight())
    return TypedDay(day, typed_day(day))


def day_to_look_at(text: str) -> date | None:
    """The day that was typed; None for what is none, or not within FIRST_DAY and LAST_DAY."""
    day = read_day(text)
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def day_errors(fields: Mapping[str, TypedDay]) -> dict[str, str]:
    """Field name to sentence, for those of the fields that hold no day to look at."""
    return {name: typed.wrong for name, typed in fields.items() if typed.wrong}


def not_a_day() -> str:
    """What is said beside a field whose day cannot be read."""
    return _("Écrivez un jour comme 21/11/2026.")


def out_of_sight() -> str:
    """What is said beside a field whose day is too far away."""
    first, last = typed_day(FIRST_DAY), typed_day(LAST_DAY)
    return _("Choisissez un jour du %(first)s au %(last)s.", first=first, last=last)


def header_text(request: web.Request, name: str) -> str:
    """A header as text that can be kept; octets that are no UTF-8 become question marks."""
    return request.headers.get(name, "").encode("utf-8", "replace").decode()


def local_path(wanted: str, otherwise: str) -> str:
    """A path on this hub to go to; anything that might lead elsewhere means `otherwise`."""
    safe = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if safe else otherwise
