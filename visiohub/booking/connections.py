"""Feeds, keys of the API and webhooks are made and revoked. Each secret exists once in what is
returned; of those that come back to the hub, a hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from visiohub.booking.announce import LINE_ALERTS
from visiohub.booking.audit import note
from visiohub.booking.forms import Form, Id, Short
from visiohub.booking.rooms.scope import manages
from visiohub.booking.secrets import new_id, new_token, token_hash
from visiohub.domain.connections import ApiKey, Feed, FeedKind, Webhook
from visiohub.domain.model import Person
from visiohub.errors import N_, FieldError, InvalidForm, NotAllowed, NotFound
from visiohub.notify.http import is_plain
from visiohub.notify.message import DeadLetter
from visiohub.notify.webhook import secret_of
from visiohub.storage.uow import UnitOfWork

KEY_PREFIX = "vh_"
"""Says what a key that is found somewhere is."""
TOUCHED_AFTER = timedelta(minutes=5)
EVENTS = ("appointment", "booking", LINE_ALERTS)
"""First words of the audit trail's actions, and of lines' alerts, that a webhook may ask for."""


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = bool(parts.hostname) and parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not is_plain(value):
        raise PydanticCustomError("web_address", "not a web address")
    return value


class KeyForm(Form):
    """A key: what it is called, in whose name it asks, what for."""

    name: Short
    person_id: Id
    scopes: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z_-]{1,40}:(read|write)$")], ...],
        Field(min_length=1, max_length=50),
    ]


class WebhookForm(Form):
    """Where to, and what of."""

    url: Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
    events: Annotated[
        tuple[Annotated[str, Field(pattern=f"^({'|'.join(EVENTS)})$")], ...], Field(min_length=1)
    ]


@dataclass(frozen=True)
class Made:
    """`secret` exists only here."""

    id: str
    secret: str


def make_feed(uow: UnitOfWork, kind: FeedKind, subject_id: str, by: Person, now: datetime) -> Made:
    """One's own calendar, or that of a room or venue that one manages. Raises NotAllowed,
    NotFound."""
    if not may_read(uow, kind, subject_id, by):
        raise NotAllowed(f"{by.id} may not read the calendar of {kind} {subject_id!r}")
    token = new_token()
    feed = Feed(new_id(), token_hash(token), kind, subject_id, by.id, now)
    uow.feeds.add(feed)
    note(uow, by, now, "feed.create", feed.id, {}, {"kind": str(kind), "subject": subject_id})
    return Made(feed.id, token)


def may_read(uow: UnitOfWork, kind: FeedKind, subject_id: str, person: Person) -> bool:
    """Whether this calendar is the person's to read. Raises NotFound."""
    match kind:
        case FeedKind.PERSON:
            return subject_id == person.id
        case FeedKind.ROOM:
            return manages(person, uow.rooms.get(subject_id).venue_id)
        case FeedKind.VENUE:
            return manages(person, uow.venues.get(subject_id).id)


def own_feeds(uow: UnitOfWork, by: Person) -> list[Feed]:
    """Those that still open, the oldest first."""
    return sorted(uow.feeds.list(person_id=by.id, revoked_at=None), key=lambda f: f.created_at)


def revoke_feed(uow: UnitOfWork, feed_id: str, by: Person, now: datetime) -> None:
    """Its address opens nothing any more. Raises NotFound: it is none of one's own."""
    feed = uow.feeds.get(feed_id)
    if feed.person_id != by.id or feed.revoked_at is not None:
        raise NotFound(f"no open feed {feed_id!r} of {by.id}")
    feed.revoked_at = now
    note(uow, by, now, "feed.revoke", feed.id, {}, {})


def make_key(uow: UnitOfWork, form: KeyForm, by: Person, now: datetime) -> Made:
    """A key that opens the API as its person, within its scopes. Raises InvalidForm."""
    person = uow.persons.find(form.person_id)
    if person is None or not person.active:
        says = N_("Ce compte n’existe plus. Choisissez dans la liste.")
        raise InvalidForm([FieldError("person_id", "unknown_reference", says)])
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    scopes = tuple(sorted(set(form.scopes)))
    key = ApiKey(new_id(), form.name, token_hash(secret), person.id, scopes, now)
    uow.api_keys.add(key)
    facts: dict[str, object] = {"name": key.name, "person_id": person.id, "scopes": list(scopes)}
    note(uow, by, now, "api_key.create", key.id, {}, facts)
    return Made(key.id, secret)


def revoke_key(uow: UnitOfWork, key_id: str, by: Person, now: datetime) -> None:
    """It opens nothing any more. Raises NotFound."""
    key = uow.api_keys.get(key_id)
    if key.revoked_at is None:
        key.revoked_at = now
        note(uow, by, now, "api_key.revoke", key.id, {}, {})


@dataclass(frozen=True)
class Holder:
    """In whose name a key asks, and for what."""

    key_id: str
    person: Person
    scopes: frozenset[str]
    touch_due: bool
    """Time to call `touch_key`."""


def key_holder(uow: UnitOfWork, secret: str, now: datetime) -> Holder | None:
    """None: it opens nothing, or its person no longer signs in."""
    if not secret.startswith(KEY_PREFIX):
        return None
    key = uow.api_keys.by_token(token_hash(secret))
    person = uow.persons.find(key.person_id) if key else None
    if key is None or person is None or not person.active:
        return None
    due = key.last_used_at is None or now - key.last_used_at > TOUCHED_AFTER
    return Holder(key.id, person, frozenset(key.scopes), due)


def touch_key(uow: UnitOfWork, key_id: str, now: datetime) -> None:
    """It was used."""
    key = uow.api_keys.find(key_id)
    if key is not None:
        key.last_used_at = now


def make_webhook(uow: UnitOfWork, form: WebhookForm, by: Person, now: datetime) -> Made:
    """Tell this address from now on. Raises InvalidForm: it would not be asked."""
    parts = urlsplit(form.url)
    if parts.scheme != "https" and parts.hostname not in uow.settings.private_hosts:
        says = N_("Cette adresse n’est pas protégée. Donnez celle qui commence par https://.")
        raise InvalidForm([FieldError("url", "not_https", says)])
    secret = secret_of(secrets.token_bytes(32))
    hook = Webhook(new_id(), form.url, secret, tuple(sorted(set(form.events))), now)
    uow.webhooks.add(hook)
    note(
        uow, by, now, "webhook.create", hook.id, {}, {"url": hook.url, "events": list(hook.events)}
    )
    return Made(hook.id, secret)


def remove_webhook(uow: UnitOfWork, webhook_id: str, by: Person, now: datetime) -> None:
    """It is told nothing any more. Raises NotFound."""
    hook = uow.webhooks.get(webhook_id)
    uow.webhooks.remove(hook)
    note(uow, by, now, "webhook.remove", hook.id, {"url": hook.url}, {})


@dataclass(frozen=True)
class Connections:
    """What the page shows; keys with whom they ask for."""

    keys: Sequence[tuple[ApiKey, Person]]
    webhooks: Sequence[Webhook]
    dead: Sequence[DeadLetter]


def connections(uow: UnitOfWork) -> Connections:
    """All of it."""
    keys = uow.api_keys.list(revoked_at=None)
    people = uow.persons.by_ids([key.person_id for key in keys])
    return Connections(
        [(key, people[key.person_id]) for key in keys],
        sorted(uow.webhooks.list(), key=lambda hook: hook.created_at),
        uow.outbox.dead(),
    )


def retry_message(uow: UnitOfWork, message_id: str, by: Person, now: datetime) -> None:
    """Try a message that was given up again. Raises NotFound."""
    if not uow.outbox.revive(message_id, now):
        raise NotFound(f"no message {message_id!r} was given up")
    note(uow, by, now, "message.retry", message_id, {}, {})
