"""The story of a call over real sockets, with a fake orchestrator."""

from __future__ import annotations

from signaling_lab import lab


async def test_a_call_from_the_code_to_the_hang_up() -> None:
    async with lab() as it:
        kiosk, page = await it.connected()
        await page.send("say", call_id="c1", text="Bonjour")
        assert (await kiosk.until("say"))["text"] == "Bonjour"
        await page.send("hang_up", call_id="c1")
        for end in (kiosk, page):
            assert (await end.until("ended"))["reason"] == "hung_up_by_agent"
        states = [fact.state for fact in it.hub.facts]
        assert states == ["waiting", "admitted", "negotiating", "connected", "ended"]
