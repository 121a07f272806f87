"""Days and times as they are typed: in fields of any browser, on keypads without slash or colon."""

from __future__ import annotations

import re
from datetime import date

import aiohttp
import pytest

from visiohub.web.inputs import FormData
from visiohub.web.typed import read_day, read_time

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    "text",
    ["21/11/2026", "21/11/26", "21.11.2026", "21-11-2026", "21 11 2026", "21112026", "2026-11-21",
     " 21 / 11 / 2026 "],
)  # fmt: skip
def test_days_that_people_type(text: str) -> None:
    assert read_day(text) == DAY


@pytest.mark.parametrize(
    "text",
    ["", "11/21/2026", "31/02/2026", "21/11", "never", "2026-02-30", "٢١/11/2026", "21/11/202"],
)
def test_what_is_no_day(text: str) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize(
    "text", ["8:30", "08:30", "8 h 30", "8h30", "8\u00a0h\u00a030", "8.30", "830", "0830"]
)
def test_times_that_people_type(text: str) -> None:
    assert read_time(text) == "08:30"


def test_whole_hours() -> None:
    assert [read_time(text) for text in ("8", "8h", "8 h", "0", "23:00")] == [
        "08:00", "08:00", "08:00", "00:00", "23:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "24:00", "8:60", "8:5", "10:00+05:00", "11:00:37", "noon", "99"]
)
def test_what_is_no_time(text: str) -> None:
    assert read_time(text) is None


@pytest.mark.parametrize("path", ["/calls", "/usage"])
async def test_a_period_is_read_as_people_write_it(path: str, admin: aiohttp.ClientSession) -> None:
    async with admin.get(path, params={"from": "01/10/2026", "to": "31102026"}) as answer:
        text = await answer.text()
    assert 'name="from" value="01/10/2026"' in text
    assert 'name="to" value="31/10/2026"' in text
    async with admin.get(path, params={"from": "2026-10-31", "to": "2026-10-01"}) as answer:
        assert 'name="from" value="01/10/2026"' in await answer.text()


@pytest.mark.parametrize("path", ["/calls", "/usage", "/appointments"])
async def test_a_day_that_is_none_is_kept_and_named(
    path: str, admin: aiohttp.ClientSession
) -> None:
    async with admin.get(path, params={"from": "10/31/2026 <b>"}) as answer:
        assert answer.status == 200
        text = await answer.text()
    assert 'value="10/31/2026 &lt;b&gt;"' in text
    assert 'href="#f-from"' in text
    assert "Écrivez un jour comme 21/11/2026." in text
    assert re.search(r'id="f-from"[^>]*aria-invalid="true"', text)


@pytest.mark.parametrize(
    ("query", "typed", "said"),
    [
        ({"from": "zz"}, 'name="from" value="zz"', "Écrivez un jour comme"),
        ({"from": "0001-01-01"}, 'name="from" value="0001-01-01"', "du 01/01/2000 au 01/01/2200"),
        ({"to": "9999-12-31"}, 'name="to" value="9999-12-31"', "du 01/01/2000 au 01/01/2200"),
        ({"from": "01/01/2020", "to": "01/01/2026"}, 'value="01/01/2020"', "deux ans au plus"),
    ],
)
async def test_a_period_that_cannot_be_shown_is_said(
    query: dict[str, str], typed: str, said: str, admin: aiohttp.ClientSession
) -> None:
    for path in ("/calls", "/usage"):
        async with admin.get(path, params=query) as answer:
            text = await answer.text()
        assert typed in text
        assert said in text
    async with admin.get("/calls.csv", params=query) as answer:
        assert answer.status == 422
        text = await answer.text()
    assert f"« {next(iter(query))} »" in text
    assert said in text


@pytest.mark.parametrize(
    ("text", "number"),
    [(" 12 ", 12), ("", 0), ("-1", 0), ("1e3", 0), ("²", 0), ("٣", 0), ("9" * 5000, 0)],
)
def test_what_is_no_whole_number_is_none(text: str, number: int) -> None:
    assert FormData(version=text).whole("version") == number
