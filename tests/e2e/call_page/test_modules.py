"""The pure modules of the call page, tested by their own small tests inside a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from browsers import launch

from visiohub.web.render import TEMPLATES

HERE = Path(__file__).parent / "js"
MODULES = TEMPLATES.parent / "static" / "js" / "call"

pytestmark = pytest.mark.browser


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/", _blank)
    app.router.add_static("/tests", HERE)
    app.router.add_static("/modules", MODULES)
    server = TestServer(app)
    await server.start_server()
    yield str(server.make_url(""))
    await server.close()


async def _blank(_request: web.Request) -> web.Response:
    return web.Response(text="<title>tests</title>", content_type="text/html")


async def test_pure_modules(origin: str) -> None:
    files = sorted(path.name for path in HERE.glob("*.test.js"))
    async with launch("chromium") as browser:
        page = await browser.new_page()
        await page.open(origin)
        loads = " ".join(f"await import('/tests/{name}');" for name in files)
        outcome = await page.evaluate(
            f"(async () => {{ {loads} return (await import('/tests/harness.js')).run() }})()"
        )
    assert outcome["failed"] == []
    assert len(outcome["passed"]) >= 35


async def test_a_thin_line_gets_av1_in_mid_call(origin: str) -> None:
    async with launch("chromium") as browser:
        page = await browser.new_page()
        await page.open(origin)
        sent = "(async () => (await import('/tests/thin.js')).picturesSent(100000, 15000))()"
        (first, _), last = await page.evaluate(sent)
    assert first == "VP8"
    assert last == ["AV1", 180], "it holds the whole size where the other would be made smaller"
