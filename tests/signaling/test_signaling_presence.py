"""Connections over real sockets: newer ones, silent ones, slow ones, and restarts."""

from __future__ import annotations

import asyncio
import time

import pytest
from signaling_lab import NO_RACE, SDP, FakeHub, eventually, lab

from signaling.protocol.messages import Say
from signaling.session.timings import CallTimings

# --- presence ----------------------------------------------------------------------------


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


# --- trouble -----------------------------------------------------------------------------


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
