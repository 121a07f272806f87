"""What handlers find on the application and on the request."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv6Address, IPv6Network, ip_address

from aiohttp import web

from signaling.server import SignalingServer
from visiohub.booking.views import SignedIn
from visiohub.bootstrap import Hub
from visiohub.domain.model import Person
from visiohub.web.metrics import Metrics
from visiohub.web.statics import StaticTree

HUB = web.AppKey("hub", Hub)
SIGNALING = web.AppKey("signaling", SignalingServer)
STATICS = web.AppKey("statics", StaticTree)
METRICS = web.AppKey("metrics", Metrics)
SIGNED_IN = web.RequestKey("signed_in", SignedIn)
KEY_PERSON = web.RequestKey("key_person", Person)


def signed_in(request: web.Request) -> SignedIn:
    """Who asks, and by which session; only on routes that are not open to everybody."""
    found: SignedIn | None = request.get(SIGNED_IN)
    if found is None:
        raise web.HTTPUnauthorized
    return found


def person_of(request: web.Request) -> Person | None:
    """Who asks, if anybody is signed in or shows a key of the API."""
    by_key: Person | None = request.get(KEY_PERSON)
    found: SignedIn | None = request.get(SIGNED_IN)
    if by_key is not None:
        return by_key
    return found.person if found else None


def staff(request: web.Request) -> Person:
    """Who asks; only on routes that are not open to everybody."""
    return person_of(request) or signed_in(request).person


IPV6_SITE = 64
"""Bits of an IPv6 address that one customer cannot choose (RFC 6177 §2)."""


def address_of(request: web.Request) -> str:
    """Whom limits by address count: the peer, or behind a trusted proxy what the proxy says
    (X-Forwarded-For, RFC 7239's older cousin). IPv6 by network: one peer has 2^64 addresses."""
    remote = request.remote or ""
    if _same_address(remote, request.app[HUB].settings.trusted_proxies):
        # The proxy appends the address it saw, here or as a line of its own; what stands before
        # it the peer may have invented.
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", ()))
        return _site_of(forwarded.rsplit(",", 1)[-1].strip()) or _site_of(remote)
    return _site_of(remote)


def _same_address(remote: str, trusted: Collection[str]) -> bool:
    return _site_of(remote, bits=128) in {_site_of(one, bits=128) for one in trusted}


def _site_of(text: str, bits: int = IPV6_SITE) -> str:
    """The address in its one form, IPv6 as its network; empty for what is no address."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Network((address, bits), strict=False))
    return str(address)
