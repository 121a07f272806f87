"""Technicians' pages of lines: list, one line, comparison, forms, exports, and their weight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from hub_site import Site, inputs_of

from visiohub.domain.line import (
    CallMinute,
    Figures,
    LineAlert,
    LineCheck,
    ModemFigures,
    TrainResult,
    Way,
)
from visiohub.domain.line_orders import LineSpeed, SpeedState
from visiohub.domain.model import Call
from visiohub.linkquality.grading import Grade, Level
from visiohub.storage.line_series import Resolution
from visiohub.web.line_desk import LineDesk

TOWN = "Chorges"


@pytest.fixture(scope="module")
def line_id(site: Site) -> Iterator[str]:
    """A line of the demo with an hour of figures and an alert; well again afterwards."""
    now = site.hub.clock().replace(second=0, microsecond=0)

    def load(uow: Any) -> str:
        line = uow.lines.of_venue(uow.venues.list(town=TOWN)[0].id)
        state = uow.linkquality.states.of(line.id)
        state.grade, state.heard_at = Grade.FAIR, now
        series, number = uow.linkquality.series, state.number
        minutes = [
            Figures(now - timedelta(minutes=n), sent=20, lost=1, rtt_p5=30.0, rtt_p50=35.0,
                    rtt_p95=60.0, rtt_p99=90.0, octets_up=2_800)
            for n in range(60)
        ]  # fmt: skip
        series.add_figures([(number, one) for one in minutes], Resolution.MINUTES)
        train = TrainResult(now, Way.UP, 700.0, None, 0.01, 0, 60, 1228, 60, 0, in_call=False)
        series.add_trains([(number, train)])
        modem = ModemFigures(
            now - timedelta(minutes=3), "adsl", up_attainable_kbit_s=1_100.0,
            down_attenuation_db=31.5, down_errored_s=7, down_severely_errored_s=2, retrains=1,
            uptime_s=7_200.0,
        )  # fmt: skip
        series.add_modem([(number, modem)])
        kiosk = uow.kiosks.at_venue(line.venue_id)[0]
        uow.linkquality.checks.add(
            LineCheck("pages-look", line.id, kiosk.id, 15, now - timedelta(minutes=9),
                      answered_at=now, level=Level.WARNING, r_up=76.0, r_down=80.0, loss_ratio=0.02)
        )  # fmt: skip
        for hours in (0.5, 3):
            uow.linkquality.speeds.add(
                LineSpeed(f"pages-speed-{hours}", line.id, kiosk.id, None,
                          now - timedelta(hours=hours), now, 10**6, 10**5, beyond_budget=False,
                          state=SpeedState.DONE, down_kbit_s=7_500.0)
            )  # fmt: skip
        before = now - timedelta(hours=2)
        uow.calls.add(Call("pages-call", kiosk.id, None, None, "fr", "ended", before, ended_at=now))
        uow.flush()
        for minutes in (100, 10):
            at = now - timedelta(minutes=minutes)
            uow.linkquality.call_minutes.put(
                CallMinute("pages-call", "kiosk", at, 6, 300.0, 280.0, 0.01, 60.0, 0.0)
            )
        alert = LineAlert("pages-alert", line.id, "capacity_up", Level.WARNING, 0.86, now, now)
        uow.linkquality.alerts.add(alert)
        return str(line.id)

    found: str = site.do(load)
    yield found

    def well(uow: Any) -> None:
        uow.linkquality.alerts.get("pages-alert").cleared_at = now

    site.do(well)


async def read(site: Site, path: str, language: str = "fr") -> str:
    async with site.client("technique", language) as session, session.get(path) as answer:
        assert answer.status == 200, (path, answer.status)
        return await answer.text()


async def posted(site: Site, path: str, **data: str) -> tuple[int, str]:
    async with (
        site.client("technique") as session,
        session.post(path, data=data) as answer,
    ):
        return answer.status, await answer.text()


async def test_the_worst_line_comes_first_and_says_what_is_wrong(site: Site, line_id: str) -> None:
    page = await read(site, "/lines")
    rows = re.findall(r'<li data-key="l-([^"]+)">(.*?)</li>', page, re.DOTALL)
    assert rows[0][0] == line_id
    assert "Juste" in rows[0][1]
    assert "est tombé à 86\u00a0% de l’habitude" in rows[0][1]
    assert "Pas encore mesurée" in rows[-1][1]
    assert '<svg class="day"' in rows[0][1]
    assert '<svg class="day"' not in rows[-1][1]


async def test_filters_by_word_and_by_state(site: Site, line_id: str) -> None:
    assert f'data-key="l-{line_id}"' in await read(site, "/lines?word=chorges")
    assert f'data-key="l-{line_id}"' in await read(site, "/lines/states?grade=need")
    assert "Aucune ligne ne correspond." in await read(site, "/lines?word=nulle+part")
    assert f'data-key="l-{line_id}"' not in await read(site, "/lines?grade=never")


async def test_a_line_in_words_and_as_a_table(site: Site, line_id: str) -> None:
    page = await read(site, f"/lines/{line_id}?span=hour")
    assert "délai médian 35\u00a0ms" in page
    assert "60\u00a0ms" in page
    assert "du volume permis" in page
    english = await read(site, f"/lines/{line_id}/window?span=hour", "en")
    assert "median delay 35\u00a0ms" in english


async def test_a_line_that_nobody_measured_says_so(site: Site, line_id: str) -> None:
    with site.hub.reading() as uow:
        other = next(
            line for line in uow.lines.list(active=True)
            if line.id != line_id and uow.linkquality.states.find(line.id) is None
        )  # fmt: skip
    page = await read(site, f"/lines/{other.id}")
    assert "Cette ligne n’a pas encore été mesurée." in page
    assert "aucune mesure." in page
    async with site.client("technique") as session:
        figures = await (await session.get(f"/lines/{other.id}/figures.json")).json()
    assert figures["delay"]["at"] == []


async def test_probes_that_do_not_arrive_are_told_with_their_port(
    site: Site, line_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LineDesk, "unheard_port", lambda _, one: 8862 if one == line_id else None)
    for path in ("/lines", f"/lines/{line_id}"):
        assert "le port UDP 8862 du serveur est fermé" in await read(site, path)
    assert "UDP port 8862 is closed" in await read(site, f"/lines/{line_id}", "en")


async def test_figures_are_as_fine_as_their_time_is_short(site: Site, line_id: str) -> None:
    async with site.client("technique") as session:

        async def figures(span: str) -> dict[str, Any]:
            async with session.get(f"/lines/{line_id}/figures.json?span={span}") as answer:
                found: dict[str, Any] = await answer.json()
                return found

        hour, week, year = [await figures(span) for span in ("hour", "week", "year")]
    assert (hour["step"], week["step"], year["step"]) == (60, 900, 86_400)
    assert hour["delay"]["p50"][:2] == [35.0, 35.0]
    assert hour["delay"]["p50"][-1] is None
    assert hour["delay"]["lost"][0] == 5.0
    assert hour["contract"] == {"up": 2000, "down": 2000}


async def test_an_alert_is_taken_once(site: Site, line_id: str) -> None:
    for _ in range(2):
        status, page = await posted(site, f"/lines/{line_id}/alerts/pages-alert")
        assert status == 200
    assert "Prise par" in page
    entries = site.do(lambda uow: uow.audit.list(subject=line_id, action="line.acknowledge"))
    assert [entry.after for entry in entries] == [{"rule": "capacity_up"}]
    other = site.do(lambda uow: next(x.id for x in uow.lines.list() if x.id != line_id))
    assert (await posted(site, f"/lines/{other}/alerts/pages-alert"))[0] == 404


async def test_what_an_alert_tells_is_how_things_are_now(site: Site, line_id: str) -> None:
    at = site.do(lambda uow: uow.linkquality.alerts.get("pages-alert").raised_at)
    more = LineAlert("pages-normal", line_id, "jitter", Level.WARNING, 40.0, at, at)
    site.do(lambda uow: uow.linkquality.alerts.add(more))
    async with site.client("technique") as session, session.get(f"/lines/{line_id}") as answer:
        assert "C’est normal désormais" in await answer.text()
    path = f"/lines/{line_id}/alerts/pages-normal"
    assert (await posted(site, path, do="normal"))[0] == 200
    assert site.do(lambda uow: uow.linkquality.alerts.get("pages-normal").cleared_at) is not None


async def test_what_is_written_wrongly_is_kept_in_the_form(site: Site, line_id: str) -> None:
    status, page = await posted(
        site, f"/lines/{line_id}/note", text="Filtre changé", day="hier", time="25"
    )
    assert status == 422
    assert "Filtre changé" in page
    assert (inputs_of(page)["day"], inputs_of(page)["time"]) == ("hier", "25")
    assert 'id="e-day"' in page
    assert 'id="e-time"' in page
    works = {"day": "21/11/2099", "time": "9 h", "end_day": "21/11/2099", "end_time": "8 h"}
    status, page = await posted(site, f"/lines/{line_id}/works", **works, reason="")
    assert status == 422
    assert 'id="e-reason"' in page
    status, page = await posted(site, f"/lines/{line_id}/works", **works, reason="Filtre")
    assert "La fin doit suivre le début." in page
    status, page = await posted(site, f"/lines/{line_id}/test", day="1/1/2021", time="9 h")
    assert "Cette heure est passée." in page


async def test_notes_works_and_tests_stand_on_the_page_and_in_the_trail(
    site: Site, line_id: str
) -> None:
    day = "21/11/2021"
    await posted(site, f"/lines/{line_id}/note", text="<b>Orage</b>", day=day, time="9 h")
    soon = (site.hub.clock() + timedelta(days=1)).strftime("%d/%m/%Y")
    works = {"day": soon, "time": "9 h", "end_day": soon, "end_time": "10 h"}
    status, page = await posted(site, f"/lines/{line_id}/works", **works, reason="Visite")
    assert status == 200
    assert "Visite" in page
    status, page = await posted(site, f"/lines/{line_id}/test", day=soon, time="11 h")
    test_id = re.findall(r"/tests/([^/]+)/drop", page)[0]
    works_id = re.findall(r"/works/([^/]+)/end", page)[0]
    _status, page = await posted(site, f"/lines/{line_id}/tests/{test_id}/drop")
    assert f"/tests/{test_id}/drop" not in page
    _status, page = await posted(site, f"/lines/{line_id}/works/{works_id}/end")
    assert f"/works/{works_id}/end" not in page
    trail = await read(site, f"/lines/{line_id}/trail")
    for words in ("Note sur la ligne", "Travaux prévus", "Essai prévu", "Essai annulé"):
        assert words in trail
    assert "&lt;b&gt;Orage" in trail


async def test_two_to_four_lines_side_by_side(site: Site, line_id: str) -> None:
    ids = site.do(lambda uow: [line.id for line in uow.lines.list(active=True)])
    other = next(one for one in ids if one != line_id)
    page = await read(site, f"/lines/compare?line={line_id}&line={other}&span=hour")
    assert page.count("data-plots") == 2
    assert "35\u00a0ms" in page
    assert "Il faut deux lignes" in await read(site, f"/lines/compare?line={line_id}")
    five = "&".join(f"line={one}" for one in ids[:5])
    assert "Quatre lignes au plus" in await read(site, f"/lines/compare?{five}")
    never = site.do(
        lambda uow: next(one for one in ids if uow.linkquality.states.find(one) is None)
    )
    page = await read(site, f"/lines/compare?line={line_id}&line={never}&span=hour")
    assert "Cette ligne n’a pas encore été mesurée." in page
    cells = page.split(f'href="/lines/{never}')[1].split("</tr>")[0]
    assert "aucune" not in cells, "nobody knows whether it was cut"


async def test_raw_measurements_for_spreadsheets_and_programs(site: Site, line_id: str) -> None:
    table = await read(site, f"/lines/{line_id}/delays.csv?span=hour")
    assert table.startswith("\ufeffat;minutes;")
    assert table.count("\r\n") >= 60
    async with site.client("technique") as session:
        async with session.get(f"/lines/{line_id}/trains.json?span=hour") as answer:
            (train,) = await answer.json()
        assert (train["way"], train["kbit_s"]) == ("up", 700.0)
        async with session.get(f"/lines/{line_id}/others.csv") as answer:
            assert answer.status == 404


async def test_calls_looks_and_speeds_are_given_away_too_and_name_nobody(
    site: Site, line_id: str
) -> None:
    async def rows(series: str) -> list[dict[str, Any]]:
        async with site.client("technique") as session:
            path = f"/lines/{line_id}/{series}.json?span=hour"
            found: list[dict[str, Any]] = await (await session.get(path)).json()
            return found

    (minute,) = await rows("calls")
    assert (minute["end"], minute["sent_kbit_s"], minute["loss_ratio"]) == ("kiosk", 300.0, 0.01)
    (look,) = await rows("looks")
    assert (look["minutes_before"], look["level"], look["r_up"]) == (15, "warning", 76.0)
    (speed,) = await rows("speeds")
    assert (speed["state"], speed["down_kbit_s"]) == ("done", 7_500.0)
    assert not {"appointment_id", "booking_id", "person_id"} & (look.keys() | speed.keys())
    page = await read(site, f"/lines/{line_id}?span=hour")
    for series in ("delays", "trains", "modem", "calls", "looks", "speeds"):
        assert f"{series}.csv?span=hour" in page
        assert (await read(site, f"/lines/{line_id}/{series}.csv?span=hour")).count("\r\n") >= 2


async def test_what_the_modem_says_stands_on_the_page_and_in_its_table(
    site: Site, line_id: str
) -> None:
    page = await read(site, f"/lines/{line_id}?span=hour")
    said = page[page.index('id="h-modem"') : page.index("</section>", page.index('id="h-modem"'))]
    for figure in ("31,5\u00a0dB", "1,1\u00a0Mbit/s", ">7<", ">2<", "Resynchronisée 1 fois"):
        assert figure in said, figure
    assert "depuis 2\u00a0h." in said
    table = page[page.index("Le modem\u00a0: sens montant") :]
    assert "–, 31,5\u00a0dB" in table
    assert "–, 7</td>" in table
    english = await read(site, f"/lines/{line_id}", "en")
    assert "The line has been up without a break for 2\u00a0h." in english


async def test_a_line_that_was_silent_for_a_night_is_not_said_to_be_new(site: Site) -> None:
    def heard(uow: Any, grades: dict[str, str]) -> str:
        line = uow.lines.of_venue(uow.venues.list(town="Veynes")[0].id)
        state = uow.linkquality.states.of(line.id)
        state.grade, state.heard_at, state.grades = Grade.UNKNOWN, site.hub.clock(), grades
        return str(line.id)

    unknown: dict[str, str] = {"loss": "no_data", "capacity_up": "no_data"}
    for grades, said in (
        (unknown, "mesurée depuis peu"),
        (unknown | {"capacity_up": "good"}, "de nouveau mesurée"),
    ):
        own = site.do(heard, grades)
        page = await read(site, f"/lines/{own}")
        assert said in page
        assert ("dans l’heure" in page) == (grades == unknown)


async def test_they_are_light(site: Site, line_id: str) -> None:
    """Compressed; test_page_weight has the files around them."""
    async with site.client("technique") as session:
        for path in (
            "/lines", f"/lines/{line_id}", f"/lines/{line_id}/window?span=week",
            f"/lines/{line_id}/figures.json?span=day",
        ):  # fmt: skip
            assert await weight(session, path) <= 20_000, path


async def weight(session: aiohttp.ClientSession, path: str) -> int:
    async with session.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        await answer.read()
        return int(answer.headers["Content-Length"])
