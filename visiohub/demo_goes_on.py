"""The demo's lines go on being measured while `make run` runs: what their kiosks would tell.

`python -m visiohub.demo_goes_on`, with the hub's settings; a real territory is left alone.
"""

from __future__ import annotations

import time

import typer

from visiohub import demo_lines
from visiohub import settings as hub_settings
from visiohub.bootstrap import Hub
from visiohub.cli_parts import refusals
from visiohub.demo import LOADED, DemoRefused
from visiohub.storage.retry import committed

EVERY_S = 20.0


def main() -> None:
    """Until it is stopped; exit codes as of `visiohub`, 1 for what is no demo."""
    with refusals():
        hub = Hub(hub_settings.load(None))
        with hub.reading() as uow:
            if not uow.audit.list(action=LOADED):
                raise DemoRefused("this database holds no demo: left alone")
        while True:
            within_s = hub.settings.database_busy_timeout_s
            committed(hub.uow, lambda uow: demo_lines.go_on(uow, hub.clock()), within_s=within_s)
            time.sleep(EVERY_S)


if __name__ == "__main__":
    typer.run(main)
