"""PROTOCOL.md says everything that the code does on the wire, and all that the code cites."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from signaling.errors import ByeCode, ErrorCode
from signaling.protocol import cards, messages
from signaling.session.timings import CallTimings
from signaling.settings import SignalingSettings
from signaling.turn import IceSettings
from visiohub.settings import Settings
from visiohub.web.app import signaling_settings

SIGNALING = Path(messages.__file__).parent.parent
TEXT = (SIGNALING / "protocol/PROTOCOL.md").read_text("utf-8")
HEADING = re.compile(r"^#{2,3} (\d+(?:\.\d+)*) (.*)$", re.MULTILINE)
FOUND = list(HEADING.finditer(TEXT))
ENDS = [heading.start() for heading in FOUND[1:]] + [len(TEXT)]
ROOT = SIGNALING.parent
SECTIONS = {m[1]: TEXT[m.end() : end] for m, end in zip(FOUND, ENDS, strict=True)}
MODELS = sorted(set(get_args(messages.Message)), key=lambda model: model.__name__)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_message_and_field_is_described_where_its_docstring_says(model: type) -> None:
    cited = re.findall(r"§(\d+(?:\.\d+)*)", model.__doc__ or "")
    assert cited, f"{model.__name__} cites no section"
    name = model.model_fields["type"].default
    inside = "".join(text for number, text in SECTIONS.items() if number.startswith(tuple(cited)))
    assert f"`{name}`" in inside
    for field in set(model.model_fields) - {"type"}:
        assert f"`{field}`" in inside, f"{name}.{field}"


@pytest.mark.parametrize("model", [cards.CallCard, cards.PlaceCard, cards.ServiceCard])
def test_every_field_of_the_cards_is_described(model: type) -> None:
    for field in model.model_fields:
        assert f"`{field}`" in TEXT, f"{model.__name__}.{field}"


def test_every_code_state_and_reason_is_in_its_table() -> None:
    for section, names in (
        ("5.2", get_args(ErrorCode)),
        ("5.3", get_args(ByeCode)),
        ("8.1", get_args(cards.CallStateName)),
        ("8.9", get_args(cards.EndReason)),
    ):
        table = set(re.findall(r"^\| `(\w+)` \|", SECTIONS[section], re.MULTILINE))
        assert table == set(names), section


def test_every_cited_section_exists() -> None:
    for path in SIGNALING.rglob("*.py"):
        # a section number after RFC nnnn is that RFC's
        source = re.sub(r"RFC \d+ §[\d.]+", "", path.read_text("utf-8"))
        for number in re.findall(r"§(\d+(?:\.\d+)*)", source):
            assert number in SECTIONS, f"{path.name} cites §{number}"
    for number in re.findall(r"§(\d+(?:\.\d+)*)", TEXT):
        assert number in SECTIONS, f"PROTOCOL.md cites §{number}"


def test_the_timings_and_rates_are_the_code_s() -> None:
    settings = SignalingSettings(hub_origin="", browser_origins=frozenset())
    call = CallTimings()
    assert f"({settings.ping_every_s:g} s)" in SECTIONS["4"]
    assert f"({settings.client_dead_after_s:g} s)" in SECTIONS["4"]
    assert f"came for {settings.peer_dead_after_s:g} s" in SECTIONS["4"]
    assert f"every {settings.identity_check_s:g} s" in SECTIONS["4"]
    assert f"within {settings.race_s:g} s of a welcome" in SECTIONS["3.5"]
    assert f"within {settings.opening_s:g} s" in SECTIONS["3.2"]
    assert f"every {settings.place_every_s:g} s" in SECTIONS["7.3"]
    assert f"at most {settings.tabs_per_person} tabs" in SECTIONS["3.4"]
    rates = dict(re.findall(r"^\| (\w+) \| .* \| ([\d.]+ \| [\d.]+) \|$", TEXT, re.MULTILINE))
    every = {"all": settings.every_frame, **settings.message_rates}
    assert rates == {name: f"{rate.per_s:g} | {rate.burst:g}" for name, rate in every.items()}
    for rate in (settings.refusals, settings.openings):
        assert re.search(rf"\b{rate.per_s:g}\b.*\n?.*\b{rate.burst:g} at once", SECTIONS["2.4"])
    assert f"{settings.outgoing_frames} frames" in SECTIONS["2.4"]
    for seconds in (call.gives_up_s, call.retry_s, call.first_retry_s, call.settle_s):
        assert f"{seconds:g} s" in SECTIONS["8.10"]
    assert f"{call.resume_grace_s:g} s more" in SECTIONS["8.10"]
    assert f"{call.waiting_limit_s / 60:g} min" in SECTIONS["8.10"]
    assert f"within {call.report_within_s:g} s" in SECTIONS["8.5"]


def test_by_default_a_withdrawn_right_is_found_and_acted_on_in_time() -> None:
    # asked every `identity_check_s`; then `bye` is sent, or the socket cut after `farewell_s`
    settings = SignalingSettings(hub_origin="", browser_origins=frozenset())
    (within_s,) = re.findall(r"within\s+(\d+) s even if nobody told H", SECTIONS["4"])
    assert settings.identity_check_s + settings.farewell_s <= float(within_s) == 5
    hub = signaling_settings(Settings(), IceSettings())
    assert hub.identity_check_s == settings.identity_check_s
    assert hub.farewell_s == settings.farewell_s


def test_kiosks_are_told_the_hub_s_own_codes() -> None:
    untold = messages.Codes()
    assert f"{untold.digits} digits and {untold.early_minutes} minutes" in SECTIONS["6.7"]
    hub = signaling_settings(Settings(code_digits=10, code_early_minutes=45), IceSettings())
    assert (hub.code_digits, hub.code_early_minutes) == (10, 45)


def test_the_reports_come_as_often_as_it_says() -> None:
    page = (ROOT / "visiohub/web/static/js/call/call.js").read_text("utf-8")
    ticker = (ROOT / "visiohub/web/static/js/ticker.js").read_text("utf-8")
    kiosk = (ROOT / "kiosk/call_media.py").read_text("utf-8")
    (samples,) = re.findall(r"REPORT_EVERY = (\d+); // samples", page)
    (tick_ms,) = re.findall(r"setInterval\(.*, (\d+)\)", ticker)
    (seconds,) = re.findall(r"^REPORT_EVERY_S = ([\d.]+)$", kiosk, re.MULTILINE)
    page_s = int(samples) * int(tick_ms) / 1000
    assert f"every {float(seconds):g} s (K) or {page_s:g} s (B)" in SECTIONS["8.8"]
