"""The venue's end: the kiosk's own trains, voice-like traffic and NDT7 client, on orders."""

from __future__ import annotations

import asyncio
import base64
import time
from dataclasses import asdict

from bench.line_capacity.hub_end import NDT7_PORT
from bench.line_capacity.talk import Answer, Order, obey
from bench.linelab.namespaces import HUB_TO_VENUE
from kiosk.probes.ndt7 import Ndt7
from kiosk.probes.wire import ProbeWire
from visiohub.linkquality.train import call_train, idle_train, long_train
from visiohub.linkquality.voice import heard


async def main() -> None:
    """Until the bench is gone."""
    wire: ProbeWire | None = None

    async def handle(order: Order) -> Answer:
        nonlocal wire
        if order["do"] == "session":
            if wire is not None:
                wire.close()
            key = base64.b64decode(order["key"])
            wire = ProbeWire((HUB_TO_VENUE, order["port"]), order["session"], key)
            return {}
        if order["do"] == "ndt7":
            return await _ndt7(order)
        if wire is None:
            raise RuntimeError("no session yet")
        return await (_voice if order["do"] == "voice" else _train)(wire, order)

    try:
        await obey(handle)
    finally:
        if wire is not None:
            wire.close()


async def _train(wire: ProbeWire, order: Order) -> Answer:
    """As the prober sends them (kiosk/probes/schedule.py, prober.py); what went its way."""
    expected = order["expected_kbit_s"]
    plan = call_train(expected) if order["in_call"] else idle_train(expected, order["burst_octets"])
    if order["long"]:
        plan = long_train(expected)
    began_ns = time.monotonic_ns()
    if plan is None:
        return {"began_ns": began_ns, "verdict": None, "octets": 0}
    wire.take_octets()
    send = wire.up if order["way"] == "up" else wire.down
    verdict = await send(plan, order["burst_octets"])
    octets, received = wire.take_octets()
    if order["way"] == "down":  # what the line dropped was sent, too
        octets = received + (len(plan.offsets_s) - verdict.arrived) * plan.octets
    return {"began_ns": began_ns, "verdict": asdict(verdict), "octets": octets}


async def _voice(wire: ProbeWire, order: Order) -> Answer:
    delays = await wire.voice(order["seconds"])
    told = heard(delays)
    return {
        "delays": asdict(delays),
        "mos_up": told.forward.mos if told.forward else None,
        "mos_down": told.backward.mos if told.backward else None,
    }


async def _ndt7(order: Order) -> Answer:
    client = Ndt7(f"http://{HUB_TO_VENUE}:{NDT7_PORT}", order["token"])
    transfer = await (client.upload() if order["way"] == "up" else client.download())
    quick = transfer.responsiveness
    return {"kbit_s": transfer.seen.kbit_s, "quick": None if quick is None else asdict(quick)}


if __name__ == "__main__":
    asyncio.run(main())
