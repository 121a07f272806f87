"""design.md, "The house": imports run one way, and the pure parts touch neither wire nor clock."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ("visiohub", "signaling", "kiosk")

MAY_IMPORT = {
    "kiosk": ("kiosk", "signaling", "visiohub.linkquality"),
    "visiohub": ("visiohub", "signaling"),
    "signaling": ("signaling",),
}

PURE_FOLDERS = ("visiohub/domain", "signaling/protocol", "signaling/session")
SAYS_PURE = re.compile(r"\bPure[.:,]|\A[^\n]*\b[Pp]ure\b")
""""Pure:" anywhere in the module's docstring, or the word in its first line."""
PURE_MODULES = ("kiosk/lifecycle.py", "bench/linelab/link.py", "bench/linelab/profile.py")

BANNED_MODULES = frozenset({
    "aiohttp", "aiortc", "alembic", "asyncio", "http", "multiprocessing", "random", "requests",
    "secrets", "select", "selectors", "socket", "sqlalchemy", "sqlite3", "ssl", "subprocess",
    "urllib.request",
})  # fmt: skip
BANNED_CALLS = frozenset({
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter",
    "time.sleep", "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.date.today",
    "uuid.uuid1", "uuid.uuid4", "os.urandom", "open",
})  # fmt: skip
SEEDED_RANDOMNESS = ("bench/linelab/link.py", "bench/line_capacity/troubles.py")
"""May import `random`, for `random.Random(seed)`: an emulated line repeats its losses
and its troubles."""


def modules(*folders: str) -> Iterator[Path]:
    """Every source file below the folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    """The path as the rules name it."""
    return path.relative_to(ROOT).as_posix()


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything a module imports, relative imports made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{source}.{alias.name}"


def below(name: str, roots: tuple[str, ...] | frozenset[str]) -> bool:
    """Whether a dotted name is one of the roots or lies under one."""
    return any(name == root or name.startswith(root + ".") for root in roots)


def breaches_of_direction(path: Path) -> list[str]:
    """Imports between the programs that the house plan does not allow."""
    allowed = MAY_IMPORT[relative(path).split("/")[0]]
    return [
        f"{relative(path)}:{line} imports {name}"
        for line, name in imports(path)
        if below(name, PROGRAMS) and not below(name, allowed)
    ]


def is_pure(path: Path) -> bool:
    """By its place, or because its docstring says so."""
    name = relative(path)
    if name in PURE_MODULES or name.startswith(tuple(f"{folder}/" for folder in PURE_FOLDERS)):
        return True
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return bool(SAYS_PURE.search(docstring))


def dotted(node: ast.expr) -> str:
    """`datetime.now` for such an expression, else an empty text."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            prefix = dotted(value)
            return f"{prefix}.{attribute}" if prefix else ""
        case _:
            return ""


def impurities(path: Path) -> list[str]:
    """Banned imports and banned calls in a pure module."""
    name = relative(path)
    banned = BANNED_MODULES - ({"random"} if name in SEEDED_RANDOMNESS else set())
    found = [
        f"{name}:{line} imports {imported}"
        for line, imported in imports(path)
        if below(imported, banned) or imported in BANNED_CALLS
    ]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and dotted(node.func) in BANNED_CALLS:
            found.append(f"{name}:{node.lineno} calls {dotted(node.func)}")
        if (
            isinstance(node, ast.Call)
            and dotted(node.func).startswith("random.")
            and dotted(node.func) != "random.Random"
        ):
            found.append(f"{name}:{node.lineno} calls {dotted(node.func)}")
    return found


def test_imports_run_one_way() -> None:
    breaches = [breach for path in modules(*PROGRAMS) for breach in breaches_of_direction(path)]
    assert not breaches, "\n".join(breaches)


def test_pure_parts_touch_neither_wire_nor_clock_nor_chance() -> None:
    pure = [path for path in modules(*PROGRAMS, "bench") if is_pure(path)]
    assert len(pure) >= 5
    found = [impurity for path in pure for impurity in impurities(path)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("name", PURE_MODULES)
def test_the_modules_named_pure_exist(name: str) -> None:
    assert (ROOT / name).is_file()


# --- the rules themselves catch what they are for ---------------------------------------------


def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str) -> Path:
    """A module of another tree, which the rules take for the project's own."""
    monkeypatch.setattr("test_layers.ROOT", tmp_path)
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, "utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("signaling/a.py", "import visiohub.clock"),
        ("signaling/a.py", "from visiohub import clock"),
        ("visiohub/a.py", "import kiosk"),
        ("kiosk/a.py", "from visiohub.domain import model"),
        ("kiosk/a.py", "def late():\n    import visiohub.storage"),
        ("kiosk/sub/a.py", "from ...visiohub import domain"),
    ],
)
def test_a_breach_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str
) -> None:
    assert breaches_of_direction(written(tmp_path, monkeypatch, name, source))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("kiosk/a.py", "from visiohub.linkquality import packets"),
        ("kiosk/a.py", "from visiohub import linkquality"),
        ("visiohub/a.py", "from signaling.protocol import messages"),
        ("visiohub/web/a.py", "from . import pages\nfrom ..domain import model"),
    ],
)
def test_what_is_allowed_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str
) -> None:
    assert not breaches_of_direction(written(tmp_path, monkeypatch, name, source))


@pytest.mark.parametrize(
    "source",
    [
        "import asyncio",
        "from asyncio import sleep",
        "import socket",
        "from sqlalchemy import orm",
        "import time\nx = time.time()",
        "from time import monotonic",
        "from datetime import datetime\nx = datetime.now()",
        "import datetime\nx = datetime.datetime.now(datetime.UTC)",
        "import random",
        "import uuid\nx = uuid.uuid4()",
    ],
)
def test_an_impurity_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    path = written(tmp_path, monkeypatch, "visiohub/domain/a.py", source)
    assert is_pure(path)
    assert impurities(path)


def test_a_docstring_that_says_pure_binds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = '"""Pacing of packets. Pure: `now` comes in."""\nimport asyncio'
    assert is_pure(written(tmp_path, monkeypatch, "kiosk/rtc/a.py", said))
    beside = '"""Sockets of the probes.\n\nThe pure rules are next door."""\nimport asyncio'
    assert not is_pure(written(tmp_path, monkeypatch, "kiosk/rtc/b.py", beside))
