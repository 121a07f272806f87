"""What no honest peer sends, over real sockets."""

from __future__ import annotations

import asyncio
import time

from signaling_lab import lab


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
