"""Who this kiosk is: an Ed25519 key made here, of which the hub keeps the public half."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import math
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import aiohttp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.errors import (
    AlreadyEnrolledError,
    EnrolmentRefusedError,
    HubBusyError,
    HubNotTrustedError,
    HubUnreachableError,
    KeyNotKeptError,
    KeyUnreadableError,
    NotAHubError,
    NotEnrolledError,
)
from signaling.protocol.messages import proof_text

FILE_NAME = "identity.json"
ENROLMENT_PATH = "/api/v1/enrolments"
ANSWER_WITHIN_S = 15.0
ROOM_OCTETS = 4096
"""More than an identity takes: what a full disk cannot hold is found before the code is spent."""
_ADDRESS = re.compile(r"^https?://([^/\s:@?#]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$")


@dataclass(frozen=True)
class Identity:
    """An enrolled kiosk. Proofs are bound to `hub_origin`, the hub's own name of itself."""

    kiosk_id: str
    hub_origin: str
    key: Ed25519PrivateKey

    def sign(self, nonce: str) -> str:
        """The proof for one challenge, base64url without padding (PROTOCOL.md §3.2)."""
        return _b64(self.key.sign(proof_text(self.hub_origin, self.kiosk_id, nonce)))


def load(state_dir: Path) -> Identity:
    """The identity of this PC.

    Raises:
        NotEnrolledError: there is none.
        KeyUnreadableError: there is one, damaged or not ours to read.
    """
    path = state_dir / FILE_NAME
    try:
        content = json.loads(path.read_text(encoding="ascii"))
        raw = base64.urlsafe_b64decode(content["private_key"] + "=")
        return Identity(
            kiosk_id=str(content["kiosk_id"]),
            hub_origin=str(content["hub_origin"]),
            key=Ed25519PrivateKey.from_private_bytes(raw),
        )
    except FileNotFoundError:
        raise NotEnrolledError(f"no key in {state_dir}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyUnreadableError(f"{path}: {type(error).__name__}") from error


def hub_address(text: str) -> str:
    """An address as somebody types it, as an origin; without a scheme https, on this PC http.

    Raises:
        NotAHubError: it cannot be an address.
    """
    text = text.strip().rstrip("/")
    if "://" not in text:
        on_this_pc = text.split(":")[0] in {"127.0.0.1", "localhost"}
        text = f"{'http' if on_this_pc else 'https'}://{text}"
    if not _ADDRESS.match(text):
        raise NotAHubError(f"{text!r} is no address")
    return text


def enrol(hub: str, code: str, state_dir: Path, software: str, *, replace: bool) -> Identity:
    """Make a key, have the hub know it by a one-time code, keep it in `state_dir` (mode 0600).

    The state directory is tried, and room in it taken, before the code is spent.

    Raises:
        AlreadyEnrolledError: there is a key and `replace` is False.
        EnrolmentRefusedError, HubBusyError, HubNotTrustedError, HubUnreachableError,
        NotAHubError: the hub's side.
        OSError: the state directory cannot be written; the code is not spent.
        KeyNotKeptError: it could be before, and cannot be now; the code is spent.
    """
    address = hub_address(hub)
    path = state_dir / FILE_NAME
    if path.exists() and not replace:
        raise AlreadyEnrolledError(f"there is a key in {state_dir}")
    state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=state_dir, prefix=".identity-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as writer:
            _write(writer, " " * ROOM_OCTETS)
            _sync_directory(state_dir)
            key = Ed25519PrivateKey.generate()
            answer = asyncio.run(_ask_hub(address, code, key, software))
            kept = {
                "kiosk_id": answer["kiosk_id"],
                "hub_origin": answer.get("hub_origin") or address,
                "private_key": _b64(key.private_bytes_raw()),
            }
            try:
                _write(writer, json.dumps(kept))
                Path(name).replace(path)
            except OSError as error:
                raise KeyNotKeptError(f"{state_dir}: {error.strerror}") from error
    finally:
        Path(name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # the key is in place: the enrolment is no failure any more
        _sync_directory(state_dir)
    return Identity(kept["kiosk_id"], kept["hub_origin"], key)


async def _ask_hub(
    address: str, code: str, key: Ed25519PrivateKey, software: str
) -> dict[str, str]:
    question = {
        "code": code,
        "public_key": _b64(key.public_key().public_bytes_raw()),
        "software": software,
    }
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            # a POST that follows a redirect becomes a GET, and its answer misleads
            session.post(
                address + ENROLMENT_PATH, json=question, allow_redirects=False
            ) as response,
        ):
            return _read_answer(address, response, await _json(response))
    except aiohttp.ClientConnectorCertificateError as error:
        why = getattr(error.certificate_error, "verify_message", "") or "not valid"
        raise HubNotTrustedError(f"{address}: {why}") from error
    except aiohttp.ClientSSLError as error:
        raise HubNotTrustedError(f"{address}: no TLS at this port") from error
    except aiohttp.ClientConnectorDNSError as error:
        raise HubUnreachableError(f"{address}: no such name") from error
    except TimeoutError as error:
        raise HubUnreachableError(f"{address}: nothing within {ANSWER_WITHIN_S:g} s") from error
    except aiohttp.ClientConnectorError as error:
        why = os.strerror(error.errno) if error.errno else "no connection"
        raise HubUnreachableError(f"{address}: {why}") from error
    except aiohttp.ClientError as error:
        raise HubUnreachableError(f"{address}: {type(error).__name__}") from error


def _read_answer(
    address: str, response: aiohttp.ClientResponse, answer: dict[str, Any]
) -> dict[str, str]:
    """What the hub tells its new kiosk; a proxy before it may answer in its place."""
    status, code = response.status, answer.get("code")
    if status == 201 and isinstance(answer.get("kiosk_id"), str):
        return {k: v for k, v in answer.items() if isinstance(v, str)}
    if 300 <= status < 400:
        raise NotAHubError(f"{address} sends on to {response.headers.get('Location', 'nowhere')}")
    if status == 429:
        raise HubBusyError(_wait_in_words(response.headers.get("Retry-After", "")))
    if status >= 500:
        raise HubUnreachableError(f"{address}: {status} {response.reason}")
    if status in {404, 405} or not isinstance(code, str):
        raise NotAHubError(f"{address} answered {status}")
    raise EnrolmentRefusedError(str(answer.get("detail", "")), code=code)


def _wait_in_words(retry_after: str) -> str:
    """Retry-After in seconds (RFC 9110 §10.2.3); a date or nothing means a minute."""
    seconds = int(retry_after) if retry_after.isdecimal() and len(retry_after) < 7 else 60
    return f"{seconds} s" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        answer = await response.json(content_type=None)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _write(writer: TextIO, text: str) -> None:
    """Make the file hold this, also after a power cut."""
    writer.seek(0)
    writer.write(text)
    writer.truncate()
    writer.flush()
    os.fsync(writer.fileno())


def _sync_directory(path: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
