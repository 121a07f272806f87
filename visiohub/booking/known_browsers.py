"""Browsers in which somebody has signed in before: strangers' guesses do not shut them out.

Their token is a nonce with its HMAC under the person's password hash, so that the hub keeps
nothing and a new password ends all of them (after OWASP's "Slow Down Online Guessing Attacks with
Device Cookies"). It opens nothing: it only has tries of its own.
"""

from __future__ import annotations

import hashlib
import hmac

from visiohub.booking.secrets import new_token
from visiohub.domain.model import Person

KEPT_DAYS = 180
"""How long a browser that is not used stays known."""


def new_browser_token(person: Person) -> str:
    """What a browser gets at a sign-in."""
    nonce = new_token()
    return f"{nonce}.{_mac(person, nonce)}"


def known_browser(person: Person | None, token: str) -> str | None:
    """The nonce of a token that this person got; None: of somebody else, invented, outdated."""
    nonce, _, mac = token.partition(".")
    if person is None or not hmac.compare_digest(_octets(mac), _octets(_mac(person, nonce))):
        return None
    return nonce


def _mac(person: Person, nonce: str) -> str:
    text = f"known browser {person.id} {nonce}"
    return hmac.new(person.password_hash.encode(), _octets(text), hashlib.sha256).hexdigest()


def _octets(text: str) -> bytes:
    """Strangers send what is no text, too."""
    return text.encode("utf-8", "surrogatepass")
