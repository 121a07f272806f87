"""Serves the citizen's page on loopback: static files, view-models down, actions up, pictures.

Only 127.0.0.1 is listened on, only the page's own origin may connect (a page that DNS rebinding
points here has another Host and Origin), nothing may be stored. What is on its way to a page, and
how little a slow one gets, is in `page_link.py`.
"""

from __future__ import annotations

import asyncio
import errno
import json
import traceback
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from aiohttp import WSMsgType, web

from kiosk.errors import ScreenPortTakenError
from kiosk.rtc.decoding_screen import Decodable, Told
from kiosk.scene import Action, Do
from kiosk.screen.frames import CODECS, CODED, read_seen
from kiosk.screen.model import Model
from kiosk.screen.page_link import PageLink

log = structlog.get_logger(__name__)

STATIC = Path(__file__).parent / "static"
HOST = "127.0.0.1"
MAX_ACTION_OCTETS = 1024
UNREADABLE = (
    ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError,
)  # fmt: skip
"""What a page's text may raise that is no JSON, or says something else."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "connect-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
TYPES = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}


class ScreenServer:
    """The page and its WebSocket `/screen`."""

    def __init__(self, act: Callable[[Action], None], *, static: Path = STATIC) -> None:
        self._act = act
        self._static = static
        self._pages: set[PageLink] = set()
        self._told: Told | None = None
        self._model = "{}"
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen. `port` 0 takes any free one; `self.port` says which.

        Raises:
            ScreenPortTakenError: another program has it, or this user may not have it.
        """
        app = web.Application(middlewares=[self._guard], client_max_size=MAX_ACTION_OCTETS)
        app.router.add_get("/screen", self._screen)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/", self._file)
        app.router.add_get("/{path:.+}", self._file)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            why = "another program has it" if error.errno == errno.EADDRINUSE else "not allowed"
            raise ScreenPortTakenError(f"port {port}: {why}") from error
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Let the pages go; they reconnect when the agent is back."""
        for page in list(self._pages):
            await page.socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def show(self, model: Model) -> None:
        """A new view-model; pages get it if it differs from the last one."""
        text = json.dumps(model, ensure_ascii=False, separators=(",", ":"))
        if text == self._model:
            return
        self._model = text
        for page in self._pages:
            page.model = text
            page.wake.set()

    @property
    def watched(self) -> bool:
        """Whether a page is connected: without one, no picture need be packed."""
        return bool(self._pages)

    def push_picture(self, kind: int, picture: bytes) -> None:
        """A packed picture, `FAR` or `SELF`; it replaces one of its kind that was not sent yet."""
        for page in self._pages:
            page.pictures[kind] = picture
            page.wake.set()

    def decodes(self, codec: str) -> bool:
        """Whether the connected page decodes this one itself (SDP's name); of several, which would
        each tell of the same picture, none does."""
        return len(self._pages) == 1 and all(page.decodes(codec) for page in self._pages)

    def push_coded(self, picture: Decodable, told: Told) -> None:
        """The far picture, undecoded; `told` hears of it, and of those before it, later."""
        self._told = told
        for page in self._pages:
            if not page.put_coded(picture):
                asyncio.get_running_loop().call_soon(told, None)

    def drop_pictures(self) -> None:
        """Forget pictures that were not sent yet: the call is over."""
        self._told = None
        for page in self._pages:
            page.forget_pictures()

    # --- requests -----------------------------------------------------------------------------

    @web.middleware
    async def _guard(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        hosts = {f"{HOST}:{self.port}", f"localhost:{self.port}"}
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin not in {f"http://{host}" for host in hosts}
        if request.host not in hosts or foreign:
            return web.Response(status=403, text="Only this kiosk's own page.", headers=HEADERS)
        return await handler(request)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = self._static / request.match_info.get("path", "index.html")
        kind = TYPES.get(path.suffix)
        if kind is None or not self._holds(path):
            return web.Response(status=404, text="No such file.", headers=HEADERS)
        return web.FileResponse(path, headers={**HEADERS, "Content-Type": kind})

    def _holds(self, path: Path) -> bool:
        try:
            return self._static.resolve() in path.resolve().parents and path.is_file()
        except (OSError, ValueError):  # a name too long for the disk, or with a NUL
            return False

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "pages": len(self._pages)}, headers=HEADERS)

    async def _screen(self, request: web.Request) -> web.StreamResponse:
        if "Origin" not in request.headers:
            return web.Response(status=403, text="Only this kiosk's own page.", headers=HEADERS)
        # on loopback compression saves nothing, and each picture would wait for its thread
        socket = web.WebSocketResponse(
            max_msg_size=MAX_ACTION_OCTETS, heartbeat=10.0, compress=False
        )
        await socket.prepare(request)
        page = PageLink(socket)
        page.model = self._model
        page.wake.set()
        self._pages.add(page)
        sender = asyncio.create_task(page.send())
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._receive(page, frame.data)
        finally:
            self._pages.discard(page)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)
        return socket

    def _receive(self, page: PageLink, text: str) -> None:
        """`{"seen": 1}` frees a picture's place; what is nothing of the kind must be an action."""
        try:
            doing = self._read(page, json.loads(text))
        except UNREADABLE:
            log.warning("unreadable action of the page")
            return
        if doing is None:
            return
        try:
            doing()
        except Exception as error:  # noqa: BLE001 - a fault must not take the page from the citizen
            where = traceback.extract_tb(error.__traceback__)[-1]
            log.error(  # noqa: TRY400 - the error's text may quote what the citizen typed
                "action failed",
                error=type(error).__name__,
                at=f"{Path(where.filename).name}:{where.lineno}",
            )

    def _read(self, page: PageLink, wish: Any) -> Callable[[], None] | None:
        """What is to be done now that the page itself is noted; raises UNREADABLE."""
        if "seen" in wish:
            page.seen(wish["seen"])
            if wish["seen"] == CODED and len(wish) > 1 and self._told is not None:
                seen = read_seen(wish)
                if page.told(seen):
                    return partial(self._told, seen)
            return None
        if "decodes" in wish:
            page.claims = frozenset(wish["decodes"]) & CODECS.keys()
            return None
        return partial(self._act, Action(Do(wish["do"]), str(wish.get("value", ""))[:64]))
