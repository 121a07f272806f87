"""From "Faire entrer" to the first picture at both ends, beside Chromium to Chromium.

The product: the agent's Chromium and a real kiosk with its screen in Chromium. The peer: the same
agent's page and a page that plays the kiosk's part with the same messages over the same hub, its
devices open, its certificate and its connection made ahead. The two take turns in one run, the
first of each is not counted. The relay that the peer's page needs (admit_relay.py) is taken off
the peer's times: one round trip, for the offer and the answer.
"""

from __future__ import annotations

import asyncio
import statistics
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass

from playwright.async_api import async_playwright

from bench.admit_ends import (
    PEER_PLACE,
    Agent,
    Far,
    KioskScreen,
    PeerKiosk,
    enrol_peer,
    issue_code,
)
from bench.admit_relay import Relay, relay
from bench.browsers import chromium
from bench.results import Figure, Result
from bench.stack import Stack, stack

PAIRS = 9
PINGS = 60
AT_MOST_MS = 500.0
PEER = "Chromium to Chromium"


@dataclass(frozen=True)
class Times:
    """From the press to the first picture, in ms."""

    agent: float
    kiosk: float

    def less(self, ms: float) -> Times:
        """Both without what the bench itself costs."""
        return Times(self.agent - ms, self.kiosk - ms)


def run(_arguments: Namespace) -> Result:
    """Nine pairs, the product and the peer in turn."""
    with stack() as running, running.kiosk():
        ours, peers, relay_ms = asyncio.run(measure(running))
    raw = {
        "agent_ms": [t.agent for t in ours],
        "kiosk_ms": [t.kiosk for t in ours],
        "peer_agent_ms": [t.agent for t in peers],
        "peer_kiosk_ms": [t.kiosk for t in peers],
    }
    figures = []
    for end, name in (("agent's page", "agent_ms"), ("kiosk's screen", "kiosk_ms")):
        mine, theirs = raw[name], raw[f"peer_{name}"]
        ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
        figures += [
            Figure(
                f"{end}: press to first picture, median of {len(mine)}",
                statistics.median(mine), "ms", AT_MOST_MS, PEER, statistics.median(theirs),
            ),
            Figure(f"{end}: ratio to the peer, median of pairs", statistics.median(ratios), "",
                   at_most=1.0),
        ]  # fmt: skip
    figures.append(Figure("relay's cost, taken off the peer", relay_ms, "ms"))
    return Result("admit", tuple(figures), raw)


async def measure(running: Stack) -> tuple[list[Times], list[Times], float]:
    """Times of the product and of the peer, pair by pair, and the relay's round trip in ms."""
    async with AsyncExitStack() as opened:
        wire = await opened.enter_async_context(relay(running.origin))
        playwright = await opened.enter_async_context(async_playwright())
        desk = await opened.enter_async_context(chromium(playwright))
        screens = await opened.enter_async_context(chromium(playwright))
        agent = Agent(running, await (await desk.new_context(locale="fr-FR")).new_page())
        await agent.arrives("caf1")
        office = await (await desk.new_context(locale="fr-FR")).new_page()
        code = await issue_code(office, running, PEER_PLACE)
        await office.close()
        identity = await asyncio.to_thread(enrol_peer, running, code)
        context = await screens.new_context(locale="fr-FR", permissions=["camera", "microphone"])
        product = KioskScreen(running, await context.new_page())
        peer = PeerKiosk(await context.new_page(), wire, identity)
        await product.opens()
        await peer.opens()
        cost = await relay_cost_ms(peer, wire)
        ours, peers = [], []
        for _ in range(1 + PAIRS):
            ours.append(await one_call(agent, product))
            peers.append((await one_call(agent, peer)).less(cost))
        return ours[1:], peers[1:], cost


async def one_call(agent: Agent, far: Far) -> Times:
    """A citizen comes, is let in, both see each other, the agent hangs up."""
    await far.arrives()
    await agent.opens_waiting_room()
    await far.watches()
    pressed, at_agent = await agent.admits()
    at_kiosk = await far.first_picture()
    await agent.hangs_up()
    await far.leaves()
    return Times(at_agent - pressed, at_kiosk - pressed)


async def relay_cost_ms(peer: PeerKiosk, wire: Relay) -> float:
    """What the relay adds to a round trip: at most this, for the page's own work is in it."""
    by_page = [await peer.round_trip_ms(n) for n in range(PINGS)]
    by_relay = [await wire.round_trip_ms(n) for n in range(PINGS)]
    return statistics.median(by_page) - statistics.median(by_relay)
