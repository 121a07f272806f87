"""A kiosk whose key is withdrawn in mid-call, and one whose program is too old."""

from __future__ import annotations

import re
import sys
import time
from html import unescape

import lens
import pytest
from browsers import Browser
from people import Agent, Citizen, Office, last_record
from stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

CUT_WITHIN_S = 5
OLD = (
    "import kiosk.hub_link; kiosk.hub_link.PROTOCOL_VERSION = 0;from kiosk.cli import main; main()"
)
"""Our own kiosk, except that it says it speaks an older version."""


async def test_a_key_withdrawn_in_the_call(stack: Stack, agents: Browser, citizen: Citizen) -> None:
    agent = await Agent.arrive(stack, agents, "caf1")
    await citizen.calls("Question rapide")
    await agent.admits()
    await citizen.reaches("call")
    admin = await Office.arrive(stack, "admin")
    began = time.monotonic()
    await admin.post(f"/admin/kiosks/{stack.kiosk_id}/revoke")
    await agent.reaches("ended")
    await citizen.page.sees("Cette borne est fermée.")
    took = time.monotonic() - began
    lens.report("key withdrawn", engine=agents.engine, cut_s=round(took, 2))
    assert took <= CUT_WITHIN_S
    await agent.page.sees("Cette borne vient d’être retirée du service.")
    assert (await last_record(stack))["Fin, code"] == "revoked"
    await agent.page.close()

    # a new code makes it a kiosk again
    _, page = await admin.post(f"/admin/kiosks/{stack.kiosk_id}/code")
    await admin.close()
    code = re.search(r"kiosk enrol \S+ (?:&#34;|\")([^\"&]+)", page)
    assert code, page[-1500:]
    await stack.kiosk.stop()
    stack.kiosk.process = None
    await stack.command(stack.kiosk, "kiosk", "enrol", "--replace", stack.hub_url,
                        unescape(code[1]))  # fmt: skip
    await stack.start_kiosk()
    await citizen.reaches("home", within_s=15)


async def test_a_kiosk_that_is_too_old(stack: Stack, citizen: Citizen) -> None:
    command = stack.kiosk.command
    await stack.kiosk.stop()
    stack.kiosk.process = None
    stack.kiosk.command = [sys.executable, "-c", OLD, "run"]
    try:
        await stack.start_kiosk()
        await citizen.page.sees("Cette borne doit être mise à jour.", within_s=15)
    finally:
        await stack.kiosk.stop()
        stack.kiosk.process = None
        stack.kiosk.command = command
        await stack.start_kiosk()
    await citizen.reaches("home", within_s=15)
