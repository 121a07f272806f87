"""`python -m signaling`: the signaling server on its own, without the hub."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from aiohttp import web
from pydantic import ValidationError

from signaling.filed import FiledAuthoriser
from signaling.server import SignalingServer
from signaling.settings import SignalingSettings
from signaling.turn import IceSettings


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def serve(
    file: Annotated[
        Path,
        typer.Argument(
            help='JSON: {"kiosks": [{"kiosk_id", "public_key", "venue"}], '
            '"staff": [{"person_id", "token"}], "codes": ["48291357"]}'
        ),
    ],
    origin: Annotated[
        str, typer.Option(help="Scheme, host and port that kiosks connect to and sign.")
    ] = "http://127.0.0.1:8081",
    browser_origin: Annotated[
        list[str] | None, typer.Option(help="Origin of a staff page; repeat it. Default: --origin.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8081,
    stun: Annotated[list[str] | None, typer.Option(help="STUN URL; repeat it.")] = None,
    turn: Annotated[list[str] | None, typer.Option(help="TURN URL; repeat it.")] = None,
    turn_secret: Annotated[
        str,
        typer.Option(help="coturn's static-auth-secret.", envvar="SIGNALING_TURN_SECRET"),
    ] = "",
) -> None:
    """Serve calls between kiosks and staff listed in FILE: for a LAN, a trial, a bench.

    Nothing is kept: calls do not outlive the process. Staff are known by the token in the address
    of their WebSocket. For anything else use `visiohub serve`, which mounts the same server.
    """
    try:
        authoriser = FiledAuthoriser(file)
    except OSError as error:
        raise typer.BadParameter(f"{file}: {error.strerror}", param_hint="FILE") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise typer.BadParameter(f"{file}: {where}: {first['msg']}", param_hint="FILE") from None
    if turn and not turn_secret:
        raise typer.BadParameter("TURN servers need a secret", param_hint="--turn-secret")
    settings = SignalingSettings(
        hub_origin=origin,
        browser_origins=frozenset(browser_origin or [origin]),
        ice=IceSettings(stun_urls=stun or [], turn_urls=turn or [], turn_secret=turn_secret),
    )
    app = web.Application()
    app.router.add_get("/healthz", _healthz)
    SignalingServer(authoriser, settings).mount(app)
    web.run_app(app, host=host, port=port)


if __name__ == "__main__":
    typer.run(serve)
