"""The people of the story, each at the pages that they really use."""

from __future__ import annotations

import csv
import io
import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any

import aiohttp
from browsers import Browser, Page
from browsers.bidi import BidiError
from playwright.async_api import Error as PlaywrightError
from sockets import socket_in
from stack import Stack


async def lands(page: Page, expression: str, *, within_s: float = 20.0) -> None:
    """Like `page.until` across a navigation, during which a page cannot be asked anything."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            return await page.until(expression, within_s=deadline - time.monotonic())
        except (PlaywrightError, BidiError):
            if time.monotonic() > deadline:
                raise


async def sign_in(page: Page, stack: Stack, login: str) -> None:
    """By the sign-in page; back when one's first page is there."""
    await page.open(f"{stack.hub_url}/sign-in")
    if not await page.evaluate("location.pathname === '/sign-in'"):
        await page.click("form[action='/sign-out'] button")
        await lands(page, """!document.querySelector("form[action='/sign-out']")""")
        await page.open(f"{stack.hub_url}/sign-in")
    await page.type("#f-login", login)
    await page.type("#f-password", stack.password)
    await page.click("main form button.go")
    await lands(page, "location.pathname !== '/sign-in' && document.readyState === 'complete'")


class Agent:
    """Somebody of a partner, in a browser."""

    def __init__(self, stack: Stack, page: Page, login: str) -> None:
        self.stack, self.page, self.login = stack, page, login

    @classmethod
    async def arrive(cls, stack: Stack, browser: Browser, login: str) -> Agent:
        """Sign in, in a new tab; the day's list is shown."""
        return await cls.arrive_at(stack, await browser.new_page(), login)

    @classmethod
    async def arrive_at(cls, stack: Stack, page: Page, login: str) -> Agent:
        """The same in a tab that is there."""
        await sign_in(page, stack, login)
        await page.until("location.pathname === '/agent'")
        # before the hub hears of it, their services are closed
        await page.until("document.documentElement.dataset.line === 'open'")
        return cls(stack, page, login)

    async def sees_somebody_wait(self, *, within_s: float = 20.0) -> None:
        """The list shows an arrival that can be admitted, without a reload."""
        await self.page.until(
            "Boolean(document.querySelector('[data-focus=admit]'))", within_s=within_s
        )

    async def opens_waiting_room(self) -> None:
        """The call's page, the citizen not yet admitted."""
        await self.sees_somebody_wait()
        href = await self.page.evaluate(
            "document.querySelector('[data-focus=admit]').getAttribute('href')"
        )
        await self.page.open(self.stack.hub_url + href)
        await self.page.until("!document.querySelector('#entry').hidden")

    async def admits(self) -> None:
        """One press on the list; back when media flows."""
        await self.sees_somebody_wait()
        await self.page.click("[data-focus=admit]")
        await lands(self.page, "document.querySelector('#stage')?.dataset.phase !== 'loading'")
        if await self.phase() == "waiting":
            await self.page.click("#enter")
        await self.reaches("live", within_s=20)

    async def phase(self) -> str:
        """Of the call page."""
        return str(await self.page.evaluate("document.querySelector('#stage')?.dataset.phase"))

    async def reaches(self, phase: str, *, within_s: float = 20.0) -> None:
        """Wait until the call page shows this phase."""
        await self.page.until(
            f"document.querySelector('#stage')?.dataset.phase === '{phase}'", within_s=within_s
        )

    async def hangs_up(self) -> None:
        """By the red button."""
        await self.page.click("#hang-up")
        await self.reaches("ended")


class Citizen:
    """Somebody at the kiosk's screen."""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack, self.page = stack, page

    @classmethod
    async def arrive(cls, stack: Stack, browser: Browser) -> Citizen:
        """The screen of the kiosk, on its first page."""
        page = await browser.new_page()
        await page.open(stack.screen_url)
        citizen = cls(stack, page)
        await citizen.reaches("home", "ended", within_s=15)
        await citizen.goes_home()
        return citizen

    async def goes_home(self) -> None:
        """Whatever the last one left; the hub may just be coming back."""
        await self.reaches("home", "ended", within_s=20)
        if await self.screen() == "ended":
            await self.does("done")
        await self.reaches("home")

    async def screen(self) -> str:
        """Name of the screen that is shown."""
        return str(await self.page.evaluate("document.body.dataset.screen"))

    async def reaches(self, *screens: str, within_s: float = 20.0) -> None:
        """Wait for one of these screens."""
        names = list(screens)
        await self.page.until(
            f"{names!r}.includes(document.body.dataset.screen)", within_s=within_s
        )

    async def does(self, wish: str, value: str = "") -> None:
        """Touch the button of a wish (kiosk/scene.py, Do)."""
        end = f',"value":"{value}"' if value else ""
        await self.page.click(f"""[data-action*='"do":"{wish}"{end}']""")

    async def types(self, code: str) -> None:
        """A code, from the first screen."""
        await self.does("start_code")
        await self.reaches("code")
        await self.types_digits(code)

    async def types_digits(self, code: str) -> None:
        """A code, where the keypad is shown."""
        for digit in re.sub(r"\D", "", code):
            await self.page.press(digit)

    async def calls(self, service: str) -> None:
        """A service without an appointment, by its words on the screen; then it waits."""
        find = (
            "[...document.querySelectorAll('.services button.row')]"
            f".find(row => row.innerText.includes({service!r}))"
        )
        wish = await self.page.until(f"JSON.parse({find}?.dataset.action ?? 'null')")
        await self.does(wish["do"], wish["value"])
        await self.reaches("waiting", "admitted", "call")

    async def hangs_up(self) -> None:
        """The red button and its question."""
        await self.does("leave")
        await self.does("leave_yes")
        await self.reaches("ended")


@dataclass(frozen=True)
class Paper:
    """What stands on a convocation."""

    code: str
    appointment_id: str


class Office:
    """Staff who only fill in forms: the pages over plain HTTP."""

    def __init__(self, stack: Stack, session: aiohttp.ClientSession) -> None:
        self.stack, self.session = stack, session

    @classmethod
    async def arrive(cls, stack: Stack, login: str) -> Office:
        """Sign in."""
        session = aiohttp.ClientSession(
            headers={"Origin": stack.hub_url},
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # cookies of bare addresses
            connector=aiohttp.TCPConnector(socket_factory=socket_in(stack.site.hub_netns)),
        )
        office = cls(stack, session)
        await office.post("/sign-in", login=login, password=stack.password)
        return office

    async def get(self, path: str, *, status: int = 200) -> str:
        """A page's text."""
        async with self.session.get(self.stack.hub_url + path) as answer:
            assert answer.status == status, f"{path}: {answer.status}"
            return await answer.text()

    async def post(self, path: str, **fields: Any) -> tuple[str, str]:
        """Send a form; where it led, and the page there."""
        async with self.session.post(self.stack.hub_url + path, data=fields) as answer:
            text = await answer.text()
            assert answer.status == 200, f"{path}: {answer.status}\n{text[-1500:]}"
            return answer.url.path, text

    async def books(self, service: str, place: str = "Bureau visio 2") -> Paper:
        """The first free time for a service at a kiosk, permanence or not, and its paper."""
        form = await self.get("/appointments/new")
        options = {
            unescape(words).strip(): value
            for value, words in re.findall(r'<option value="([^"]+)"[^>]*>([^<]+)<', form)
        }
        found = next(value for words, value in options.items() if service in words)
        kiosk_id = next(value for words, value in options.items() if place in words)
        chosen = {"service_id": found, "kiosk_id": kiosk_id, "day": ""}
        chosen["despite_calendar"] = "urgent"
        _, page = await self.post("/appointments/new", show="1", **chosen)
        times = re.findall(r'name="time" value="([^"]+)"', page)
        day = re.search(r'name="day" value="([^"]+)"', page)
        assert times, page[-2000:]
        assert day, page[-2000:]
        path, _ = await self.post(
            "/appointments/new", book="1", **{**chosen, "day": day[1]}, time=times[0],
            initials="D. R.", phone="", agent_id="",
        )  # fmt: skip
        appointment_id = path.rpartition("/")[2]
        _, paper = await self.post(f"/appointments/{appointment_id}/convocation")
        code = re.search(r'class="digits">([^<]+)<', paper)
        assert code, paper[-2000:]
        return Paper(unescape(code[1]), appointment_id)

    async def last_record(self) -> dict[str, str]:
        """The newest row of the CSV."""
        text = (await self.get("/calls.csv")).removeprefix("\ufeff")
        rows = csv.DictReader(io.StringIO(text), delimiter=";")
        return max(rows, key=lambda row: row["Arrivée"])

    async def close(self) -> None:
        """End the session of this client."""
        await self.session.close()


async def last_record(stack: Stack) -> dict[str, str]:
    """The newest row of the record, as the coordinator downloads it."""
    office = await Office.arrive(stack, "coordination")
    try:
        return await office.last_record()
    finally:
        await office.close()


def number(cell: str) -> float:
    """A French decimal of the record."""
    return float(cell.replace(",", "."))
