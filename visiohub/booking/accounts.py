"""Sign-in, sessions and passwords."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from pydantic import SecretStr

from visiohub.booking.audit import note
from visiohub.booking.known_browsers import known_browser
from visiohub.booking.limits import (
    SIGN_IN_ADDRESS,
    SIGN_IN_BROWSER,
    SIGN_IN_LOGIN,
    SIGN_IN_LOGIN_AND_ADDRESS,
    count_try,
    require_below,
)
from visiohub.booking.secrets import (
    new_id,
    new_token,
    slow_hash,
    slow_match,
    token_hash,
)
from visiohub.booking.views import NewSession, SignedIn
from visiohub.domain.model import Attempt, Person, Session
from visiohub.errors import NotFound, WeakPassword, WrongPassword, WrongSignIn
from visiohub.storage.uow import UnitOfWork

TOUCH_EVERY = timedelta(minutes=1)
"""A session is written at most this often, not at each page."""
_PASSWORD_LETTERS = "abcdefghjkmnpqrtuvwxy2346789"  # noqa: S105 - an alphabet, not a password


def sign_in(
    uow: UnitOfWork, login: str, password: str, address: str, now: datetime, browser: str = ""
) -> Person:
    """Who this is; `browser` is the token that an earlier sign-in left there.

    Raises WrongSignIn, TooManyAttempts. An unknown login costs the same time as a wrong password.
    The write lock is not held while the hash is computed.
    """
    login = login.strip().lower()
    person = next(iter(uow.persons.list(login=login, active=True)), None)
    tries = _spend_try(uow, login, address, known_browser(person, browser), now)
    if not _password_is(uow, person, password):
        raise WrongSignIn
    fresh = uow.persons.fresh(person.id) if person else None
    if fresh is None or not fresh.active:  # retired while the hash was computed
        raise WrongSignIn
    _give_back(uow, tries)
    return fresh


def _spend_try(
    uow: UnitOfWork, login: str, address: str, known: str | None, now: datetime
) -> list[Attempt]:
    """One guess at this login's password. Raises TooManyAttempts.

    Whoever guesses uses up the tries of an own address, long before those of the login; and a
    browser that is known has its own, so that nobody shuts out whom an account belongs to.
    """
    s = uow.settings
    of_strangers = [
        (SIGN_IN_LOGIN_AND_ADDRESS, f"{address} {login}", s.sign_in_tries_per_login),
        (SIGN_IN_LOGIN, login, s.sign_in_tries_per_login_everywhere),
        (SIGN_IN_ADDRESS, address, s.sign_in_tries_per_address),
    ]
    limits = [(SIGN_IN_BROWSER, known, s.sign_in_tries_per_login)] if known else of_strangers
    window = timedelta(minutes=s.sign_in_window_minutes)
    for kind, key, most in limits:
        require_below(uow, kind, key, most, window, now)
    return [count_try(uow, kind, key, now) for kind, key, _ in limits]


def _password_is(uow: UnitOfWork, person: Person | None, typed: str) -> bool:
    """Commits first: the try is counted, and the write lock is not held for the hash."""
    uow.commit()
    return slow_match(person.password_hash if person else "", typed)


def _give_back(uow: UnitOfWork, tries: Iterable[Attempt]) -> None:
    for tried in tries:
        uow.attempts.remove(tried)


def open_session(uow: UnitOfWork, person: Person, browser: str, now: datetime) -> NewSession:
    """A new session; its token goes into the cookie and is not kept."""
    token = new_token()
    session = Session(
        id=new_id(),
        token_hash=token_hash(token),
        person_id=person.id,
        opened_at=now,
        seen_at=now,
        expires_at=now + timedelta(hours=uow.settings.session_hours),
        browser=browser[:200],
    )
    uow.sessions.add(session)
    return NewSession(session, token)


def find_session(uow: UnitOfWork, token: str, now: datetime) -> SignedIn | None:
    """Who the cookie stands for; None when unknown, expired, idle too long or revoked."""
    session = uow.sessions.by_token(token_hash(token))
    return _signed_in(uow, session, now)


def session_is_valid(uow: UnitOfWork, session_id: str, now: datetime) -> bool:
    """Does this session still work?"""
    return _signed_in(uow, uow.sessions.find(session_id), now) is not None


def _signed_in(uow: UnitOfWork, session: Session | None, now: datetime) -> SignedIn | None:
    idle = timedelta(minutes=uow.settings.session_idle_minutes)
    if session is None or session.revoked_at is not None:
        return None
    if now >= session.expires_at or now - session.seen_at >= idle:
        return None
    person = uow.persons.find(session.person_id)
    if person is None or not person.active:
        return None
    return SignedIn(person, session, touch_due=now - session.seen_at >= TOUCH_EVERY)


def touch_session(uow: UnitOfWork, session_id: str, now: datetime) -> None:
    """The session was used."""
    session = uow.sessions.find(session_id)
    if session is not None:
        session.seen_at = now


def revoke_session(uow: UnitOfWork, session_id: str, by: Person, now: datetime) -> None:
    """End one of one's own sessions. Raises NotFound for anybody else's."""
    session = uow.sessions.find(session_id)
    if session is None or session.person_id != by.id:
        raise NotFound(f"no session {session_id!r} of this person")
    if session.revoked_at is None:
        session.revoked_at = now


def end_sessions(
    uow: UnitOfWork, person_id: str, now: datetime, *, keep: str | None = None
) -> None:
    """End all of a person's sessions but one. The caller tells signaling."""
    for session in uow.sessions.open_of(person_id, now):
        if session.id != keep:
            session.revoked_at = now


def list_sessions(uow: UnitOfWork, person: Person, now: datetime) -> Sequence[Session]:
    """A person's sessions that still work, the latest first."""
    return uow.sessions.open_of(person.id, now)


def change_password(
    uow: UnitOfWork,
    person_id: str,
    current: str,
    new: str,
    keep_session: str,
    address: str,
    now: datetime,
) -> None:
    """Change one's own; all other sessions end.

    Guesses of the present one count as those at the sign-in. Raises WrongPassword, WeakPassword,
    TooManyAttempts.
    """
    person = uow.persons.get(person_id)
    _check_strength(uow, person, new)
    tries = _spend_try(uow, person.login, address, None, now)
    if not _password_is(uow, person, current):
        raise WrongPassword
    new_hash = slow_hash(new)
    _give_back(uow, tries)
    _replace_password(uow, person, new_hash, keep_session, now)
    note(uow, person, now, "person.change_password", person.id, {}, {})


def set_password(
    uow: UnitOfWork,
    person_id: str,
    by: Person | None,
    now: datetime,
    chosen: SecretStr | None = None,
) -> str:
    """Give somebody a new password, `chosen` or generated; all sessions end.

    It exists only in what is returned. Raises WeakPassword.
    """
    person = uow.persons.get(person_id)
    password = chosen.get_secret_value() if chosen else generated_password()
    _check_strength(uow, person, password)
    uow.commit()
    _replace_password(uow, person, slow_hash(password), None, now)
    note(uow, by, now, "person.set_password", person.id, {}, {})
    return password


def generated_password() -> str:
    """Four groups of four letters and digits: 77 bits, easily read out."""
    letters = [secrets.choice(_PASSWORD_LETTERS) for _ in range(16)]
    return "-".join("".join(letters[i : i + 4]) for i in range(0, 16, 4))


def _check_strength(uow: UnitOfWork, person: Person, password: str) -> None:
    minimum = uow.settings.password_min_length
    if len(password) < minimum or password.lower() == person.login:
        raise WeakPassword(f"shorter than {minimum} characters, or the login", minimum=minimum)


def _replace_password(
    uow: UnitOfWork, person: Person, new_hash: str, keep_session: str | None, now: datetime
) -> None:
    person.password_hash = new_hash
    person.version += 1
    end_sessions(uow, person.id, now, keep=keep_session)


def set_language(uow: UnitOfWork, person_id: str, language: str) -> None:
    """The language of this person's pages: "fr" or "en"."""
    person = uow.persons.get(person_id)
    person.language = "en" if language == "en" else "fr"
