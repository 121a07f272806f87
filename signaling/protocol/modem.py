"""How a kiosk may read its venue's modem. Section numbers are PROTOCOL.md's."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from signaling.protocol.cards import Card

SNMP_PORT = 161
LEAST_KEY = 8
"""Characters of a key of SNMPv3 (RFC 3414 §11.2)."""

Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$")]
Secret = Annotated[str, Field(max_length=64, repr=False)]


class SnmpV2(Card):
    """A community (RFC 1901): everybody on the venue's network can read it along."""

    version: Literal["2c"] = "2c"
    community: Annotated[str, Field(min_length=1, max_length=64, repr=False)]


class SnmpV3(Card):
    """A user of the User-based Security Model (RFC 3414); an empty key: without that protection."""

    version: Literal["3"] = "3"
    user: Annotated[str, Field(min_length=1, max_length=32)]
    authentication: Literal["md5", "sha", "sha256"] = "sha"
    authentication_key: Secret = ""
    privacy: Literal["des", "aes"] = "aes"
    privacy_key: Secret = ""

    @model_validator(mode="after")
    def _keys(self) -> Self:
        for key in (self.authentication_key, self.privacy_key):
            if key and len(key) < LEAST_KEY:
                raise ValueError(f"a key has {LEAST_KEY} characters at least")
        if self.privacy_key and not self.authentication_key:
            raise ValueError("privacy needs authentication (RFC 3411 §3.4.3)")
        return self


class ModemAccess(Card):
    """Where the modem is on the venue's network, and how it is asked."""

    host: Host
    port: Annotated[int, Field(ge=1, le=65_535)] = SNMP_PORT
    how: Annotated[SnmpV2 | SnmpV3, Field(discriminator="version")]
