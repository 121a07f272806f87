"""REST API."""

from aiohttp import web

routes = web.RouteTableDef()
