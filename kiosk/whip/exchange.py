"""Offer for answer over HTTP, and the goodbye (RFC 9725)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from urllib.parse import urljoin

import aiohttp

from kiosk.errors import KioskError

_WITHIN_S = 10.0
_GOODBYE_WITHIN_S = 2.0
_LONGEST_ANSWER = 65_536
"""Octets; a description of sound and picture has 3,000 to 6,000."""
_LONGEST_REASON = 120


class EndpointError(KioskError):
    """The endpoint refused, or answered what is no answer."""

    code = "endpoint_refused"


@contextlib.asynccontextmanager
async def exchanged(url: str, offer: str) -> AsyncIterator[str]:
    """POST the offer, give the answer; at the end DELETE what the 201 names as `Location`.

    Raises:
        EndpointError: there is no answer, or none that is one.
    """
    async with aiohttp.ClientSession() as http:
        response, body = await _post(http, url, offer)
        try:
            yield _answer(url, response, body)
        finally:
            await _say_goodbye(http, response)


async def _post(
    http: aiohttp.ClientSession, url: str, offer: str
) -> tuple[aiohttp.ClientResponse, str]:
    """What came back, with its body (§4.2); 307 and 308 are followed by aiohttp."""
    try:
        async with http.post(
            url,
            data=offer.encode(),
            headers={"Content-Type": "application/sdp", "Accept": "application/sdp"},
            timeout=aiohttp.ClientTimeout(total=_WITHIN_S),
        ) as response:
            return response, await _whole(response)
    except TimeoutError as error:
        raise EndpointError(f"{url} did not answer within {_WITHIN_S:.0f} s") from error
    except aiohttp.ClientError as error:
        raise EndpointError(
            f"{url} cannot be reached: {_reason(error)}. Check the address and its "
            "port, and that the endpoint is running"
        ) from error


async def _whole(response: aiohttp.ClientResponse) -> str:
    """The body in however many pieces it comes; of a longer one than any answer not the rest."""
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > _LONGEST_ANSWER:
            break
    return body.decode("utf-8", "replace")


def _answer(url: str, response: aiohttp.ClientResponse, body: str) -> str:
    if response.status != 201:
        raise EndpointError(_refusal(url, response, body))
    if response.content_type != "application/sdp":
        raise EndpointError(f"{url} answered {response.content_type}, not application/sdp")
    if len(body) > _LONGEST_ANSWER:
        raise EndpointError(
            f"{url} answered with more than {_LONGEST_ANSWER // 1024} kB. That is no "
            "session description: check the whole address, its path too"
        )
    return body


async def _say_goodbye(http: aiohttp.ClientSession, response: aiohttp.ClientResponse) -> None:
    location = response.headers.get("Location")
    if response.status != 201 or location is None:
        return
    limit = aiohttp.ClientTimeout(total=_GOODBYE_WITHIN_S)
    # ValueError: the location is no address
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
        async with http.delete(urljoin(str(response.url), location), timeout=limit):
            pass


def _reason(error: aiohttp.ClientError) -> str:
    """The system's words, without aiohttp's dump of the connection."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)


def _refusal(url: str, response: aiohttp.ClientResponse, body: str) -> str:
    """What its status means (§4), its own words if they are short, and what to do."""
    match response.status:
        case 401 | 403:
            means = "It lets nobody in without a token. Ask for an endpoint that is open to you."
        case 406 | 422:
            means = "It cannot take this offer. Try another --codec."
        case 429 | 503:
            means = f"It is busy. Try again in {response.headers.get('Retry-After', '10')} s."
        case status if status >= 500:
            means = "It has a fault of its own. Look at its log."
        case _:
            means = "It is no WHIP endpoint. Check the whole address, its path too."
    words = " ".join(body.split()) if response.content_type == "text/plain" else ""
    reason = f" ({words[:_LONGEST_REASON]})" if words else ""
    return f"{url} answered {response.status}, not 201{reason}. {means}"
