"""One HTTP request to a stranger's server, bounded in time and size, and never to our own network.

The name is looked up once, its addresses are judged, and the connection goes to the judged
address: a name that changes in between (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import urlsplit

from visiohub.notify.failures import HttpError

_NAT64 = IPv6Network("64:ff9b::/96")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True)
class Answer:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Limits:
    """`private_hosts` may be in our own network, and may be asked without TLS."""

    seconds: float
    most_bytes: int
    private_hosts: Collection[str] = ()


def ask(
    method: str, url: str, limits: Limits, headers: Mapping[str, str], body: bytes | None = None
) -> Answer:
    """The answer, whatever its status; redirections are not followed. Raises HttpError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise HttpError("address_refused", f"no address: {error}") from error
    trusted = host in limits.private_hosts
    if parts.scheme != "https" and not (trusted and parts.scheme == "http"):
        raise HttpError("address_refused", "only https is asked")
    if not host or parts.username is not None or not is_plain(url):
        raise HttpError("address_refused", "no plain address")
    port = port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port, timeout=limits.seconds)
    plain = _connected(host, port, limits, trusted=trusted)
    late = []

    def cut() -> None:
        late.append(True)
        _end(plain)

    timer = Timer(limits.seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        connection.sock = plain
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=host)
        connection.request(method, target, body, dict(headers))
        with connection.getresponse() as response:
            content = response.read(limits.most_bytes + 1)
        if late:  # a body without a length ends like a whole one
            raise TimeoutError
        if len(content) > limits.most_bytes:
            raise HttpError("too_large", f"more than {limits.most_bytes} bytes")
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, content)
    except (OSError, http.client.HTTPException) as error:
        if late or isinstance(error, TimeoutError):
            raise HttpError("too_slow", f"no answer in {limits.seconds} s") from error
        raise HttpError("unreachable", f"{host}: {error or type(error).__name__}") from error
    finally:
        timer.cancel()
        connection.close()
        plain.close()


def _end(sock: socket.socket) -> None:
    """End what waits on the socket; it may have ended by itself."""
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def header_is_safe(name: str, value: str) -> bool:
    """Whether it is one header, and no two."""
    return bool(_TOKEN.fullmatch(name)) and is_plain(value.replace(" ", ""))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is somewhere in the internet, also when it is wrapped into IPv6."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo is not None:
            return False
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast


def _connected(host: str, port: int, limits: Limits, *, trusted: bool) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HttpError("unreachable", f"no address of {host}") from error
    addresses = [ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    if not trusted and not all(map(is_public, addresses)):
        raise HttpError("address_refused", f"{host} is in a private network")
    try:
        return socket.create_connection((str(addresses[0]), port), timeout=limits.seconds)
    except TimeoutError as error:
        raise HttpError("too_slow", f"no answer in {limits.seconds} s") from error
    except OSError as error:
        raise HttpError("unreachable", f"{host}: {error}") from error


def is_plain(value: str) -> bool:
    """Printable ASCII without spaces, as an address is."""
    return value.isascii() and value.isprintable() and " " not in value
