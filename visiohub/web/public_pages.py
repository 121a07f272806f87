"""The pages on which citizens search, book and wait, without an account."""

from __future__ import annotations

from aiohttp import web

from signaling.session.rate_limit import AddressLimits
from visiohub.web.pages import book_online, near, own, waiting_list
from visiohub.web.public_form import SEARCH_LIMITS, SEARCHES


def setup(app: web.Application) -> None:
    """Mount them, with the limit on searches."""
    app[SEARCH_LIMITS] = AddressLimits(SEARCHES)
    for module in (near, book_online, own, waiting_list):
        app.add_routes(module.routes)
