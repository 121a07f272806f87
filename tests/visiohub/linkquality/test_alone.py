"""The kiosk imports visiohub.linkquality: it must need neither extra, nor the rest of the hub."""

from __future__ import annotations

import json
import subprocess
import sys

IMPORTS = """
import importlib, json, pkgutil, sys
import visiohub.linkquality as package
names = [m.name for m in pkgutil.iter_modules(package.__path__, package.__name__ + ".")
         if "Pure." in (importlib.import_module(m.name).__doc__ or "")]
print(json.dumps([names, sorted(sys.modules)]))
"""


def test_the_pure_modules_need_the_standard_library_alone() -> None:
    # No path of the installed packages: whatever is not the standard library's cannot be found.
    run = subprocess.run(
        [sys.executable, "-S", "-c", IMPORTS], capture_output=True, text=True, check=True,
        timeout=60, cwd=__file__.split("/tests/")[0],
    )  # fmt: skip
    pure, loaded = json.loads(run.stdout)
    assert len(pure) >= 18
    ours = {name for name in loaded if name.startswith("visiohub.")}
    assert all(name.startswith("visiohub.linkquality") for name in ours)
