from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hub_world import NOW, World

from visiohub.booking import enrolment
from visiohub.errors import BadPublicKey, EnrolmentRefused, NotFound, TooManyAttempts

ADDRESS = "192.0.2.7"
RAW = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
KEY = base64.urlsafe_b64encode(RAW).rstrip(b"=").decode()


def issue(world: World) -> str:
    code: str = world.do(enrolment.issue_code, world.kiosk.id, world.admin, NOW).code
    return code


def redeem(
    world: World, code: str, minutes: int = 1, key: str = KEY, address: str = ADDRESS
) -> str:
    now = NOW + timedelta(minutes=minutes)
    kiosk_id: str = world.do(enrolment.redeem, code, key, "kiosk 1.0", address, now)
    return kiosk_id


def test_a_code_makes_a_kiosk_once(world: World) -> None:
    code = issue(world)
    assert redeem(world, code.lower()) == world.kiosk.id
    kiosk = world.see(lambda uow: uow.kiosks.get(world.kiosk.id))
    assert (kiosk.public_key, kiosk.software) == (RAW, "kiosk 1.0")
    assert "kiosks" in world.topics
    with pytest.raises(EnrolmentRefused):
        redeem(world, code)


def test_a_guess_counts_before_its_hash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    matches = enrolment.slow_match

    def watched(kept: str, typed: str) -> bool:
        counted.append(world.see(lambda uow: uow.attempts.count("enrolment", ADDRESS, NOW)))
        return matches(kept, typed)

    monkeypatch.setattr(enrolment, "slow_match", watched)
    code = issue(world)
    with pytest.raises(EnrolmentRefused):
        redeem(world, "WRONG")
    redeem(world, code)
    assert counted == [1, 2]
    assert world.see(lambda uow: uow.attempts.count("enrolment", ADDRESS, NOW)) == 1


def test_a_code_ends_after_ten_minutes(world: World) -> None:
    with pytest.raises(EnrolmentRefused):
        redeem(world, issue(world), minutes=10)


def test_a_new_code_ends_the_one_before(world: World) -> None:
    first, second = issue(world), issue(world)
    with pytest.raises(EnrolmentRefused):
        redeem(world, first)
    assert redeem(world, second)


def test_a_code_for_nothing_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        world.do(enrolment.issue_code, "nowhere", world.admin, NOW)


@pytest.mark.parametrize("key", ["", "short", "é" * 43, "A" * 400])
def test_a_key_that_is_none_spends_no_code(world: World, key: str) -> None:
    code = issue(world)
    with pytest.raises(BadPublicKey) as refused:
        redeem(world, code, key=key)
    assert refused.value.field == "public_key"
    assert redeem(world, code)


def test_guesses_are_limited_per_address_and_in_all(world: World) -> None:
    code = issue(world)
    settings = world.hub.settings
    for _ in range(settings.enrolment_tries_per_address_per_hour):
        with pytest.raises(EnrolmentRefused):
            redeem(world, "BBBB BBBB")
    with pytest.raises(TooManyAttempts):
        redeem(world, code)
    addresses = settings.enrolment_tries_per_hour // settings.enrolment_tries_per_address_per_hour
    for n in range(1, addresses):
        for _ in range(settings.enrolment_tries_per_address_per_hour):
            with pytest.raises(EnrolmentRefused):
                redeem(world, "BBBB BBBB", address=f"192.0.2.{100 + n}")
    with pytest.raises(TooManyAttempts):
        redeem(world, code, address="192.0.2.99")


def test_a_revoked_kiosk_has_no_key_and_no_code(world: World) -> None:
    redeem(world, issue(world))
    code = issue(world)
    kiosk = world.do(enrolment.revoke_kiosk, world.kiosk.id, world.admin, NOW)
    assert kiosk.public_key is None
    with pytest.raises(EnrolmentRefused):
        redeem(world, code)
