"""Settings of what leaves the hub; docs/settings.md explains each one."""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode

from visiohub.notify.http import header_is_safe
from visiohub.notify.mail import is_address


def _address(value: str) -> str:
    if value and not is_address(value):
        raise ValueError(f"{value!r} is no address; write it like visio@example.fr")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if value and not fits:
        raise ValueError("is no web address; write it like https://example.fr/path")
    return value


def _template(value: str) -> str:
    try:
        body = json.loads(value)
    except ValueError:
        body = None
    if not isinstance(body, dict) or not all(part in value for part in ("{to}", "{text}")):
        example = '{"to": "{to}", "text": "{text}"}'
        raise ValueError(f"is no JSON object with {{to}} and {{text}}; write it like {example}")
    return value


def _listed(value: object) -> object:
    """A variable cannot hold a list: commas part its entries."""
    return [v.strip() for v in value.split(",") if v.strip()] if isinstance(value, str) else value


def _header(value: str) -> str:
    if not header_is_safe(value, "x"):
        raise ValueError(f"{value!r} is no name of a header; write it like Authorization")
    return value


Address = Annotated[str, AfterValidator(_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Security = Literal["none", "starttls", "tls"]


class MessageSettings(BaseSettings):
    """The part of the hub's settings that mails, SMS, webhooks and outside calendars need."""

    mail_host: str = ""
    mail_port: Annotated[int, Field(ge=1, le=65535)] = 587
    mail_security: Security = "starttls"
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_from: Address = ""
    mail_from_name: Annotated[str, Field(max_length=100)] = "Visio-rendez-vous"
    reminder_hours: Annotated[int, Field(ge=0, le=168)] = 24
    sms_url: WebAddress = ""
    sms_header: Annotated[str, AfterValidator(_header)] = "Authorization"
    sms_token: SecretStr = SecretStr("")
    sms_body: Annotated[str, AfterValidator(_template)] = '{"to": "{to}", "text": "{text}"}'
    private_hosts: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = ()
    outside_calendar_minutes: Annotated[int, Field(ge=5, le=1440)] = 30
    keep_messages_days: Annotated[int, Field(ge=1, le=365)] = 7

    @model_validator(mode="after")
    def _messages_agree(self) -> Self:
        if self.mail_host and not self.mail_from:
            says = "must be given when mail_host is: the address that mails come from"
            raise PydanticCustomError("disagree", "{says}", {"key": "mail_from", "says": says})
        if self.reminder_hours > 24 * self.keep_messages_days:
            says = "must last as long as reminder_hours: what was sent is known by it"
            key = "keep_messages_days"
            raise PydanticCustomError("disagree", "{says}", {"key": key, "says": says})
        return self
