"""/metrics: names as documented, rules and dashboard that use them, and a Prometheus that asks."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from socket import socket
from typing import Any

import aiohttp
import pytest
from hub_site import Site
from prometheus_client.parser import text_string_to_metric_families

from visiohub.domain.line import Figures, LineAlert, ModemFigures, TrainResult, Way
from visiohub.linkquality.grading import Level
from visiohub.storage.line_series import Resolution
from visiohub.storage.uow import UnitOfWork

ROOT = Path(__file__).parents[3]
RULES = ROOT / "deploy" / "prometheus" / "visiohub.rules.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "visiohub-lines.json"
OURS = re.compile(r"\bvisiohub_[a-z_]+")
SUFFIXES = ("_bucket", "_sum", "_count", "_created")


@pytest.fixture(scope="module")
def line_id(site: Site) -> Iterator[str]:
    """A line of the demo with figures of every kind; its alert is over afterwards."""
    now = site.hub.clock()
    minute = now - timedelta(minutes=2)

    def fill(uow: UnitOfWork) -> str:
        line = min(uow.lines.list(active=True), key=lambda one: one.id)
        state = uow.linkquality.states.of(line.id)
        state.heard_at = minute
        series, number = uow.linkquality.series, state.number
        figures = Figures(minute, sent=20, lost=1, rtt_p50=40.0, rtt_p95=90.0)
        series.add_figures([(number, figures)], Resolution.MINUTES)
        for hours, rate in ((2, 900.0), (1, 800.0)):
            at = now - timedelta(hours=hours)
            train = TrainResult(at, Way.UP, rate, None, 0.01, 0, 40, 1228, 40, 0, in_call=False)
            series.add_trains([(number, train)])
        modem = ModemFigures(
            minute, "adsl", down_sync_kbit_s=8128.0, down_snr_db=6.2, up_attenuation_db=18.0,
            up_errored_s=3, up_severely_errored_s=1, retrains=2, uptime_s=5_400.0,
        )  # fmt: skip
        readings = [replace(modem, at=minute - timedelta(hours=n)) for n in (0, 20, 30)]
        series.add_modem([(number, one) for one in readings])
        alert = LineAlert("metrics-alert", line.id, "snr", Level.WARNING, 4.5, now, now)
        uow.linkquality.alerts.add(alert)
        return line.id

    def clear(uow: UnitOfWork) -> None:
        uow.linkquality.alerts.get("metrics-alert").cleared_at = now

    yield site.do(fill)
    site.do(clear)


async def told(site: Site) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    async with aiohttp.ClientSession(site.origin) as session:
        text = await (await session.get("/metrics")).text()
    return {
        family.name: {
            tuple(sorted(sample.labels.items())): sample.value for sample in family.samples
        }
        for family in text_string_to_metric_families(text)
    }


async def figure(site: Site, name: str, **labels: str) -> float | None:
    found = (await told(site))[f"visiohub_{name}"]
    wanted = set(labels.items())
    values = [value for given, value in found.items() if wanted <= set(given)]
    assert len(values) <= 1
    return values[0] if values else None


async def test_a_lines_newest_figures(site: Site, line_id: str) -> None:
    assert await figure(site, "line_capacity_bits_per_second", line=line_id, direction="up") == 8e5
    assert (
        await figure(site, "line_capacity_bits_per_second", line=line_id, direction="down") is None
    )
    on_wire = "line_capacity_on_wire_bits_per_second"
    with site.hub.reading() as uow:
        framing = uow.linkquality.terms.of(uow.lines.get(line_id)).wrapping.framing
    assert await figure(site, on_wire, line=line_id, direction="up") == pytest.approx(
        1000 * framing.wire_kbit_s(800.0, 1228)
    )
    assert await figure(site, "line_round_trip_seconds", line=line_id, quantile="0.95") == 0.09
    assert await figure(site, "line_probes_lost_ratio", line=line_id) == 0.05
    assert (
        await figure(site, "line_sync_bits_per_second", line=line_id, direction="down") == 8.128e6
    )
    assert await figure(site, "line_snr_margin_decibels", line=line_id, direction="up") is None
    assert await figure(site, "line_attenuation_decibels", line=line_id, direction="up") == 18
    day = {
        "line_errored_seconds": {"direction": "up"},
        "line_severely_errored_seconds": {"direction": "up"},
        "line_retrains": {},
    }
    found = [await figure(site, name, line=line_id, **labels) for name, labels in day.items()]
    assert found == [6, 2, 4]
    assert await figure(site, "line_errored_seconds", line=line_id, direction="down") is None
    assert await figure(site, "line_uptime_seconds", line=line_id) == 5_400
    assert await figure(site, "line_alert", line=line_id, rule="snr", level="warning") == 1
    assert await figure(site, "line_grade", line=line_id, grade="no_data") == 1
    assert await figure(site, "line_out", line=line_id) == 0


async def test_two_kiosks_that_are_away_on_one_line_are_one_sample(site: Site) -> None:
    """Prometheus refuses a page that has the same sample twice."""
    now = site.hub.clock()

    def raise_both(uow: UnitOfWork) -> str:
        venue = uow.venues.list(town="Veynes")[0]
        line = uow.lines.of_venue(venue.id)
        assert line is not None
        for name in ("away-1", "away-2"):
            alert = LineAlert(name, line.id, "kiosk_away", Level.ALARM, 0.0, now, now)
            alert.kiosk_id = alert.kiosk_name = name
            uow.linkquality.alerts.add(alert)
        return line.id

    def end(uow: UnitOfWork) -> None:
        for name in ("away-1", "away-2"):
            uow.linkquality.alerts.remove(uow.linkquality.alerts.get(name))

    line_id = site.do(raise_both)
    try:
        async with aiohttp.ClientSession(site.origin) as session:
            text = await (await session.get("/metrics")).text()
    finally:
        site.do(end)
    (alert,) = (row for row in text.splitlines() if "kiosk_away" in row)
    assert line_id in alert


async def test_kiosks_of_one_name_have_each_a_sample(site: Site) -> None:
    def add(uow: UnitOfWork) -> list[str]:
        known = uow.kiosks.list(active=True)[0]
        room = uow.rooms.get(known.room_id)
        venue = uow.venues.get(room.venue_id)
        made = []
        for n, town in enumerate(("Ribiers", "Rosans")):
            uow.venues.add(replace(venue, id=f"twin-{n}", name="Mairie", town=town))
            uow.rooms.add(replace(room, id=f"twin-{n}", venue_id=f"twin-{n}"))
            twin = replace(known, id=f"twin-{n}", room_id=f"twin-{n}", name="Borne")
            twin.public_key = bytes([n]) * 32
            uow.kiosks.add(twin)
            made.append(twin.id)
        return made

    def retire(uow: UnitOfWork) -> None:
        for one in ids:
            uow.kiosks.get(one).active = False
            uow.rooms.get(one).active = False
            uow.venues.get(one).active = False

    ids = site.do(add)
    try:
        for one, venue in zip(ids, ("Ribiers, Mairie", "Rosans, Mairie"), strict=True):
            assert await figure(site, "kiosk_here", id=one, venue=venue, kiosk="Borne") == 0
    finally:
        site.do(retire)


async def test_every_name_is_documented_and_every_documented_one_is_there(
    site: Site, line_id: str
) -> None:
    documented = set(OURS.findall((ROOT / "docs" / "metrics.md").read_text("utf-8")))
    given = {name for name in await told(site) if not name.endswith(SUFFIXES)}
    counters = {"visiohub_unexpected_errors"}  # the text format calls it ..._total
    assert documented == (given - counters) | {f"{name}_total" for name in counters}


@pytest.mark.parametrize("file", [RULES, DASHBOARD])
def test_rules_and_dashboard_use_what_is_documented(file: Path) -> None:
    used = set(OURS.findall(file.read_text("utf-8")))
    documented = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    assert used
    assert {name for name in used if f"`{name}`" not in documented} == set()


def test_the_dashboards_panels_do_not_overlap() -> None:
    board = json.loads(DASHBOARD.read_text("utf-8"))
    cells = [
        (x, y)
        for panel in board["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_prometheus_takes_the_rules_and_the_configuration() -> None:
    for check, file in (("rules", RULES), ("config", RULES.with_name("prometheus.yml"))):
        done = subprocess.run(
            ["promtool", "check", check, file], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "6 rules found" in done.stdout


@pytest.mark.parametrize(
    ("heard", "fires"),
    [(0, False), (1, False), (2, True)],
    ids=["waits for its kiosk", "one of five fell silent", "two of five fell silent"],
)
def test_lines_that_were_never_measured_are_no_fault(
    heard: int, fires: bool, tmp_path: Path
) -> None:
    """Five lines were measured, `heard` of them fell silent; five more wait for their kiosk."""
    series = []
    for n in range(10):
        silent = n < heard or n >= 5
        series.append((f'visiohub_line_grade{{line="{n}",grade="no_data"}}', int(silent)))
        series.append((f'visiohub_line_grade{{line="{n}",grade="good"}}', int(not silent)))
        if n < 5:
            series.append((f'visiohub_line_heard_timestamp_seconds{{line="{n}"}}', 1000))
    summary = "More than a fifth of the measured lines fell silent."
    expected = {"exp_labels": {"severity": "warning"}, "exp_annotations": {"summary": summary}}
    case = {
        "rule_files": [str(RULES)],
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": f"{v}x60"} for s, v in series],
                "alert_rule_test": [
                    {
                        "eval_time": "45m",
                        "alertname": "LinesWithoutData",
                        "exp_alerts": [expected] if fires else [],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "case.yml"
    file.write_text(json.dumps(case), "utf-8")  # YAML reads JSON
    done = subprocess.run(
        ["promtool", "test", "rules", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_prometheus_asks_the_hub_and_its_rules_fire(
    site: Site, line_id: str, tmp_path: Path
) -> None:
    configuration = tmp_path / "prometheus.yml"
    host = site.origin.removeprefix("http://")
    configuration.write_text(
        f"global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{RULES}']\n"
        f"scrape_configs: [{{job_name: visiohub, static_configs: [{{targets: ['{host}']}}]}}]\n"
    )
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with (
            asyncio.timeout(60),
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):
            query = f'visiohub_line_snr_margin_decibels{{line="{line_id}"}}'
            (found,) = await until_known(session, query)
            assert found["value"][1] == "6.2"
            assert await until_known(session, 'up{job="visiohub"} == 1')
            rules = await (await session.get("/api/v1/rules")).json()
            (group,) = rules["data"]["groups"]
            assert len(group["rules"]) == 6
    finally:
        server.terminate()
        await server.wait()


async def until_known(session: aiohttp.ClientSession, query: str) -> list[dict[str, Any]]:
    """What Prometheus has, as soon as it has it."""
    while True:
        try:
            answer = await session.get("/api/v1/query", params={"query": query})
            found: list[dict[str, Any]] = (await answer.json())["data"]["result"]
        except (aiohttp.ClientConnectionError, aiohttp.ContentTypeError):
            found = []
        if found:
            return found
        await asyncio.sleep(0.2)  # Prometheus tells nobody when it is ready
