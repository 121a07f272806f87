"""How a modem is read: secrets sealed, kept, renewed, told to the kiosk alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hub_world import NOW, World, build
from pydantic import SecretStr, ValidationError

from signaling.protocol.line_cards import ModemCard, ModemTroubleCard
from signaling.protocol.modem import SnmpV2, SnmpV3
from visiohub.booking.lines.modems import (
    ModemForm,
    access_of,
    forget_access,
    reseal,
    write_access,
)
from visiohub.booking.lines.probing import plan_of
from visiohub.booking.lines.refusals import NoEncryptionKey
from visiohub.booking.lines.results import keep_results
from visiohub.booking.lines.sealing import seal, unseal
from visiohub.bootstrap import Hub
from visiohub.errors import EditedMeanwhile, InvalidForm, SettingsError
from visiohub.settings import Settings, load


def key(number: int) -> str:
    return base64.urlsafe_b64encode(bytes([number]) * 32).decode()


SECRET = "the-community-of-it"
V3 = {
    "host": "192.168.1.1", "snmp": "3", "user": "visio",
    "authentication_key": "authentication-of-it", "privacy_key": "privacy-of-it",
}  # fmt: skip


def hub_with(folder: Path, *keys: str) -> Hub:
    return Hub(Settings(data_dir=folder, encryption_keys=SecretStr(",".join(keys))), lambda: NOW)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    hub = hub_with(tmp_path, key(1))
    with hub.uow() as uow:
        world = build(hub, uow)
        uow.commit()
    yield world
    hub.close()


def line_of(world: World) -> str:
    line_id: str = world.see(lambda uow: uow.lines.of_venue(world.venue.id).id)
    return line_id


def write(world: World, version: int = 0, **fields: Any) -> Any:
    form = ModemForm(**{"host": "192.168.1.1", "community": SECRET} | fields)
    return world.do(write_access, line_of(world), form, version, world.admin, NOW)


def wrong(world: World, version: int = 0, **fields: Any) -> set[str]:
    with pytest.raises(InvalidForm) as refused:
        write(world, version, **fields)
    return {error.field for error in refused.value.errors}


def test_the_kiosk_is_told_and_the_database_holds_no_secret(world: World, tmp_path: Path) -> None:
    write(world)
    plan = world.see(plan_of, world.kiosk.id, NOW)
    assert plan.modem.how == SnmpV2(community=SECRET)
    kept = world.see(lambda uow: uow.linkquality.modems.get(line_of(world)))
    assert SECRET not in repr(kept)
    world.hub.close()
    for file in tmp_path.iterdir():
        assert SECRET.encode() not in file.read_bytes()


def test_the_trail_says_who_and_where_and_no_secret(world: World) -> None:
    write(world, **V3)
    write(world, 1, host="192.168.1.254", snmp="2c")
    trail = world.see(lambda uow: uow.audit.list(action="line.modem"))
    assert [entry.person_id for entry in trail] == [world.admin.id] * 2
    assert {entry.after["host"] for entry in trail} == {"192.168.1.1", "192.168.1.254"}
    told = json.dumps([[entry.before, entry.after] for entry in trail])
    for secret in (SECRET, V3["authentication_key"], V3["privacy_key"]):
        assert secret not in told


def test_an_empty_secret_is_the_one_that_was(world: World) -> None:
    write(world, **V3)
    write(world, 1, **V3 | {"authentication_key": "", "privacy_key": "another-privacy"})
    how = world.see(access_of, line_of(world)).how
    assert isinstance(how, SnmpV3)
    assert how.authentication_key == V3["authentication_key"]
    assert how.privacy_key == "another-privacy"
    write(world, 2, **V3 | {"authentication_key": "", "privacy_key": "", "privacy": "none"})
    assert world.see(access_of, line_of(world)).how.privacy_key == ""


@pytest.mark.parametrize("moved", [{"host": "10.0.0.66"}, {"port": 1161}, {"user": "other"}])
def test_a_secret_goes_to_no_other_address_than_it_was_typed_for(
    world: World, moved: dict[str, Any]
) -> None:
    write(world, **V3)
    changed = V3 | {"authentication_key": "", "privacy_key": ""} | moved
    assert wrong(world, 1, **changed) == {"authentication_key", "privacy_key"}


def test_what_is_wrong_is_said_by_field(world: World) -> None:
    assert wrong(world, host="a b", community="") == {"host", "community"}
    short = {"host": "m", "snmp": "3", "authentication_key": "short", "privacy_key": "short"}
    assert wrong(world, **short) == {"user", "authentication_key", "privacy_key"}
    with pytest.raises(ValidationError):
        ModemForm(host="m", community="x" * 65)


def test_a_user_without_keys_is_read_without_protection(world: World) -> None:
    bare = V3 | {"authentication": "none", "privacy": "none", "authentication_key": ""}
    write(world, **bare)
    told = world.see(access_of, line_of(world))
    assert told.how == SnmpV3(user="visio")  # and no key that was typed is kept
    assert wrong(world, version=1, **bare | {"privacy": "aes"}) == {"privacy"}


@pytest.mark.parametrize(
    ("host", "goes"),
    [("fd00::1", True), ("modem.lan", True), ("192.168.1.1:161", False), ("fe80::1::2", False)],
)
def test_a_colon_is_of_ipv6_alone(world: World, host: str, goes: bool) -> None:
    if goes:
        assert write(world, host=host).host == host
        assert world.see(access_of, line_of(world)).host == host
    else:
        assert wrong(world, host=host) == {"host"}


def test_somebody_elses_access_is_not_overwritten(world: World) -> None:
    write(world)
    with pytest.raises(EditedMeanwhile):
        write(world, 0)


def test_without_a_key_nothing_is_kept_and_the_setting_is_named(world: World) -> None:
    bare = hub_with(world.hub.settings.data_dir)
    world.hub = bare
    with pytest.raises(NoEncryptionKey) as refused:
        write(world)
    assert "encryption_keys" in refused.value.says
    assert world.see(lambda uow: uow.linkquality.modems.list()) == []
    bare.close()


def test_a_new_key_takes_over_and_a_lost_one_is_told(world: World) -> None:
    write(world)
    folder, line_id = world.hub.settings.data_dir, line_of(world)
    for keys, lost, opens in (
        ((key(2), key(1)), 0, True),
        ((key(2),), 0, True),
        ((key(3),), 1, False),
        ((), 1, False),
    ):
        hub = hub_with(folder, *keys)
        world.hub = hub
        assert world.do(reseal) == lost
        assert (world.see(access_of, line_id) is not None) is opens
        hub.close()


def test_a_secret_opens_on_its_own_line_alone() -> None:
    settings = Settings(encryption_keys=SecretStr(key(1)))
    sealed = seal(settings, "line-1", {"community": SECRET})
    assert unseal(settings, "line-1", sealed) == {"community": SECRET}
    assert unseal(settings, "line-2", sealed) is None
    assert unseal(settings, "line-1", sealed[:-4] + "AAAA") is None
    assert unseal(settings, "line-1", "") is None


def test_what_is_forgotten_is_told_to_nobody(world: World) -> None:
    write(world)
    world.do(forget_access, line_of(world), world.admin, NOW)
    assert world.see(plan_of, world.kiosk.id, NOW).modem is None


def test_trouble_stands_until_the_modem_is_read_again(world: World) -> None:
    write(world)

    def trouble_after(minute: int, card: type, **fields: Any) -> str:
        told = card(at=NOW + timedelta(minutes=minute), **fields)
        now = NOW + timedelta(minutes=10)
        world.do(keep_results, [(world.kiosk.id, [told])], now)
        return str(world.see(lambda uow: uow.linkquality.modems.get(line_of(world))).trouble)

    assert trouble_after(1, ModemTroubleCard, trouble="no_answer") == "no_answer"
    assert trouble_after(0, ModemCard, standard="adsl") == "no_answer"  # came late
    assert trouble_after(5, ModemCard, standard="adsl") == ""
    assert len(world.see(lambda uow: uow.linkquality.series.modem(1, NOW, NOW + timedelta(1)))) == 2


@pytest.mark.parametrize("text", ["short", "ab" * 32, key(1) + ",x", "é" * 44])
def test_a_key_that_is_none_is_named_and_never_shown(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISIOHUB_ENCRYPTION_KEYS", text)
    with pytest.raises(SettingsError) as refused:
        load(environ={})
    assert "encryption_keys" in str(refused.value)
    assert text not in str(refused.value)


def test_settings_never_show_their_keys() -> None:
    settings = Settings(encryption_keys=SecretStr(key(1)))
    assert key(1) not in repr(settings) + settings.shown("encryption_keys")
