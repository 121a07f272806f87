"""The server over real sockets, with a fake orchestrator and shortened timings."""

from __future__ import annotations

import asyncio

import pytest
from signaling_lab import eventually, lab, ticket

from signaling.turn import IceSettings


async def test_a_call_from_the_code_to_the_hang_up() -> None:
    async with lab() as it:
        kiosk, page = await it.connected()
        await page.send("say", call_id="c1", text="Bonjour")
        assert (await kiosk.until("say"))["text"] == "Bonjour"
        await kiosk.send("report", call_id="c1", generation=1, video_codec="VP8")
        await page.send("hang_up", call_id="c1")
        for end in (kiosk, page):
            assert (await end.until("ended"))["reason"] == "hung_up_by_agent"
        states = [fact.state for fact in it.hub.facts]
        assert states == ["waiting", "admitted", "negotiating", "connected", "ended"]
        assert [(r.end, r.report.video_codec) for r in it.hub.reports] == [("kiosk", "VP8")]
        await kiosk.send("present_code", code="1")
        await kiosk.until_state("waiting")


async def test_a_change_is_recorded_before_it_is_told() -> None:
    async with lab() as it:
        kiosk, page = await it.arrived()
        it.hub.record_gate = asyncio.Event()
        await page.send("admit", call_id="c1")
        with pytest.raises(TimeoutError):
            await page.until("negotiate", timeout_s=0.2)
        it.hub.record_gate.set()
        await kiosk.until_state("negotiating")


async def test_initials_do_not_reach_the_kiosk_nor_calls_other_agents() -> None:
    async with lab() as it:
        stranger = await it.page("eve")
        await stranger.until("welcome_browser")
        kiosk, page = await it.connected()
        await page.send("hang_up", call_id="c1")
        await kiosk.until("ended")
        await stranger.send("admit", call_id="c1")
        assert (await stranger.until("error"))["code"] == "call_unknown"
        assert [m["type"] for m in stranger.seen] == ["welcome_browser", "error"]
        assert "M. D." not in str(kiosk.seen)
        assert "M. D." in str(page.seen)


async def test_ice_servers_carry_credentials_for_both_ends() -> None:
    ice = IceSettings(turn_urls=["turn:t.example"], turn_secret="north")
    async with lab(ice=ice) as it:
        kiosk, page = await it.connected()
        order = next(m for m in page.seen if m["type"] == "negotiate")
        offer = next(m for m in kiosk.seen if m["type"] == "offer")
        for message in (order, offer):
            (server,) = message["ice_servers"]
            assert server["username"].endswith(":c1")
            assert server["credential"]


async def test_the_agent_s_devices_reach_the_orchestrator_and_the_kiosk_also_when_it_is_back() -> (
    None
):
    devices = [{"kind": "camera", "status": "unplugged"}, {"kind": "microphone", "status": "ok"}]
    async with lab() as it:
        kiosk, page = await it.arrived()
        await page.send("agent_devices", call_id="c1", devices=devices)
        assert (await page.until("error"))["code"] == "not_now"
        await page.send("admit", call_id="c1")
        await page.until("negotiate")
        await page.send("agent_devices", call_id="c1", devices=devices)
        told = await kiosk.until("agent_devices")
        assert told["call_id"] == "c1"
        assert [one["status"] for one in told["devices"]] == ["unplugged", "ok"]
        await eventually(lambda: it.hub.devices)
        [(call_id, cards)] = it.hub.devices
        assert (call_id, [card.kind for card in cards]) == ("c1", ["camera", "microphone"])
        await kiosk.socket.close()
        await page.until("call_state")
        again = await it.kiosk()
        assert (await again.until("agent_devices"))["devices"] == told["devices"]


async def test_only_the_holding_tab_speaks_of_the_agent_s_devices() -> None:
    async with lab() as it:
        kiosk, _ = await it.connected()
        other, stranger = await it.page(tab="t2"), await it.page("eve")
        for page, code in ((other, "not_holder"), (stranger, "call_unknown")):
            await page.send("agent_devices", call_id="c1", devices=[])
            assert (await page.until("error"))["code"] == code
        await kiosk.send("agent_devices", call_id="c1", devices=[])
        assert (await kiosk.until("error"))["code"] == "unknown_type"
        assert it.hub.devices == []
        assert "agent_devices" not in {message["type"] for message in kiosk.seen}


async def test_devices_reach_the_orchestrator_and_the_agent_in_the_call() -> None:
    async with lab() as it:
        kiosk, page = await it.arrived()
        await kiosk.send("devices", devices=[{"kind": "camera", "status": "ok"}])
        await eventually(lambda: it.hub.devices)
        await page.send("admit", call_id="c1")
        told = await page.until("devices")
        assert (told["kiosk_id"], told["devices"][0]["status"]) == ("k1", "ok")
        await kiosk.send("devices", devices=[{"kind": "camera", "status": "unplugged"}])
        assert (await page.until("devices"))["devices"][0]["status"] == "unplugged"


async def test_a_kiosk_is_told_what_codes_are_like_after_each_welcome() -> None:
    async with lab(code_digits=10, code_early_minutes=45, race_s=0) as it:
        for _ in range(2):
            kiosk = await it.kiosk()
            await kiosk.until("welcome_kiosk")
            told = await kiosk.next()
            assert told == {"type": "codes", "digits": 10, "early_minutes": 45}


async def test_help_topics_and_lobby_are_pushed() -> None:
    async with lab(lobby_pause_s=0.01) as it:
        kiosk = await it.kiosk()
        assert (await kiosk.until("welcome_kiosk"))["services"][0]["availability"] == "closed"
        page = await it.page()
        assert (await kiosk.until("lobby"))["services"][0]["availability"] == "free"
        await kiosk.send("ask_help", wanted=True)
        assert (await kiosk.until("help"))["state"] == "asked"
        it.signaling.push_help("k1", "coming", "0102")
        assert (await kiosk.until("help"))["state"] == "coming"
        await page.send("subscribe", topics=["day:caf", "secret"])
        assert (await page.until("error"))["field"] == "topics"
        it.signaling.changed("day:caf")
        await page.send("subscribe", topics=["day:caf"])
        await page.send("ping", n=1)
        await page.until("pong")
        it.signaling.changed("day:caf")
        await page.until("changed", topic="day:caf")
        assert [m["type"] for m in page.seen].count("changed") == 1


async def test_an_agent_between_two_pages_can_be_called_and_one_who_signed_out_cannot() -> None:
    async with lab(lobby_pause_s=0.01, page_change_s=60) as it:
        it.hub.tickets["s1"] = ticket()
        page = await it.page()
        await page.until("welcome_browser")
        await page.socket.close()
        kiosk = await it.kiosk()
        assert (await kiosk.until("welcome_kiosk"))["services"][0]["availability"] == "free"
        await kiosk.send("call_service", service_id="s1", language="fr")
        assert (await kiosk.until_state("waiting"))["place"]["agent_told"] is False
        await kiosk.send("hang_up", call_id="c1")
        await kiosk.until("ended")

        await it.signaling.revoke_session("session-ana")
        it.signaling.refresh_lobbies()
        assert (await kiosk.until("lobby"))["services"][0]["availability"] == "closed"
        await kiosk.send("call_service", service_id="s1", language="fr")
        assert (await kiosk.until("error"))["code"] == "service_closed"


async def test_who_closed_the_last_page_is_no_longer_offered_soon_after() -> None:
    async with lab(lobby_pause_s=0.01, page_change_s=0.05) as it:
        kiosk = await it.kiosk()
        page = await it.page()
        await kiosk.until("lobby")
        await page.socket.close()
        assert (await kiosk.until("lobby"))["services"][0]["availability"] == "closed"


async def test_the_place_is_told_anew_when_calls_change() -> None:
    async with lab(lobby_pause_s=0.01, place_every_s=0.05) as it:
        kiosk, _ = await it.arrived()
        it.hub.people_before = 2
        while (await kiosk.until("call_state"))["call"]["place"]["people_before"] != 2:
            pass


async def test_an_agent_in_a_call_cannot_admit_another_and_a_kiosk_has_one_call() -> None:
    async with lab() as it:
        kiosk, page = await it.connected()
        it.hub.tickets["2"] = ticket("c2", "k2")
        it.hub.add_kiosk("k2")
        other = await it.kiosk("k2")
        await other.send("present_code", code="2")
        await page.until("call_state", timeout_s=5)
        await page.send("admit", call_id="c2")
        assert (await page.until("error"))["code"] == "agent_busy"
        await kiosk.send("present_code", code="2")
        assert (await kiosk.until("error"))["code"] == "kiosk_busy"


async def test_two_tabs_of_an_agent_that_admit_two_calls_at_once_get_one() -> None:
    async with lab() as it:
        _, page = await it.arrived()
        it.hub.tickets["2"] = ticket("c2", "k2")
        it.hub.add_kiosk("k2")
        other = await it.kiosk("k2")
        await other.send("present_code", code="2")
        second = await it.page(tab="t2")
        await other.until_state("waiting")
        await second.until("welcome_browser")
        await asyncio.gather(page.send("admit", call_id="c1"), second.send("admit", call_id="c2"))
        refused = [asyncio.create_task(tab.until("error")) for tab in (page, second)]
        done, pending = await asyncio.wait(refused, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result()["code"] for task in done] == ["agent_busy"]
        for task in pending:
            task.cancel()
        await asyncio.wait(pending)
        assert [fact.state for fact in it.hub.facts].count("admitted") == 1
