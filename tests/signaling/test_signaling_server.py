"""The server over real sockets, with a fake orchestrator and shortened timings."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest
from signaling_lab import ORIGIN, SDP, FakeHub, lab, ticket

from signaling.protocol.messages import Say
from signaling.server import KIOSK_PATH, STAFF_PATH
from signaling.session.rate_limit import Rate
from signaling.session.timings import CallTimings
from signaling.turn import IceSettings

NO_RACE = {"race_s": 0.0}


async def eventually(condition, timeout_s: float = 5) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110  what is awaited has no event to wait on
            await asyncio.sleep(0.01)


# --- the story ------------------------------------------------------------------------------


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


# --- doors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.test", ORIGIN + ":443", ORIGIN + "/", ORIGIN.upper()]
)
async def test_a_page_without_the_exact_origin_gets_403_before_the_upgrade(
    origin: str | None,
) -> None:
    async with lab() as it:
        it.hub.sessions["s"] = "ana"
        headers = {"Cookie": "session=s"} | ({} if origin is None else {"Origin": origin})
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await it.session.ws_connect(it.server.make_url(STAFF_PATH), headers=headers)
        assert caught.value.status == 403


async def test_a_page_without_a_session_gets_401() -> None:
    async with lab() as it:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await it.session.ws_connect(it.server.make_url(STAFF_PATH), headers={"Origin": ORIGIN})
        assert caught.value.status == 401


async def test_a_page_cannot_come_in_by_the_kiosk_s_door() -> None:
    async with lab() as it:
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await it.knock(Origin=ORIGIN)
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 0, "old_field": 1}, "too_old"),
        ({"version": 9}, "too_new"),
        ({"signature": "A" * 86}, "bad_proof"),
        ({"signature": "é" * 86}, "bad_proof"),
        ({"kiosk_id": "k9"}, "not_enrolled"),
        ({"kiosk_id": ""}, "no_opening"),
    ],
)
async def test_a_kiosk_that_does_not_prove_itself_is_told_why(
    changes: dict[str, object], code: str
) -> None:
    async with lab() as it:
        kiosk = await it.kiosk(**changes)
        bye = await kiosk.until("bye")
        assert bye["code"] == code
        if code == "too_old":
            assert "upgrade the kiosk" in bye["detail"]
        if code == "no_opening":
            assert bye["detail"].startswith("invalid_field: kiosk_id: ")
        await kiosk.closed()
        assert it.signaling.present_kiosks() == set()


async def test_a_proof_for_another_hub_or_of_another_challenge_is_worth_nothing() -> None:
    async with lab() as it:
        first, second = await it.knock(), await it.knock()
        nonce = (await first.next())["nonce"]
        await second.next()
        await second.send("prove", **it.proof("k1", nonce))
        assert (await second.until("bye"))["code"] == "bad_proof"
        await first.socket.close()


async def test_an_old_page_is_told_to_reload_and_a_silent_guest_to_go() -> None:
    async with lab(opening_s=0.1) as it:
        page = await it.page(version=0)
        assert (await page.until("bye"))["code"] == "too_old"
        guest = await it.knock()
        assert (await guest.until("bye"))["code"] == "no_opening"


async def test_one_address_may_not_knock_without_end() -> None:
    async with lab(openings=Rate(0.1, 3)) as it:
        statuses = []
        for _ in range(5):
            async with it.session.get(it.server.make_url(KIOSK_PATH)) as response:
                statuses.append((response.status, response.headers.get("Retry-After")))
        assert [status for status, _ in statuses] == [400, 400, 400, 429, 429]
        assert int(statuses[-1][1] or 0) >= 1


async def test_pages_behind_its_address_do_not_keep_a_kiosk_out() -> None:
    async with lab(openings=Rate(0.001, 3)) as it:
        statuses = []
        for path in (STAFF_PATH, KIOSK_PATH):  # a page at the kiosk's address is counted nowhere
            for _ in range(5):
                url, headers = it.server.make_url(path), {"Origin": ORIGIN}
                async with it.session.get(url, headers=headers) as response:
                    statuses.append(response.status)
        assert statuses == [401, 401, 401, 429, 429, 403, 403, 403, 403, 403]
        await (await it.kiosk()).until("welcome_kiosk")


# --- presence -------------------------------------------------------------------------------


async def test_a_second_connection_of_a_kiosk_replaces_the_first() -> None:
    async with lab(**NO_RACE) as it:
        first = await it.kiosk()
        await first.until("welcome_kiosk")
        second = await it.kiosk()
        await second.until("welcome_kiosk")
        assert (await first.until("bye"))["code"] == "superseded"
        await first.closed()
        assert it.signaling.present_kiosks() == {"k1"}
        assert it.hub.presences == [("k1", True), ("k1", True)]


async def test_of_too_many_tabs_the_oldest_gives_way_but_never_the_one_in_the_call() -> None:
    async with lab(tabs_per_person=3) as it:
        kiosk, first = await it.connected()
        pages = [first, *[await it.page(tab=f"t{n}") for n in (2, 3)]]
        other = await it.page("eve")
        for page in (*pages[1:], other):
            await page.until("welcome_browser")
        pages += [await it.page(tab=f"t{n}") for n in (4, 5)]  # two at once send two away
        for page in pages[3:]:
            await page.until("welcome_browser")
        for page in pages[1:3]:
            assert (await page.until("bye"))["code"] == "superseded"
            await page.closed()
        again = await it.page(tab="t2")  # looked at again: reloaded
        await again.until("welcome_browser")
        assert (await pages[3].until("bye"))["code"] == "superseded"
        await first.send("say", call_id="c1", text="Bonjour")
        assert (await kiosk.until("say"))["text"] == "Bonjour"
        await other.send("ping", n=1)
        await other.until("pong")


async def test_the_second_of_a_race_does_not_displace_the_winner() -> None:
    async with lab() as it:
        attempts = [await it.knock() for _ in range(3)]
        nonces = [(await attempt.next())["nonce"] for attempt in attempts]
        for attempt, nonce in zip(attempts, nonces, strict=True):
            await attempt.send("prove", **it.proof("k1", nonce))
        ends = [(await attempt.next())["type"] for attempt in attempts]
        assert sorted(ends) == ["bye", "bye", "welcome_kiosk"]
        assert [a.seen[-1].get("code") for a in attempts].count("outrun") == 2


async def test_a_half_open_socket_is_found_in_time() -> None:
    async with lab(ping_every_s=0.1, peer_dead_after_s=0.3) as it:
        kiosk = await it.kiosk()
        await kiosk.until("welcome_kiosk")
        begun = time.monotonic()
        # nobody reads here any more, so nobody answers the hub's pings: as behind a cut line
        await eventually(lambda: it.hub.presences[-1] == ("k1", False))
        assert 0.25 < time.monotonic() - begun < 0.3 * 15 / 12 + 0.5
        assert it.signaling.present_kiosks() == set()


async def test_who_answers_pings_stays() -> None:
    async with lab(ping_every_s=0.05, peer_dead_after_s=0.2) as it:
        page = await it.page()
        for _ in range(8):
            ping = await page.until("ping")
            await page.send("pong", n=ping["n"])
        assert it.signaling.present_people() == {"ana"}


async def test_pings_are_answered_while_a_message_is_handled() -> None:
    async with lab() as it:
        kiosk, page = await it.arrived()
        it.hub.record_gate = asyncio.Event()  # what is asked next takes until the gate opens
        await page.send("make_wait", call_id="c1", minutes=5)
        await page.send("ping", n=7)
        assert (await page.until("pong"))["n"] == 7
        it.hub.record_gate.set()
        place = (await kiosk.until_state("waiting"))["place"]
        assert place["asked_to_wait_minutes"] == 5


async def test_a_slow_consumer_is_cut_off_and_others_are_not_kept() -> None:
    async with lab(outgoing_frames=20) as it:
        slow, page = await it.page("slow"), await it.page("ana")
        for client in (slow, page):
            await client.until("welcome_browser")
            await client.send("subscribe", topics=["calls"])
            await client.send("ping", n=1)
            await client.until("pong")
        (peer,) = [t.peer for t in it.signaling._presence.tabs() if t.identity.person_id == "slow"]
        peer._transport.get_extra_info("socket").setsockopt(1, 7, 4096)  # SOL_SOCKET, SO_SNDBUF
        slow.socket._response.connection.transport.pause_reading()
        async with asyncio.timeout(20):
            while "slow" in it.signaling.present_people():
                for _ in range(10):
                    peer.send(Say(call_id="c1", text="é" * 100))
                it.signaling.changed("calls")
                await page.until("changed")
        await page.send("ping", n=2)
        await page.until("pong", n=2)


# --- revocation -----------------------------------------------------------------------------


@pytest.mark.parametrize("announced", [True, False])
async def test_a_revoked_kiosk_is_cut_off_in_mid_call(announced: bool) -> None:
    async with lab(identity_check_s=0.1) as it:
        kiosk, page = await it.connected()
        del it.hub.keys["k1"]
        if announced:
            await it.signaling.revoke_kiosk("k1")
        assert (await page.until("ended"))["reason"] == "revoked"
        assert (await kiosk.until("ended"))["reason"] == "revoked"
        assert (await kiosk.until("bye"))["code"] == "revoked"
        await kiosk.closed()
        assert it.hub.facts[-1].end_reason == "revoked"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_revoked_session_is_cut_off(announced: bool) -> None:
    async with lab(identity_check_s=0.1) as it:
        page = await it.page()
        await page.until("welcome_browser")
        it.hub.sessions.clear()
        if announced:
            await it.signaling.revoke_session("session-ana")
        assert (await page.until("bye"))["code"] == "signed_out"


# --- trouble --------------------------------------------------------------------------------


async def test_a_kiosk_that_restarts_resumes_and_a_new_connection_is_ordered() -> None:
    async with lab() as it:
        kiosk, page = await it.connected()
        await kiosk.socket.close()
        await page.send("media", call_id="c1", generation=1, flowing=False)
        await page.until_state("interrupted")
        again = await it.kiosk()
        welcome = await again.until("welcome_kiosk")
        assert (welcome["call"]["call_id"], welcome["call"]["state"]) == ("c1", "interrupted")
        assert welcome["call"]["kiosk_here"]
        await again.send("media", call_id="c1", generation=1, flowing=False)
        await page.until("negotiate", generation=2)
        await page.send("offer", call_id="c1", generation=2, sdp=SDP)
        await again.until("offer", generation=2)


async def test_a_hub_that_was_killed_takes_calls_up_without_a_new_negotiation() -> None:
    hub = FakeHub()
    async with lab(hub) as it:
        await it.connected()
    assert hub.facts[-1].state == "connected"
    async with lab(hub) as it:
        kiosk, page = await it.kiosk(), await it.page()
        assert (await kiosk.until("welcome_kiosk"))["call"]["call_id"] == "c1"
        assert (await page.until("welcome_browser"))["calls"][0]["call_id"] == "c1"
        for end in (kiosk, page):
            await end.send("media", call_id="c1", generation=1, flowing=True)
        for end in (kiosk, page):
            await end.until_state("connected")
        await page.send("hang_up", call_id="c1")
        await page.until("ended")
        assert "negotiate" not in [message["type"] for message in page.seen]


async def test_an_end_that_was_away_hears_how_it_ended() -> None:
    async with lab() as it:
        kiosk, page = await it.connected()
        await kiosk.socket.close()
        await eventually(lambda: not it.signaling.present_kiosks())
        await page.send("hang_up", call_id="c1")
        await page.until("ended")
        again = await it.kiosk()
        assert (await again.until("welcome_kiosk"))["call"] is None
        assert (await again.until("ended"))["fallback_phone"] == "3230"


async def test_an_end_said_into_a_half_open_connection_is_said_again() -> None:
    async with lab(race_s=0) as it:
        _, page = await it.connected()
        await page.send("hang_up", call_id="c1")  # the kiosk's connection takes it, and loses it
        await page.until("ended")
        again = await it.kiosk()
        assert (await again.until("ended"))["reason"] == "hung_up_by_agent"


async def test_an_interrupted_call_gives_up() -> None:
    async with lab(call=CallTimings(gives_up_s=0.3)) as it:
        kiosk, page = await it.connected()
        await kiosk.send("media", call_id="c1", generation=1, flowing=False)
        assert (await page.until("ended"))["reason"] == "line_fault"
        assert (await kiosk.until("ended"))["fallback_phone"] == "3230"


@pytest.mark.parametrize("killed", [True, False])
async def test_a_kiosk_whose_process_dies_is_told_from_a_cut_line(killed: bool) -> None:
    short = CallTimings(gives_up_s=1.0)
    async with lab(call=short, ping_every_s=0.1, peer_dead_after_s=0.3) as it:
        kiosk, page = await it.connected()
        if killed:
            kiosk.socket._response.connection.transport.abort()
        answering = asyncio.create_task(page.answer_pings())
        await page.send("media", call_id="c1", generation=1, flowing=False)
        await answering
        assert page.seen[-1]["reason"] == ("kiosk_fault" if killed else "line_fault")


async def test_a_closing_hub_says_so_and_keeps_the_call_open() -> None:
    hub = FakeHub()
    async with lab(hub) as it:
        kiosk, page = await it.connected()
        it.signaling._connections.dismiss_all()
        for end in (kiosk, page):
            assert (await end.until("bye"))["code"] == "closing"
    assert hub.facts[-1].state == "connected"


# --- bad input ------------------------------------------------------------------------------


async def test_bad_frames_get_a_coded_error_and_the_connection_stays() -> None:
    async with lab() as it:
        page = await it.page()
        await page.until("welcome_browser")
        for frame, code, field in (
            ("nonsense", "malformed", ""),
            ('{"type": "prove"}', "unknown_type", "type"),
            ('{"type": "admit"}', "invalid_field", "call_id"),
            ('{"type": "hello", "version": 1, "tab_id": "t1"}', "not_now", ""),
        ):
            await page.socket.send_str(frame)
            error = await page.until("error")
            assert (error["code"], error["field"]) == (code, field)
        await page.socket.send_bytes(b"\0")
        assert (await page.until("error"))["code"] == "malformed"


async def test_an_sdp_that_makes_no_sense_is_named() -> None:
    async with lab() as it:
        _, page = await it.connected()
        await page.send("offer", call_id="c1", generation=1, sdp="nonsense")
        error = await page.until("error")
        assert (error["code"], error["field"], error["about"]) == ("sdp_refused", "sdp", "offer")


async def test_a_frame_above_64_kib_closes_the_connection() -> None:
    async with lab() as it:
        page = await it.page()
        await page.until("welcome_browser")
        await page.socket.send_str(" " * (64 * 1024 + 1))
        assert await page.closed() == 1009


async def test_a_fault_of_the_orchestrator_is_no_traceback_for_the_peer() -> None:
    async with lab() as it:
        kiosk = await it.kiosk()
        await kiosk.until("welcome_kiosk")
        it.hub.tickets["1"] = None
        await kiosk.send("present_code", code="1")
        error = await kiosk.until("error")
        assert (error["code"], error["about"]) == ("internal", "present_code")
        assert "Traceback" not in error["detail"]


async def test_a_fault_at_the_door_is_named_too() -> None:
    async with lab() as it:
        it.hub.identify_kiosk = None
        kiosk = await it.kiosk()
        assert (await kiosk.until("bye"))["code"] == "internal"
        guest = await it.knock()
        await guest.next()
        await guest.socket.send_bytes(b"x")
        assert (await guest.until("bye"))["code"] == "no_opening"


async def test_guessing_codes_is_slowed_down() -> None:
    async with lab() as it:
        kiosk = await it.kiosk()
        await kiosk.until("welcome_kiosk")
        for i in range(6):
            await kiosk.send("present_code", code=str(i))
        codes = [(await kiosk.until("error"))["code"] for _ in range(6)]
        assert codes == ["code_unknown"] * 5 + ["rate_limited"]
        assert kiosk.seen[-1]["retry_after_s"] > 0


async def test_a_flood_is_cut_off_and_does_not_slow_the_others() -> None:
    async with lab() as it:
        page, attacker = await it.page("ana"), await it.page("mallory")
        for client in (page, attacker):
            await client.until("welcome_browser")
        flood = asyncio.create_task(flood_with_pings(attacker))
        delays = []
        while not flood.done():
            begun = time.monotonic()
            await page.send("ping", n=len(delays))
            await page.until("pong")
            delays.append(time.monotonic() - begun)
            await asyncio.sleep(0.02)
        await flood
        assert attacker.seen[-1]["code"] == "rate_limited"
        assert attacker.seen[-1]["type"] == "bye"
        assert sorted(delays)[len(delays) * 95 // 100] < 0.5


async def flood_with_pings(attacker) -> None:
    async def read() -> None:
        await attacker.closed(20)

    reader = asyncio.create_task(read())
    try:
        for n in range(5000):
            await attacker.send("ping", n=n)
    except ConnectionError:
        pass
    await reader
