"""Pages of rooms to be booked: choose and book, one's own, statements; accounts, prices, rules."""

from __future__ import annotations

from visiohub.web.pages.rooms import (
    accounts,
    new,
    own,
    own_move,
    prices,
    rules,
    school_holidays,
    statements,
    visio,
)

routes = [
    route
    for module in (new, own, own_move, statements, accounts, prices, rules, school_holidays, visio)
    for route in module.routes
]
"""What make_app mounts; in each module .../new comes before .../{id}."""
