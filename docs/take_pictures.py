"""`make pictures`: every page and state of the running program, as people see it.

All of them go to docs/pictures/all/LANGUAGE/SIZE/ (git ignores it), with an index.html, to be
looked at. The few that the README shows are made anew in docs/pictures/, smaller and with few
colours. Names given on the command line keep to the pictures whose name begins so. What failed is
named at the end, and the exit code is 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from bench.stack import stack
from docs import extremes, pictures_of_calls, pictures_of_pages, pictures_of_planning
from docs.camera import ALL, LANGUAGES, PICTURES, SIZES, SMALL_DESKTOP, Camera
from docs.contact_sheet import shrink, write_index

ROOT = Path(__file__).parents[1]
STAGE = ROOT / "tests" / "kiosk" / "screen" / "stage.py"
FOR_README = {
    "kiosk-home": "kiosk",
    "kiosk-waiting": "kiosk",
    "kiosk-call": "kiosk",
    "agent-day-arrived": "desktop",
    "agent-call": "desktop",
    "reception": "desktop",
    "near": "desktop",
    "booking-times": "desktop",
    "planning-week": "desktop",
    "kiosks": "desktop",
    "use": "desktop",
    "admin": "desktop",
    "convocation-paper": "desktop",
}
README_WIDTH = 640


def main(wanted: list[str]) -> int:
    """Take them all; 1 when a picture failed."""
    if not wanted:
        shutil.rmtree(ALL, ignore_errors=True)
    failures: list[str] = []
    with sync_playwright() as playwright:
        browsers = {language: launch(playwright) for language in LANGUAGES}
        cameras = [
            Camera(browser, language, size, width, height, wanted, failures)
            for language, browser in browsers.items()
            for size, (width, height) in SIZES.items()
        ]
        if not wanted:
            tables = list(pictures_of_pages.TABLES)
            cameras += [
                Camera(browser, language, "small-desktop", *SMALL_DESKTOP, tables, failures)
                for language, browser in browsers.items()
            ]
        with stack() as running:
            speaker = running.folder / "speaker.wav"
            with running.kiosk(KIOSK_SPEAKER=f"file:{speaker}") as (kiosk, _):
                pictures_of_calls.story(browsers, running, kiosk, wanted, failures)
                for camera in cameras:
                    said(camera, "pages")
                    pictures_of_pages.everyday(camera, running)
                    pictures_of_planning.everyday(camera, running)
                with extremes.trouble_at(running, "Gap"):
                    for camera in cameras:
                        pictures_of_pages.troubled(camera, running)
            film = running.folder / "camera.avi"
            extremes.plug_in(film)
            with running.kiosk(KIOSK_CAMERA=f"file:{film}", KIOSK_SPEAKER=f"file:{speaker}"):
                pictures_of_calls.camera_out(browsers, running, film, wanted, failures)
            password = extremes.newcomer(running)
            extremes.crowd(running)
            for camera in cameras:
                said(camera, "crowded")
                pictures_of_pages.new_here(camera, running, password)
                pictures_of_pages.crowded(camera, running)
        with extremes.empty_hub() as (origin, password, database):
            for camera in cameras:
                said(camera, "empty")
                pictures_of_pages.empty(camera, origin, password)
            for camera in cameras:
                pictures_of_pages.guessed(camera, origin)
            extremes.break_database(database)
            for camera in cameras:
                pictures_of_pages.broken(camera, origin)
        for browser in browsers.values():
            browser.close()
    if not wanted:
        print("kiosk screens", flush=True)
        failures += kiosk_screens()
        failures += readme()
    found = write_index(ALL)
    print(f"{found} pictures: {ALL / 'index.html'}")
    for failure in failures:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if failures else 0


def launch(playwright: Playwright) -> Browser:
    """A Chromium in American English: no page may follow the browser's language."""
    return playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        env={**os.environ, "LANGUAGE": "en_US"},
        args=["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream",
              "--use-fake-device-for-media-stream", "--disable-background-networking"],
    )  # fmt: skip


def said(camera: Camera, what: str) -> None:
    """Where it stands."""
    print(f"{camera.language} {camera.size}: {what}", flush=True)


def kiosk_screens() -> list[str]:
    """Every state of the citizen's screen from the kiosk's own samples, at three sizes."""
    with tempfile.TemporaryDirectory(prefix="visiohub-screens-") as folder:
        done = subprocess.run(  # noqa: S603 (our own module)
            [sys.executable, str(STAGE), folder], check=False, cwd=ROOT
        )
        for path in sorted(Path(folder).glob("*.png")):
            match = re.fullmatch(r"(.+)-(fr|en)-(\d+x\d+)", path.stem)
            if match:
                target = ALL / match[2] / f"kiosk-{match[3]}" / f"{match[1]}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(path, target)
    return ["kiosk screens: not all were taken"] if done.returncode else []


def readme() -> list[str]:
    """The few small ones that are kept."""
    failures = []
    for name, size in FOR_README.items():
        try:
            shrink(ALL / "fr" / size / f"{name}.png", PICTURES / f"{name}.png", README_WIDTH)
        except FileNotFoundError as error:
            failures.append(f"README: {error} was not taken")
    return failures


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main(sys.argv[1:]))
