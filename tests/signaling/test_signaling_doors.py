"""Who comes in over real sockets, and who is sent away."""

from __future__ import annotations

import aiohttp
import pytest
from signaling_lab import ORIGIN, lab

from signaling.server import KIOSK_PATH, STAFF_PATH
from signaling.session.rate_limit import Rate

# --- doors -------------------------------------------------------------------------------


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


# --- revocation --------------------------------------------------------------------------


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
