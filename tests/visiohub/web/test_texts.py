"""Every sentence has its English, and French is set as French is."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import visiohub

PACKAGE = Path(visiohub.__file__).parent
METHODS = [
    ("web/templates/**.html", "jinja2"),
    ("**.py", "python"),
]
KEYWORDS = {"_": None, "gettext": None, "later": None, "N_": None, "ngettext": (1, 2)}


@pytest.fixture(scope="module")
def messages() -> Catalog:
    found = Catalog()
    options = {"web/templates/**.html": {"extensions": "jinja2.ext.i18n"}}
    for _file, _line, message, _comments, _context in extract_from_dir(
        PACKAGE, METHODS, options, keywords=KEYWORDS
    ):
        if message:
            found.add(message)
    return found


@pytest.fixture(scope="module")
def english() -> Catalog:
    source = PACKAGE / "locale/en/LC_MESSAGES/visiohub.po"
    return read_po(io.BytesIO(source.read_bytes()), locale="en")


def test_every_message_is_translated(messages: Catalog, english: Catalog) -> None:
    missing = []
    for message in messages:
        if not message.id:
            continue
        known = english.get(message.id)
        strings = known.string if known is not None else ""
        if not all(strings if isinstance(strings, tuple) else (strings,)):
            missing.append(message.id)
    assert missing == []


def test_no_translation_is_left_over(messages: Catalog, english: Catalog) -> None:
    assert [m.id for m in english if m.id and messages.get(m.id) is None] == []


def test_placeholders_are_the_same_in_both_languages(english: Catalog) -> None:
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)s|\{(\w+)\}", text))

    for message in english:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, tuple) else (message.id,)
        target = message.string if isinstance(message.string, tuple) else (message.string,)
        for one in target:
            assert placeholders(one) == placeholders(source[-1]), source


def test_a_semicolon_of_a_template_is_that_of_the_language() -> None:
    """French has a narrow space before it, English none: web.formats.semicolon knows."""
    fixed = re.compile(r"""(?<!delimiter=)(["'])[ \u00a0\u202f]?; ?\1""")
    pages = [*PACKAGE.glob("web/templates/**/*.html"), *PACKAGE.glob("web/pages/**/*.py")]
    assert [page.name for page in pages if fixed.search(page.read_text("utf-8"))] == []


def test_the_demos_ways_in_are_set_as_french_is() -> None:
    demo = tomllib.loads((PACKAGE / "demo_territory.toml").read_text("utf-8"))
    told = [venue["access"] for venue in demo["venue"] if "access" in venue]
    assert told
    assert [one for one in told if re.search(r"«[^\u00a0]|[^\u00a0][»:]|\d m\b", one)] == []


def test_french_typography(messages: Catalog) -> None:
    wrong = []
    for message in messages:
        for text in message.id if isinstance(message.id, tuple) else (message.id,):
            spaced = re.search(r"[^\s\u202f][?!;]|[^\u202f][?;!]$| [?!;]", text)
            colon = re.search(r"[^\u00a0\d/] :| :|[a-zé]:(\s|$)", text)
            quotes = re.search(r"«[^\u00a0]|[^\u00a0]»|'", text)
            if spaced or colon or quotes:
                wrong.append(text)
    assert wrong == []
