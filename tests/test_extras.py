"""Each program starts without the other's packages: a kiosk has no database, a hub no camera."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

IMPORT_NAMES = {
    "aiohttp-jinja2": "aiohttp_jinja2",
    "aiohttp-session": "aiohttp_session",
    "argon2-cffi": "argon2",
    "opencv-python-headless": "cv2",
    "prometheus-client": "prometheus_client",
}
"""Where the distribution's name is not the package's."""

BLOCKER = """
import importlib, importlib.abc, json, pkgutil, sys

blocked = frozenset(json.loads(sys.argv[1]))


class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} belongs to the other program's extra", name=name)
        return None


sys.meta_path.insert(0, Blocker())
for program in json.loads(sys.argv[2]):
    package = importlib.import_module(program)
    for module in pkgutil.walk_packages(package.__path__, program + "."):
        if ".migrations." not in module.name:  # Alembic alone runs those
            importlib.import_module(module.name)
loaded = sorted(blocked & {name.partition(".")[0] for name in sys.modules})
assert not loaded, loaded
print(len([name for name in sys.modules if name.partition(".")[0] == program]))
"""


def packages_of(extra: str) -> set[str]:
    """Import names of what an extra brings, as pyproject.toml lists it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {
        re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0]
        for requirement in project["optional-dependencies"][extra]
    }
    return {IMPORT_NAMES.get(name, name).lower() for name in names}


@pytest.mark.parametrize(
    ("program", "other"),
    [("visiohub", "kiosk"), ("signaling", "kiosk"), ("kiosk", "hub"), ("signaling", "hub")],
)
def test_every_module_imports_without_the_other_extra(program: str, other: str) -> None:
    blocked = packages_of(other)
    assert blocked
    run = subprocess.run(
        [sys.executable, "-c", BLOCKER, json.dumps(sorted(blocked)),
         json.dumps([program])],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= 2


def test_the_blocker_blocks() -> None:
    run = subprocess.run(
        [sys.executable, "-c", BLOCKER, '["aiohttp"]', '["signaling"]'],
        capture_output=True, text=True, timeout=60, check=False, cwd=ROOT,
    )  # fmt: skip
    assert run.returncode != 0
    assert "belongs to the other program's extra" in run.stderr


def test_the_extras_do_not_overlap() -> None:
    assert not packages_of("hub") & packages_of("kiosk")
