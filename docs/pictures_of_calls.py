"""One call from its two ends, at every step: waiting, admitted, interrupted, ended."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.stack import Stack
from docs.camera import SIZES, Camera
from docs.deeds import Shot, Wire
from docs.extremes import plug_in, unplug
from docs.pictures_of_pages import go, password_of

KIOSK_SIZE = (1920, 1080)
ANSWER_MS = 300
PICTURE_MS = 3500  # the quality is said after the first seconds
WAYS_HOME = ("help_cancel", "dismiss", "back", "done")


def story(
    browsers: Mapping[str, Browser],
    running: Stack,
    kiosk: subprocess.Popen[bytes],
    wanted: list[str],
    failures: list[str],
) -> None:
    """The first call comes with a code, the others without appointment."""
    code = re.sub(r"\D", "", running.territory["convocation"]["code"])
    for language, browser in browsers.items():
        citizen_camera = Camera(browser, language, "kiosk", *KIOSK_SIZE, wanted, failures)
        for size, (width, height) in SIZES.items():
            print(f"{language} {size}: a call", flush=True)
            agent_camera = Camera(browser, language, size, width, height, wanted, failures)
            with citizen_camera.page() as citizen:
                citizen.goto(f"http://127.0.0.1:{running.screen_port}/")
                try:
                    home(citizen, language)
                    if size == "desktop":
                        before_call(citizen_camera, citizen, language)
                    one_call(running, kiosk, citizen_camera, citizen, agent_camera, code)
                except Exception as error:  # noqa: BLE001 (the next call is wanted all the same)
                    agent_camera.note("call", str(error))
            code = ""


def before_call(camera: Camera, citizen: Page, language: str) -> None:
    """Home, code, help."""
    steps: dict[str, Callable[[], object]] = {
        "kiosk-home-nobody": lambda: home(citizen, language),
        "kiosk-code": lambda: press(citizen, "start_code"),
        "kiosk-code-wrong": lambda: type_code(citizen, "00000000"),
        "kiosk-help": lambda: press(citizen, "help"),
    }
    for name, step in steps.items():
        camera.attempt(name, step, citizen, whole=False)
    home(citizen, language)


def camera_out(
    browsers: Mapping[str, Browser],
    running: Stack,
    film: Path,
    wanted: list[str],
    failures: list[str],
) -> None:
    """The kiosk's camera, which is the file `film`, is unplugged in the call; both ends say so."""
    for language, browser in browsers.items():
        citizen_camera = Camera(browser, language, "kiosk", *KIOSK_SIZE, wanted, failures)
        for size, (width, height) in SIZES.items():
            print(f"{language} {size}: a call whose camera goes out", flush=True)
            camera = Camera(browser, language, size, width, height, wanted, failures)
            login = running.territory["convocation_agent"]
            plug_in(film)
            with (
                citizen_camera.page() as citizen,
                camera.signed_in(running.origin, login, password_of(running)) as agent,
            ):
                try:
                    citizen.goto(f"http://127.0.0.1:{running.screen_port}/")
                    home(citizen, language)
                    agent.goto(f"{running.origin}/agent")
                    come(citizen, "")
                    waiting_room(agent, running)
                    admit(agent)
                    unplug(film)
                    lacks = partial(agent.wait_for_selector, "#lacks > *")
                    camera.attempt("agent-call-camera-out", lacks, agent)
                    goes_on = partial(reach, citizen, "call")
                    if size == "desktop":  # the citizen's screen is the same for both
                        citizen_camera.attempt(
                            "kiosk-call-camera-out", goes_on, citizen, whole=False
                        )
                    hang_up(agent)
                except Exception as error:  # noqa: BLE001 (the next call is wanted all the same)
                    camera.note("agent-call-camera-out", str(error))


def one_call(
    running: Stack,
    kiosk: subprocess.Popen[bytes],
    citizen_camera: Camera,
    citizen: Page,
    agent_camera: Camera,
    code: str,
) -> None:
    """From the waiting room to the end; the kiosk's process is stopped for a while in between."""
    login = running.territory["convocation_agent"]

    def citizen_sees(name: str, screen: str) -> None:
        if agent_camera.size == "desktop":
            citizen_camera.attempt(name, lambda: reach(citizen, screen), citizen, whole=False)

    password = password_of(running)
    with (
        agent_camera.signed_in(running.origin, login, password) as agent,
        agent_camera.signed_in(running.origin, "msa1", password) as colleague,
    ):
        wire = Wire(agent)
        take = agent_camera.attempt
        take("agent-check-running", lambda: check(agent, running), agent)
        for here in (agent, colleague):  # services without appointment need an agent here
            here.goto(f"{running.origin}/agent")
            here.wait_for_selector("html[data-line=open]")
        citizen_sees("kiosk-home", "home")
        come(citizen, code)
        citizen_sees("kiosk-waiting", "waiting")
        take("agent-day-arrived", lambda: go(agent, running.origin, Shot("", "/agent")), agent)
        take("agent-day-answer", lambda: agent.click("summary[data-focus=more]"), agent)
        take("agent-call-waiting", lambda: waiting_room(agent, running), agent)
        take("agent-call-refuse", lambda: open_answers(agent), agent)
        take("agent-call", lambda: admit(agent), agent)
        citizen_sees("kiosk-call", "call")
        take("agent-call-writing", lambda: write(agent), agent)
        citizen_sees("kiosk-call-said", "call")
        take("agent-call-phone", lambda: by_phone(agent), agent)
        agent.keyboard.press("Escape")
        wire.cut()
        take("agent-call-hub-away", lambda: hub_away(agent), agent)
        wire.restore()
        agent.wait_for_selector("#strips:empty", state="attached")
        kiosk.send_signal(signal.SIGSTOP)
        try:
            take("agent-call-cut", lambda: phase(agent, "cut", "unheard"), agent)
        finally:
            kiosk.send_signal(signal.SIGCONT)
        take("agent-call-again", lambda: phase(agent, "live"), agent)
        other = agent.context.new_page()
        take("agent-call-elsewhere", lambda: elsewhere(agent, other), other)
        take("agent-call-superseded", lambda: take_over(agent, other), agent)
        other.bring_to_front()
        take("agent-call-ended", lambda: hang_up(other), other)
        citizen_sees("kiosk-ended", "ended")


def wish(do: str) -> str:
    """Selector of the buttons that do this."""
    return f"""[data-action*='"do":"{do}"']"""


def press(page: Page, do: str) -> None:
    """A button of the kiosk's screen, by what it does."""
    page.locator(f'[data-action*=\'"do":"{do}"\']').first.click()
    page.wait_for_timeout(ANSWER_MS)


def reach(page: Page, screen: str) -> None:
    """Until the kiosk shows this screen, pictures included."""
    page.bring_to_front()
    page.wait_for_selector(f"body[data-screen={screen}]")
    page.wait_for_timeout(1500)


def home(page: Page, language: str) -> None:
    """The kiosk's first screen in a language, whatever the last one left."""
    page.wait_for_selector("body[data-screen] button")
    while way := next((do for do in WAYS_HOME if page.locator(wish(do)).count()), ""):
        press(page, way)
    page.wait_for_selector("body[data-screen=home]")
    if page.locator("html").get_attribute("lang") != language:
        press(page, "language")


def type_code(page: Page, code: str) -> None:
    """Digit by digit; the answer is there."""
    for digit in code:
        page.keyboard.press(digit)
    page.keyboard.press("Enter")
    page.wait_for_timeout(ANSWER_MS)
    page.wait_for_selector("body:not([data-screen=checking])")
    page.wait_for_timeout(ANSWER_MS)


def come(page: Page, code: str) -> None:
    """With a code, or to a service that receives now."""
    if code:
        press(page, "start_code")
        type_code(page, code)
    else:
        page.locator(".services button.row", has_text="CAF").first.click()
    page.wait_for_selector("body[data-screen=waiting]")


def check(page: Page, running: Stack) -> None:
    """The pre-check, all of it tried."""
    page.goto(f"{running.origin}/agent/check")
    page.click("#start")
    page.wait_for_timeout(PICTURE_MS)


def waiting_room(page: Page, running: Stack) -> None:
    """The call's page, the citizen not yet admitted."""
    href = page.locator("[data-focus=admit]").first.get_attribute("href")
    page.goto(f"{running.origin}{href}")
    page.wait_for_selector("#entry:not([hidden])")
    page.wait_for_timeout(1000)


def open_answers(page: Page) -> None:
    """Both other answers open."""
    for summary in page.locator("#entry summary").all():
        summary.click()


def admit(page: Page) -> None:
    """The one next step."""
    page.click("#enter")
    phase(page, "live")
    page.wait_for_timeout(PICTURE_MS)


def write(page: Page) -> None:
    """A sentence on the kiosk's screen, the ready ones open."""
    text = {"fr": "Montrez votre bail à la caméra.", "en": "Show your lease to the camera."}
    page.fill("#say-text", text[page.locator("html").get_attribute("lang") or "fr"])
    page.click("#say-send")
    page.click("#phrases-open")
    page.wait_for_selector("#said:not([hidden])")


def by_phone(page: Page) -> None:
    """The number to go on by telephone."""
    page.click("#phrases-open")
    page.click("#by-phone")
    page.wait_for_selector("#phone-dialog[open]")


def phase(page: Page, *names: str) -> None:
    """Until the call's page is there."""
    page.bring_to_front()
    any_of = ", ".join(f"#stage[data-phase={name}]" for name in names)
    page.wait_for_selector(any_of, timeout=40_000)
    page.wait_for_timeout(700)


def hub_away(page: Page) -> None:
    """The page says that the hub is away; picture and sound go on."""
    page.wait_for_selector("#strips > *")
    page.wait_for_timeout(ANSWER_MS)


def elsewhere(agent: Page, other: Page) -> None:
    """A second tab of the same call shows that the first one holds it."""
    other.goto(agent.url)
    phase(other, "superseded")


def take_over(agent: Page, other: Page) -> None:
    """The second tab takes it; the first one says so."""
    other.click("#take-back")
    phase(other, "live")
    phase(agent, "superseded")


def hang_up(page: Page) -> None:
    """The red button."""
    page.click("#hang-up")
    phase(page, "ended")
