"""Figures for Prometheus; nothing here names a person."""

from __future__ import annotations

import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from visiohub.web.line_metrics import LineCollector

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
CALL_STATES = ("waiting", "admitted", "negotiating", "connected", "interrupted")


class Metrics:
    """One registry an application, so that two hubs in one process (tests) do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "visiohub_request_seconds",
            "Time to answer, by route.",
            ["method", "route", "status"],
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.errors = Counter(
            "visiohub_unexpected_errors", "Answers with an incident id.", registry=self.registry
        )
        self.kiosks = Gauge("visiohub_kiosks_here", "Kiosks connected.", registry=self.registry)
        self.people = Gauge("visiohub_people_here", "Staff connected.", registry=self.registry)
        self.calls = Gauge("visiohub_calls", "Open calls.", ["state"], registry=self.registry)
        self.places = LineCollector()
        self.registry.register(self.places)

    def text(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self.registry)

    def set_calls(self, count: Callable[[str], int]) -> None:
        """Tell how many calls are in each state."""
        for state in CALL_STATES:
            self.calls.labels(state).set(count(state))


CONTENT_TYPE = CONTENT_TYPE_LATEST


def measured(metrics: Metrics) -> Middleware:
    """Middleware that times every request but WebSockets, which last for hours."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        response = await handler(request)
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unknown"
        if response.status != 101:
            metrics.requests.labels(request.method, route, str(response.status)).observe(
                time.perf_counter() - began
            )
        return response

    return middleware
