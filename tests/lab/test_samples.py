"""The samples of deploy/: the hub reads its settings, Chromium obeys its policy."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from conftest import DEPLOY, answers, ending, wait_until

from bench.linelab.namespaces import lone_host
from bench.linelab.tun import inside
from visiohub import settings

CHROMIUM = (
    "mount --bind {settings} /etc/chromium && exec chromium --headless --no-sandbox --disable-gpu "
    "--disable-background-networking --disable-component-update --disable-sync --no-first-run "
    "--user-data-dir={profile} http://127.0.0.1:8090/"
)
PAGE = """<iframe src="http://127.0.0.1:8091/elsewhere"></iframe>
<script>addEventListener("load", () => fetch("/all-has-loaded"))</script>"""


def test_the_hub_reads_its_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_TURN_SECRET", "of-the-environment")
    sample = settings.load(DEPLOY / "hub.toml")
    assert sample.secure_cookies
    assert sample.probe_host == "0.0.0.0"  # kiosks come past the proxy
    assert sample.trusted_proxies == ("127.0.0.1", "::1")
    assert sample.turn_secret.get_secret_value() == "of-the-environment"


def test_the_samples_speak_of_the_same_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISIOHUB_TURN_SECRET", "of-the-environment")
    sample = settings.load(DEPLOY / "hub.toml", {})
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    turn = (DEPLOY / "turnserver.conf").read_text("utf-8")
    assert all(origin.removeprefix("https://") in site for origin in sample.public_origins)
    ports = {re.findall(r":(\d+)", url)[0] for url in sample.turn_urls}
    assert ports == set(re.findall(r"^(?:tls-)?listening-port=(\d+)$", turn, re.MULTILINE))
    assert f"127.0.0.1:{sample.port};" in site


@pytest.mark.root
@pytest.mark.browser
def test_the_screen_shows_the_kiosks_page_and_no_other(tmp_path: Path) -> None:
    """In a network and a mount namespace of its own: nothing of this machine is touched."""
    settings_folder = tmp_path / "chromium"
    policies = settings_folder / "policies" / "managed"
    policies.mkdir(parents=True)
    shutil.copy(DEPLOY / "chromium-policy.json", policies)
    (tmp_path / "index.html").write_text(PAGE, "utf-8")
    with lone_host("203.0.113.9") as host, ExitStack() as stack:
        logs = {port: tmp_path / f"{port}.log" for port in (8090, 8091)}
        for port, log in logs.items():
            server = host.start(
                sys.executable, "-u", "-m", "http.server", str(port), "--bind", "127.0.0.1",
                "--directory", str(tmp_path), stderr=stack.enter_context(log.open("wb")),
            )  # fmt: skip
            stack.enter_context(ending(server))
            with inside(host.name):
                wait_until(partial(answers, "127.0.0.1", port), server)
        command = CHROMIUM.format(settings=settings_folder, profile=tmp_path / "profile")
        browser = host.start("sh", "-c", command, stderr=subprocess.DEVNULL)
        with ending(browser):
            wait_until(lambda: "GET /all-has-loaded" in logs[8090].read_text(), browser)
    assert "GET / " in logs[8090].read_text()
    assert "GET" not in logs[8091].read_text()


def test_the_policy_blocks_all_and_allows_one() -> None:
    policy = json.loads((DEPLOY / "chromium-policy.json").read_text("utf-8"))
    assert policy["URLBlocklist"] == ["*"]
    assert all("127.0.0.1:8090" in address for address in policy["URLAllowlist"])
