"""checks.py names every private part of aiortc and aioice that the package relies on."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import aioice
import aiortc

from kiosk.rtc import attach
from kiosk.rtc.attach import checks

LIBRARIES = (aiortc, aioice)
FOLDER = Path(attach.__file__).parent
MODULES = [
    importlib.import_module(f"{attach.__name__}.{found.name}")
    for found in pkgutil.iter_modules([str(FOLDER)])
    if found.name != "checks"
] + [attach]


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__") and name != "_abc_impl"


def trees(*folders: Path) -> Iterator[ast.Module]:
    for folder in folders:
        for file in folder.rglob("*.py"):
            if file.name != "checks.py":
                yield ast.parse(file.read_text("utf-8"))


def used(tree: ast.Module) -> set[str]:
    """Private names that are read or written, as in `transport._send`."""
    found = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return set(filter(is_private, found))


def own(tree: ast.Module) -> set[str]:
    """Names that the package gives to what is its own: methods, functions, what is set on self."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names.add(node.name)
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id == "self"
        ):
            names.add(node.attr)
    return names


def overridden(module: ModuleType) -> Iterator[str]:
    """Private methods of the module's classes that stand in the place of a library's."""
    for _, made in inspect.getmembers(module, inspect.isclass):
        if made.__module__ == module.__name__:
            for base in made.__mro__[1:]:
                if base.__module__.partition(".")[0] in {"aiortc", "aioice"}:
                    yield from filter(is_private, vars(base).keys() & vars(made).keys())


def mangled(name: str) -> str:
    """`_RTCRtpSender__rtt` as its own class writes it: `__rtt`."""
    return name[name.index("__") :] if "__" in name else name


def test_every_private_part_that_is_relied_on_is_checked_at_start() -> None:
    ours = list(trees(FOLDER))
    assert len(ours) == len(MODULES)
    touched = set[str]().union(*map(used, ours)) - set[str]().union(*map(own, ours))
    theirs = set[str]()
    for tree in trees(*(Path(library.__file__ or "").parent for library in LIBRARIES)):
        theirs |= used(tree) | own(tree)
    relied_on = {name for name in touched if mangled(name) in theirs}
    for module in MODULES:
        relied_on |= set(overridden(module))
    checked = {name for _, name, _ in checks._SIGNATURES}
    checked |= {name for _, names in checks._NAMES_USED for name in names}
    assert len(relied_on) > 40
    assert relied_on - checked == set()
