"""`kiosk probe HUB`: measures this line once, by hand.

Exit codes: 0 every figure is known; 1 the hub was not reached, or refused; 2 an option is wrong;
3 some figure stays unknown: others use the line, or it is too unsteady to tell.
"""

from __future__ import annotations

import asyncio
import base64
import json
import math
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from urllib.parse import urlsplit

import aiohttp
import typer
from pydantic import ValidationError

from kiosk import identity as identities
from kiosk.errors import KioskError, NotEnrolledError
from kiosk.identity import Identity
from kiosk.probes.measured import Measured, plain, table
from kiosk.probes.results import FILE_NAME, open_store
from kiosk.probes.wire import ProbeWire
from kiosk.settings import load_settings
from signaling.protocol.line_cards import Way
from signaling.protocol.messages import ProbeSession
from visiohub.linkquality.bursts import believed
from visiohub.linkquality.ledger import Ledger, Purpose
from visiohub.linkquality.train import Train, idle_train, long_train
from visiohub.linkquality.verdict import Doubt, Verdict, next_expectation
from visiohub.linkquality.voice import EVERY_S, IP_OCTETS, SECONDS

FAILED, MISUSED, UNKNOWN = 1, 2, 3
PATH = "/api/v1/probe-sessions"
TRIES = 3
"""Trains each way at most: a wrong expectation is left in few steps. Where the hub does not know
what a shaper lets through at once, a long one proves the number."""
_ANSWER_WITHIN_S = 15.0
_SAYS = {
    "not_enrolled": "the hub does not know this kiosk. Enrol it first: kiosk enrol HUB CODE",
    "clock": "this PC's clock is off by more than two minutes. Set it, then try again.",
    "bad_proof": "the hub does not take this PC's key. Try again, or enrol it anew.",
    "no_line": "the hub knows no line of this venue, or takes no probes. Ask its administrator.",
}


class ProbeRefusedError(KioskError):
    """The hub gave no session."""

    code = "probe_refused"


def probe(
    hub: Annotated[str, typer.Argument(help="The hub's address, for instance https://hub.org")],
    seconds: Annotated[
        float, typer.Option(min=1, max=60, help="How long voice-like traffic is sent.")
    ] = SECONDS,
    beyond_budget: Annotated[
        bool, typer.Option("--beyond-budget", help="Even if today's octets for probes are spent.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, no table.")] = False,
    state_dir: Annotated[Path | None, typer.Option(help="Where the key lies.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
) -> None:
    """Measure this line: capacity each way, delay, loss, and how a voice would sound.

    It takes half a minute and up to half a megabyte, of what probes may put on the line in a day;
    up to a minute and a half and two megabytes where the hub does not know the line yet.
    Others who use the line meanwhile spoil the figures. Exit code 3: some figure stays unknown.
    """
    try:
        settings = load_settings({"state_dir": state_dir}, file=config)
        identity = identities.load(settings.state_dir)
        address = identities.hub_address(hub)
        with typer.progressbar(length=100, label="measuring", file=sys.stderr) as bar:
            measuring = _measure(
                address, identity, seconds, bar.update, settings.state_dir, beyond=beyond_budget
            )
            measured = asyncio.run(measuring)
    except NotEnrolledError as error:
        _fail(f"{error.detail}. Enrol this PC first: kiosk enrol HUB CODE")
    except KioskError as error:
        _fail(_SAYS.get(error.detail, f"{error.code}: {error.detail}"))
    typer.echo(json.dumps(plain(measured), indent=2) if as_json else table(measured))
    if not measured.complete:
        raise typer.Exit(UNKNOWN)


async def _measure(
    address: str,
    identity: Identity,
    seconds: float,
    progress: Callable[[int], None],
    state_dir: Path,
    *,
    beyond: bool,
) -> Measured:
    """The ledgers in that folder must allow it, unless it may go `beyond`; what was sent is owed to
    them, however it ends."""
    order = await _session(address, identity)
    if not beyond:
        _require_octets(state_dir, order, seconds)
    key = base64.urlsafe_b64decode(order.key + "=")
    host = urlsplit(address).hostname or ""
    try:
        wire = ProbeWire((host, order.port), order.session, key)
    except OSError as error:
        raise ProbeRefusedError(f"no way to {host}, UDP port {order.port}: {error}") from error
    try:
        progress(10)
        down = await _train(wire.down, order.down_kbit_s, order.burst_down_octets)
        if not down.arrived:
            raise ProbeRefusedError(
                f"nothing comes back from {host}, UDP port {order.port}. Is that port open at the "
                "hub, and in every firewall up to it?"
            )
        progress(20)
        up = await _train(wire.up, order.up_kbit_s, order.burst_up_octets)
        progress(20)
        steps = asyncio.create_task(_steps(seconds, 50, progress))
        try:
            delays = await wire.voice(seconds)
        finally:
            steps.cancel()
            with suppress(asyncio.CancelledError):
                await steps
    finally:
        wire.close()
        octets_up, octets_down = wire.take_octets()
        _owe(state_dir, octets_up, octets_down)
    return Measured(up, down, delays, octets_up, octets_down)


def _require_octets(state_dir: Path, order: ProbeSession, seconds: float) -> None:
    """Raises ProbeRefusedError where the day's octets for probes do not last for this. Known where
    the agent of this PC has its file."""
    store = open_store(state_dir) if (state_dir / FILE_NAME).exists() else None
    if store is None:
        return
    now = datetime.now().astimezone()  # the day of the venue is that of its PC
    voice = math.ceil(seconds / EVERY_S) * IP_OCTETS
    ways: dict[Way, tuple[int, list[Train]]] = {
        "up": (order.octets_a_day_up, _most(order.up_kbit_s, order.burst_up_octets)),
        "down": (order.octets_a_day_down, _most(order.down_kbit_s, order.burst_down_octets)),
    }
    talk = sum(one.talk_octets for _, trains in ways.values() for one in trains)
    try:
        for way, (octets_a_day, trains) in ways.items():
            ledger = Ledger(octets_a_day, now.date())
            store.restore_ledger(way, ledger)
            left = max(0.0, ledger.left_for(now, Purpose.ON_DEMAND) - store.owed(way))
            cost = voice + talk + sum(one.cost_octets for one in trains)
            if cost > left:
                raise ProbeRefusedError(
                    f"probes may put {left / 1e6:.2f} MB more on this line today ({way}), and this "
                    f"takes up to {cost / 1e6:.2f} MB. Try it tomorrow, for fewer --seconds, or "
                    "with --beyond-budget"
                )
    finally:
        store.close()


def _owe(state_dir: Path, octets_up: int, octets_down: int) -> None:
    """The line's octets of the day are spent by hand, too; the agent of this PC counts them, where
    one has its file already: whoever measures by hand may be another user."""
    store = open_store(state_dir) if (state_dir / FILE_NAME).exists() else None
    if store is not None:
        with suppress(sqlite3.Error):
            store.owe({"up": octets_up, "down": octets_down})
        store.close()


def _most(kbit_s: float, burst_octets: int | None) -> list[Train]:
    """That `_train` may send."""
    proof = [long_train(kbit_s)] if burst_octets is None else []
    return [idle_train(kbit_s, burst_octets)] * TRIES + proof


async def _train(
    send: Callable[..., Any], expected_kbit_s: float, burst_octets: int | None
) -> Verdict:
    proven_kbit_s = None if burst_octets is None else expected_kbit_s
    for _ in range(TRIES):
        train = idle_train(expected_kbit_s, burst_octets)
        verdict: Verdict = await send(train, burst_octets)
        expected_kbit_s = next_expectation(expected_kbit_s, verdict)
        if verdict.kbit_s is not None or verdict.doubt is Doubt.BURST or not verdict.arrived:
            break
    told = believed(verdict, len(train.offsets_s), proven_kbit_s)
    if told.doubt is Doubt.BURST and burst_octets is None:
        told = await send(long_train(expected_kbit_s))
    return told


async def _steps(seconds: float, steps: int, progress: Callable[[int], None]) -> None:
    for _ in range(steps):
        await asyncio.sleep(seconds / steps)
        progress(1)


async def _session(address: str, identity: Identity) -> ProbeSession:
    at = int(time.time())
    proof = {
        "kiosk_id": identity.kiosk_id,
        "at": at,
        "signature": identity.sign(f"probe-{at}"),
    }
    timeout = aiohttp.ClientTimeout(total=_ANSWER_WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(address + PATH, json=proof, allow_redirects=False) as response,
        ):
            if response.status != 201:
                with suppress(ValueError, aiohttp.ClientError, AttributeError):
                    answer = await response.json(content_type=None)
                    raise ProbeRefusedError(str(answer.get("code", response.status)))
                raise ProbeRefusedError(f"{address} answered {response.status}")
            return ProbeSession.model_validate_json(await response.read())
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ProbeRefusedError(f"no answer from {address} ({type(error).__name__})") from error
    except ValidationError as error:
        raise ProbeRefusedError(f"{address} is no visiohub of this kiosk's version") from error


def _fail(sentence: str) -> NoReturn:
    typer.echo(f"kiosk: {sentence}", err=True)
    raise typer.Exit(FAILED)
