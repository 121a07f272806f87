from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hub_world import NOW, World

from visiohub.booking import accounts, territory
from visiohub.booking.forms import PersonForm
from visiohub.booking.known_browsers import new_browser_token
from visiohub.domain.model import Person, Role
from visiohub.errors import (
    NotFound,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
    WrongSignIn,
)

ADDRESS = "192.0.2.7"


@pytest.fixture
def password(world: World) -> str:
    made: str = world.do(accounts.set_password, world.agent.id, world.admin, NOW)
    return made


def sign_in(
    world: World,
    login: str,
    password: str,
    minutes: int = 0,
    *,
    address: str = ADDRESS,
    browser: str = "",
) -> object:
    now = NOW + timedelta(minutes=minutes)
    return world.do(accounts.sign_in, login, password, address, now, browser)


def test_signs_in_with_the_password_alone(world: World, password: str) -> None:
    person = sign_in(world, " Agent ", password)
    assert getattr(person, "id", None) == world.agent.id
    for login, typed in (("agent", "wrong"), ("nobody", password), ("colleague", "!")):
        with pytest.raises(WrongSignIn):
            sign_in(world, login, typed)


def test_tries_are_limited_and_the_limit_ends(world: World, password: str) -> None:
    for _ in range(world.hub.settings.sign_in_tries_per_login):
        with pytest.raises(WrongSignIn):
            sign_in(world, "agent", "wrong")
    with pytest.raises(TooManyAttempts) as refused:
        sign_in(world, "agent", password)
    assert refused.value.retry_after_s == 15 * 60
    assert refused.value.params == {"minutes": 15}
    assert sign_in(world, "agent", password, minutes=16)


def test_who_guesses_shuts_out_nobody_elsewhere(world: World, password: str) -> None:
    settings = world.hub.settings
    for n in range(settings.sign_in_tries_per_login_everywhere):
        with pytest.raises(WrongSignIn):
            sign_in(world, "agent", "wrong", address=f"198.51.100.{n // 10}")
        if n == settings.sign_in_tries_per_login:
            assert sign_in(world, "agent", password)
    with pytest.raises(TooManyAttempts):  # a limit for the login itself stays
        sign_in(world, "agent", password)


def test_a_known_browser_has_its_own_tries(world: World, password: str) -> None:
    known = new_browser_token(world.see(lambda uow: uow.persons.get(world.agent.id)))
    for n in range(world.hub.settings.sign_in_tries_per_login_everywhere):
        with pytest.raises(WrongSignIn):
            sign_in(world, "agent", "wrong", address=f"198.51.100.{n // 10}")
    assert sign_in(world, "agent", password, browser=known)
    for _ in range(world.hub.settings.sign_in_tries_per_login):
        with pytest.raises(WrongSignIn):
            sign_in(world, "agent", "wrong", browser=known)
    with pytest.raises(TooManyAttempts):
        sign_in(world, "agent", password, browser=known)


@pytest.mark.parametrize("browser", ["", ".", "n.", "n.0", "é.\udce9", "another's", "outdated"])
def test_a_browser_is_known_by_its_token_alone(world: World, password: str, browser: str) -> None:
    kept = world.see(lambda uow: uow.persons.get(world.agent.id))
    if browser == "another's":
        browser = new_browser_token(world.colleague)
    if browser == "outdated":
        browser = new_browser_token(kept)
        password = world.do(accounts.set_password, world.agent.id, world.admin, NOW)
    for _ in range(world.hub.settings.sign_in_tries_per_login):
        with pytest.raises(WrongSignIn):
            sign_in(world, "agent", "wrong")
    with pytest.raises(TooManyAttempts):
        sign_in(world, "agent", password, browser=browser)


def test_an_address_that_tries_many_logins_is_limited(world: World, password: str) -> None:
    for n in range(world.hub.settings.sign_in_tries_per_address):
        with pytest.raises(WrongSignIn):
            sign_in(world, f"guess{n}", "wrong")
    with pytest.raises(TooManyAttempts):
        sign_in(world, "agent", password)


def test_a_try_counts_before_its_hash_and_success_gives_it_back(
    world: World, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guesses sent at once must not all pass before the first of them fails."""
    counted: list[int] = []
    matches = accounts.slow_match

    def watched(kept: str, typed: str) -> bool:
        counted.append(world.see(lambda uow: uow.attempts.count("sign_in_login", "agent", NOW)))
        return matches(kept, typed)

    monkeypatch.setattr(accounts, "slow_match", watched)
    with pytest.raises(WrongSignIn):
        sign_in(world, "agent", "wrong")
    sign_in(world, "agent", password)
    sign_in(world, "agent", password)
    assert counted == [1, 2, 2]
    assert world.see(lambda uow: uow.attempts.count("sign_in_address", ADDRESS, NOW)) == 1


def test_guesses_at_the_present_password_are_limited_like_sign_ins(
    world: World, password: str
) -> None:
    new = "une phrase assez longue"

    def change(current: str) -> None:
        world.do(accounts.change_password, world.agent.id, current, new, "none", ADDRESS, NOW)

    for _ in range(world.hub.settings.sign_in_tries_per_login):
        with pytest.raises(WrongPassword):
            change("wrong")
    with pytest.raises(TooManyAttempts):
        change(password)
    with pytest.raises(TooManyAttempts):
        sign_in(world, "agent", password)


def test_who_is_retired_while_the_hash_is_computed_is_nobody(
    world: World, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = accounts.slow_match

    def retired_meanwhile(kept: str, typed: str) -> bool:
        world.do(lambda uow: setattr(uow.persons.get(world.agent.id), "active", False))
        return matches(kept, typed)

    monkeypatch.setattr(accounts, "slow_match", retired_meanwhile)
    with pytest.raises(WrongSignIn):
        sign_in(world, "agent", password)


def test_a_session_lives_until_idle_expired_or_revoked(world: World) -> None:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)

    def found(after: timedelta) -> object:
        return world.see(accounts.find_session, opened.token, NOW + after)

    assert getattr(found(timedelta(seconds=5)), "touch_due", None) is False
    assert getattr(found(timedelta(minutes=2)), "touch_due", None) is True
    assert found(timedelta(minutes=120)) is None
    world.do(accounts.touch_session, opened.session.id, NOW + timedelta(minutes=100))
    assert found(timedelta(minutes=120)) is not None
    assert found(timedelta(hours=12)) is None
    world.do(accounts.revoke_session, opened.session.id, world.agent, NOW)
    assert found(timedelta(minutes=1)) is None
    assert not world.see(accounts.session_is_valid, opened.session.id, NOW)


def test_the_token_is_not_kept(world: World) -> None:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    kept = world.see(lambda uow: uow.sessions.get(opened.session.id))
    assert opened.token not in vars(kept).values()


def test_nobody_ends_another_persons_session(world: World) -> None:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    with pytest.raises(NotFound):
        world.do(accounts.revoke_session, opened.session.id, world.admin, NOW)


def test_a_new_password_ends_the_other_sessions(world: World, password: str) -> None:
    here = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    world.do(accounts.open_session, world.agent, "Chromium", NOW)
    new = "une phrase assez longue"

    def change(current: str, wanted: str) -> None:
        kept = here.session.id
        world.do(accounts.change_password, world.agent.id, current, wanted, kept, ADDRESS, NOW)

    with pytest.raises(WrongPassword):
        change("wrong", new)
    with pytest.raises(WeakPassword):
        change(password, "court")
    change(password, new)
    left = world.see(accounts.list_sessions, world.agent, NOW)
    assert [s.id for s in left] == [here.session.id]
    assert sign_in(world, "agent", new)


def test_a_retired_person_is_nobody(world: World, password: str) -> None:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    version = world.see(lambda uow: uow.persons.get(world.agent.id)).version
    world.do(territory.retire, Person, world.agent.id, version, world.admin, NOW)
    assert world.see(accounts.find_session, opened.token, NOW) is None
    with pytest.raises(WrongSignIn):
        sign_in(world, "agent", password)


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({"label": "Agent 2", "initials": "A. R.", "language": "en"}, False),
        ({"roles": frozenset({Role.AGENT, Role.TECHNICIAN})}, True),
        ({"partner_id": "other"}, True),
        ({"venue_ids": "here"}, True),
    ],
)
def test_a_change_of_rights_ends_the_sessions(
    world: World, changes: dict[str, Any], ends: bool
) -> None:
    opened = world.do(accounts.open_session, world.agent, "Firefox", NOW)
    kept = {name: getattr(world.agent, name) for name in PersonForm.model_fields}
    named = {"other": world.stranger.partner_id, "here": (world.venue.id,)}
    changes = {k: named.get(v, v) if isinstance(v, str) else v for k, v in changes.items()}
    form = PersonForm(**(kept | changes))
    world.do(territory.update, world.agent.id, form, 1, world.admin, NOW)
    assert (world.see(accounts.find_session, opened.token, NOW) is None) == ends


def test_the_language_is_kept(world: World) -> None:
    world.do(accounts.set_language, world.agent.id, "en")
    assert world.see(lambda uow: uow.persons.get(world.agent.id)).language == "en"
