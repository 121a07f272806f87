"""`python -m bench.linelab`: an emulated access line by hand."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from bench.linelab import namespaces
from bench.linelab.control import LineControl
from bench.linelab.profile import PRESETS, Profile, from_json
from bench.linelab.runner import Runner
from bench.linelab.tun import inside, obstacle, open_tun, wake_punctually


def main() -> int:
    """Parse and obey; the status for the shell, 77 (EX_NOPERM) where no line can be made."""
    arguments = _parser().parse_args()
    try:
        status: int = arguments.act(arguments)
    except (OSError, ValueError, RuntimeError, subprocess.SubprocessError) as error:
        print(f"linelab: {error}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.linelab",
        description="An access line (rate, buffer, delay, jitter, loss, cuts, ATM cells) between "
        "network namespaces, in user space. Needs root. Profiles: " + ", ".join(PRESETS) + ".",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    up = acts.add_parser("up", help="make office, hub and venue with a line, until Ctrl-C")
    up.add_argument("profile", help="a profile's name, or a JSON file with one")
    up.set_defaults(act=_up)

    tell = acts.add_parser("tell", help="cut, restore, set FIELD=VALUE..., stats, stop")
    tell.add_argument("control", help="the line's control socket, as `up` printed it")
    tell.add_argument("order", choices=["cut", "restore", "set", "stats", "stop"])
    tell.add_argument("change", nargs="*", metavar="FIELD=VALUE", help="with set: kbit_s=512 ...")
    tell.add_argument("--direction", choices=["down", "up", "both"], default="both")
    tell.set_defaults(act=_tell)

    run = acts.add_parser("run", help="carry packets between two namespaces that exist")
    run.add_argument("--profile-json", required=True)
    run.add_argument("--hub-netns", required=True)
    run.add_argument("--venue-netns", required=True)
    run.add_argument("--control", required=True, help="path of the control socket to make")
    run.set_defaults(act=_run)
    return parser


def _profile(name: str) -> Profile:
    return PRESETS[name] if name in PRESETS else from_json(Path(name).read_text("utf-8"))


def _up(arguments: argparse.Namespace) -> int:
    if why := obstacle():
        print(f"linelab: {why}", file=sys.stderr)
        return os.EX_NOPERM
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with namespaces.lab(_profile(arguments.profile)) as lab:
        for host in (lab.office, lab.hub, lab.venue):
            print(f"{host.address:12} ip netns exec {host.name} COMMAND")
        print(
            f"python -m bench.linelab tell {lab.line.path} cut | restore | stats | set kbit_s=512"
        )
        print("Ctrl-C removes all of it.", flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()
    return 0


def _tell(arguments: argparse.Namespace) -> int:
    line = LineControl(arguments.control)
    match arguments.order:
        case "cut":
            line.cut(arguments.direction)
        case "restore":
            line.restore(arguments.direction)
        case "set":
            pairs = (pair.partition("=") for pair in arguments.change)
            line.set(arguments.direction, **{name: json.loads(value) for name, _, value in pairs})
        case "stats":
            print(json.dumps(line.stats(), indent=2))
        case "stop":
            line.stop()
    return 0


def _run(arguments: argparse.Namespace) -> int:
    tuns = []
    for namespace in (arguments.hub_netns, arguments.venue_netns):
        with inside(namespace):
            tuns.append(open_tun(namespaces.LINE_DEVICE))
    wake_punctually()
    try:
        runner = Runner(from_json(arguments.profile_json), tuns[0], tuns[1], arguments.control)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: runner.stop())
        runner.run()
    finally:
        for tun in tuns:
            os.close(tun)
    return 0


if __name__ == "__main__":
    sys.exit(main())
