"""How a modem is read and a speed is measured, on the wire (PROTOCOL.md §10.6, §10.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from signaling.protocol import codec, line_cards, messages
from signaling.protocol.messages import MeasureSpeed, ProbeSession
from signaling.protocol.modem import ModemAccess, SnmpV2, SnmpV3

TEXT = (Path(messages.__file__).parent / "PROTOCOL.md").read_text("utf-8")
PART = re.compile(r"^### (10\.\d)[^\n]*\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
SECTION = dict(PART.findall(TEXT))
AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEYS = {"authentication_key": "one-key-of-a-modem", "privacy_key": "another-key-of-it"}


def session(access: ModemAccess | None) -> ProbeSession:
    return ProbeSession(
        session=7, key="A" * 43, port=8862, up_kbit_s=900.0, down_kbit_s=8000.0,
        octets_a_day_up=7_000_000, octets_a_day_down=8_500_000, modem=access,
    )  # fmt: skip


@pytest.mark.parametrize("model", [ModemAccess, SnmpV2, SnmpV3])
def test_every_field_of_the_modem_is_described(model: type[BaseModel]) -> None:
    for field in model.model_fields:
        assert f"`{field}`" in SECTION["10.6"], f"{model.__name__}.{field}"


def test_every_kind_of_result_trouble_and_failure_is_described() -> None:
    for card in get_args(line_cards.Result):
        assert f"`{card.model_fields['kind'].default}`" in SECTION["10.3"]
    for trouble in get_args(line_cards.ModemTroubleCard.model_fields["trouble"].annotation):
        assert f"`{trouble}`" in SECTION["10.6"]
    for field in line_cards.SpeedWay.model_fields:
        assert f"`{field}`" in SECTION["10.7"]
    (failure, _none) = get_args(line_cards.SpeedCard.model_fields["failure"].annotation)
    for word in get_args(failure):
        assert f"`{word}`" in SECTION["10.7"]


@pytest.mark.parametrize(
    "how", [SnmpV2(community="hidden-word"), SnmpV3.model_validate({"user": "visio", **KEYS})]
)
def test_a_session_brings_the_modem_and_shows_no_secret(how: SnmpV2 | SnmpV3) -> None:
    told = session(ModemAccess(host="192.168.1.1", how=how))
    assert codec.from_hub(codec.encode(told)) == told
    shown = repr(told)
    for secret in ("hidden-word", *KEYS.values()):
        assert secret not in shown


def test_without_a_modem_there_is_none() -> None:
    assert codec.from_hub(codec.encode(session(None))) == session(None)


def test_a_measurement_is_ordered_and_answered() -> None:
    order = MeasureSpeed(run_id="r1", token="t" * 32, octets_up=180_000, octets_down=700_000)
    assert codec.from_hub(codec.encode(order)) == order
    assert "t" * 32 not in repr(order)
    way = line_cards.SpeedWay(kbit_s=480.5, octets=600_000, rpm=120)
    card = line_cards.SpeedCard(at=AT, run_id="r1", down=way, failure="call")
    results = messages.LineResults(batch="b1", results=[card])
    assert codec.from_kiosk(codec.encode(results)) == results
