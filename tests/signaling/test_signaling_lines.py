"""Kiosks measure lines and say so; calls hear what they may use of them (PROTOCOL.md §10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from signaling_lab import FakeHub, lab, ticket

from signaling.ports import CallFact, UnfinishedCall
from signaling.protocol.line_cards import BudgetCard, MinuteCard, Result
from signaling.protocol.messages import CallBudget, ProbeSession
from signaling.session.call import Call
from signaling.session.effects import Send, Tab, ToKiosk, ToTab
from signaling.session.timings import CallTimings

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TAB = Tab("ana", "t1")
SMALL = BudgetCard(picture="small", audio_kbit_s=24, video_up_kbit_s=90, video_down_kbit_s=120)


class Lines:
    """Implements signaling.ports.LineDesk."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, list[Result]]] = []
        self.left: list[tuple[str, bool]] = []

    async def probe_session(self, kiosk_id: str) -> ProbeSession | None:  # noqa: ARG002 - of the port
        rates = {"up_kbit_s": 900.0, "down_kbit_s": 8000.0}
        octets = {"octets_a_day_up": 7_000_000, "octets_a_day_down": 8_500_000}
        return ProbeSession(session=7, key="A" * 43, port=8862, **rates, **octets)

    async def line_results(self, kiosk_id: str, results: list[Result]) -> None:
        self.kept.append((kiosk_id, results))

    async def kiosk_left(self, kiosk_id: str, *, closed: bool) -> None:
        self.left.append((kiosk_id, closed))


async def test_a_session_follows_the_welcome_and_results_are_kept_before_it_is_said() -> None:
    lines = Lines()
    async with lab(FakeHub(), lines=lines) as place:
        kiosk = await place.kiosk()
        session = await kiosk.until("probe_session")
        assert (session["session"], session["port"]) == (7, 8862)
        card = MinuteCard(at=NOW, sent=20, lost=1)
        await kiosk.send("line_results", batch="b1", results=[card.model_dump(mode="json")])
        assert (await kiosk.until("results_kept"))["batch"] == "b1"
        assert lines.kept == [("k1", [card])]


async def test_without_a_desk_nobody_measures_and_results_are_refused() -> None:
    async with lab(FakeHub()) as place:
        kiosk = await place.kiosk()
        card = MinuteCard(at=NOW, sent=20, lost=1)
        await kiosk.send("line_results", batch="b1", results=[card.model_dump(mode="json")])
        assert (await kiosk.until("error"))["code"] == "not_now"


def budgets(effects: list[Any]) -> list[Any]:
    return [e.to for e in effects if isinstance(e, Send) and isinstance(e.message, CallBudget)]


def test_both_ends_hear_their_budget_before_they_negotiate_and_when_it_changes() -> None:
    call = Call(ticket(), CallTimings(), NOW)
    call.kiosk_back(NOW)
    effects = call.admit(TAB, replace(ticket(), budget=SMALL), NOW)
    kinds = [e.message.type for e in effects if isinstance(e, Send)]
    assert kinds.index("call_budget") < kinds.index("negotiate")
    assert budgets(effects) == [ToKiosk("k1"), ToTab(TAB)]
    assert budgets(call.budget_changed(SMALL)) == []
    less = SMALL.model_copy(update={"video_up_kbit_s": 60})
    assert budgets(call.budget_changed(less)) == [ToKiosk("k1"), ToTab(TAB)]
    call.agent_hangs_up(TAB, NOW)
    assert call.budget_changed(SMALL) == []


def test_without_a_budget_nothing_is_said_of_it() -> None:
    call = Call(ticket(), CallTimings(), NOW)
    call.kiosk_back(NOW)
    assert budgets(call.admit(TAB, ticket(), NOW)) == []


def test_that_nothing_is_known_any_more_is_said_once_to_who_was_told_otherwise() -> None:
    call = Call(ticket(), CallTimings(), NOW)
    call.kiosk_back(NOW)
    call.admit(TAB, replace(ticket(), budget=SMALL), NOW)
    assert budgets(call.budget_changed(None)) == [ToKiosk("k1"), ToTab(TAB)]
    assert budgets(call.budget_changed(None)) == []
    call.kiosk_lost(NOW, closed=True)
    assert budgets(call.kiosk_back(NOW)) == [ToKiosk("k1")]
    call.tab_lost(TAB, NOW, closed=True)
    assert budgets(call.tab_back(TAB, NOW)) == [ToTab(TAB)]


def test_after_a_restart_each_end_hears_the_budget_of_now_when_it_is_back() -> None:
    fact = CallFact(call_id="c1", at=NOW, state="connected", generation=1, person_id="ana")
    unfinished = UnfinishedCall(replace(ticket(), budget=SMALL), fact, NOW)
    call = Call.restore(unfinished, CallTimings(), NOW)
    assert budgets(call.kiosk_back(NOW)) == [ToKiosk("k1")]
    assert budgets(call.tab_media(TAB, 1, NOW, flowing=True)) == [ToTab(TAB)]
    assert budgets(call.tab_media(TAB, 1, NOW, flowing=True)) == []
