"""The call benchmark with real parts: one short call of the kiosk on an ADSL line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import async_playwright

from bench.call import sound
from bench.call.clip import make, talking_head
from bench.call.ends import kiosk_venue, office
from bench.call.figures import DIRECTIONS, measure
from bench.call.take import take
from bench.linelab.namespaces import lab
from bench.lines import SCENARIOS, known_at_the_venue
from bench.stack import Site, stack

pytestmark = [pytest.mark.root, pytest.mark.browser]

SECONDS = 8.0


async def test_a_short_call_is_measured_in_both_directions(tmp_path: Path) -> None:
    scenario = replace(SCENARIOS["adsl1"], window_s=(3.0, SECONDS))
    papers = known_at_the_venue(scenario.profile)
    clip = make(talking_head(), tmp_path)
    with lab(scenario.profile) as hosts, stack(Site(hosts.hub, hosts.venue)) as running:
        async with (
            async_playwright() as playwright,
            office(playwright, running, hosts, clip) as desk,
            kiosk_venue(playwright, running, hosts, clip, **papers) as venue,
        ):
            taken = await take(hosts, desk, venue, scenario, SECONDS)
    measured = measure(taken, clip, sound.Source(sound.thin(clip.samples())))
    for way in DIRECTIONS:
        figures = measured.figures[way]
        print(way, figures)
        known = {name: value for name, value in figures.items() if value is not None}
        assert known["first picture, ms"] > 0
        # nothing arrives before the line has carried it
        assert known["latency p50, ms"] > scenario.profile.up.delay_ms
        assert known["mouth to ear p50, ms"] > scenario.profile.up.delay_ms
        assert known["pictures/s"] > 1
        assert known["sound concealed or silent, %"] >= 0  # both ends tell what they concealed
        assert 0.5 < known["SSIM"] < 1
        assert 20 < known["on the line, kbit/s"] < scenario.profile.down.kbit_s
        assert len(measured.course[way]["latency, ms"]) == SECONDS
        assert len(measured.course[way]["mouth to ear, ms"]) == SECONDS
    assert measured.cpu["kiosk"] > 0
    used = [second for second in measured.course["up"]["processor, share of a core"] if second]
    # the curve is of the seconds between the press and the end, the sum of a little more
    assert sum(used) == pytest.approx(sum(measured.cpu.values()), rel=0.4)
    heard = [
        entry
        for _, entries in taken.venue.stats
        for entry in entries
        if entry["type"] == "inbound-rtp" and entry["kind"] == "audio"
    ][-1]
    # the way down is wide: the browser's packets of speech carry the one before (RFC 2198)
    assert heard["fecPacketsReceived"] > 0.9 * heard["packetsReceived"] > 0
