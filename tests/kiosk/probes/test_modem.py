"""The modem is read from a real agent of another's making, which plays recorded lines."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import recorded_modems as recorded
from pyasn1.codec.ber import decoder, encoder
from pydantic import ValidationError
from pysnmp.proto.api import v2c

from kiosk.probes.modem import Modem, ModemError
from signaling.protocol.modem import ModemAccess, SnmpV2, SnmpV3
from visiohub.linkquality.modem import Mib, ModemState, ModemTrouble, Tally
from visiohub.linkquality.modem_columns import TABLES, Oid


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with recorded.playing(tmp_path_factory.mktemp("snmpsim")) as found:
        yield found


async def read(port: int, how: SnmpV2 | SnmpV3, answer_s: float = 5.0) -> ModemState:
    modem = Modem(ModemAccess(host="127.0.0.1", port=port, how=how), answer_s)
    try:
        return await modem.read()
    finally:
        modem.close()


async def trouble(port: int, how: SnmpV2 | SnmpV3, answer_s: float = 5.0) -> ModemTrouble:
    with pytest.raises(ModemError) as caught:
        await read(port, how, answer_s)
    return caught.value.trouble


def user(**changed: str) -> SnmpV3:
    """The right user, but for what is changed."""
    known = {
        "user": recorded.USER,
        "authentication_key": recorded.KEY,
        "privacy_key": recorded.OTHER_KEY,
    }
    return SnmpV3.model_validate(known | changed)


async def test_adsl_by_its_own_tables(port: int) -> None:
    state = await read(port, SnmpV2(community="adsl"))
    assert (state.mib, state.line_is_up, state.line_uptime_s) == (Mib.ADSL, True, 3600.0)
    assert (state.down.sync_kbit_s, state.up.sync_kbit_s) == (8128.0, 864.0)
    assert (state.down.attainable_kbit_s, state.up.attainable_kbit_s) == (9216.0, 1024.0)
    assert (state.down.snr_db, state.up.snr_db) == (6.2, 11.5)
    assert (state.down.attenuation_db, state.up.attenuation_db) == (41.5, 18.2)
    assert (state.down.errored_s, state.up.errored_s) == (Tally(212), Tally(31))
    assert (state.down.severely_errored_s, state.up.severely_errored_s) == (Tally(17), Tally(2))
    assert state.retrains == Tally(4)
    assert state.down.octets == Tally(4_000_000_000)


async def test_adsl2_and_what_it_calls_unavailable(port: int) -> None:
    state = await read(port, SnmpV2(community="adsl2"))
    assert state.mib is Mib.ADSL2
    assert (state.down.sync_kbit_s, state.up.sync_kbit_s) == (13_312.0, 1_021.0)
    assert (state.down.snr_db, state.up.snr_db) == (7.1, None)
    assert state.down.errored_s == Tally(9, day_s=40_000)
    assert state.up.severely_errored_s is None
    assert state.retrains == Tally(1, day_s=40_000)


async def test_shdsl_and_the_worse_of_its_pairs(port: int) -> None:
    state = await read(port, SnmpV2(community="shdsl"))
    assert state.mib is Mib.SHDSL
    assert (state.down.sync_kbit_s, state.up.sync_kbit_s) == (4096.0, 4096.0)
    assert (state.down.snr_db, state.down.attenuation_db) == (9, 21)
    assert state.down.severely_errored_s == Tally(2, day_s=3600)
    assert state.up.snr_db is None  # this modem tells its own end alone


async def test_vdsl2_whose_rows_are_turned_round(port: int) -> None:
    """52 Mbit/s cannot be the upstream of which 24 are attainable."""
    state = await read(port, SnmpV2(community="vdsl2"))
    assert state.mib is Mib.VDSL2
    assert (state.down.sync_kbit_s, state.up.sync_kbit_s) == (52_000.0, 20_000.0)
    assert (state.down.snr_db, state.up.snr_db) == (8.4, 9.5)
    assert state.down.octets == Tally(9_000_000_000, bits=64)


async def test_a_vigor_whose_line_is_in_two_mibs(port: int) -> None:
    """Its maker is known by what it says it is: whole dB, what is down by the exchange's rows."""
    state = await read(port, SnmpV2(community="vigor"))
    assert state.mib is Mib.VDSL2
    assert (state.down.sync_kbit_s, state.up.sync_kbit_s) == (50_300.0, 11_200.0)
    assert (state.down.attainable_kbit_s, state.up.attainable_kbit_s) == (61_000.0, 15_500.0)
    assert (state.down.snr_db, state.up.snr_db) == (9.0, 7.0)
    assert (state.down.attenuation_db, state.up.attenuation_db) == (17.0, 12.0)


async def test_a_line_that_is_down_has_no_rate(port: int) -> None:
    state = await read(port, SnmpV2(community="adsl-off"))
    assert state.line_is_up is False
    assert state.line_uptime_s is None
    assert (state.down.sync_kbit_s, state.down.snr_db) == (None, None)


@pytest.mark.parametrize("community", ["shdsl", "vigor"])
async def test_mibs_that_have_nothing_are_asked_once(port: int, community: str) -> None:
    modem = Modem(ModemAccess(host="127.0.0.1", port=port, how=SnmpV2(community=community)), 5.0)
    asked: list[Oid] = []
    ask = modem._ask

    async def counted(target: Any, after: Oid) -> Any:
        asked.append(after)
        return await ask(target, after)

    modem._ask = counted  # type: ignore[method-assign]
    try:
        first, questions = await modem.read(), len(asked)
        assert await modem.read() == first
    finally:
        modem.close()
    assert len(asked) - questions < questions
    adsl2 = TABLES[Mib.ADSL2][0]
    assert [oid[: len(adsl2)] for oid in asked].count(adsl2) == 1


@pytest.mark.parametrize("community", ["nonsense", "without-line"])
async def test_what_makes_no_sense_is_no_line(port: int, community: str) -> None:
    assert await trouble(port, SnmpV2(community=community)) is ModemTrouble.NO_LINE_TABLES


async def test_a_wrong_community_has_no_answer(port: int) -> None:
    assert await trouble(port, SnmpV2(community="wrong"), 0.2) is ModemTrouble.NO_ANSWER


async def test_a_user_with_both_keys_is_answered(port: int) -> None:
    assert (await read(port, user())).mib is Mib.ADSL


@pytest.mark.parametrize(
    "changed",
    [
        {"user": "nobody"},
        {"authentication_key": "another-key"},
        {"authentication": "md5"},
        {"privacy_key": "another-key"},
        {"privacy": "des"},
    ],
)
async def test_a_wrong_user_or_key_is_refused(port: int, changed: dict[str, str]) -> None:
    assert await trouble(port, user(**changed)) is ModemTrouble.REFUSED


async def test_one_modem_is_read_again_and_again(port: int) -> None:
    access = ModemAccess(host="127.0.0.1", port=port, how=SnmpV2(community="shdsl"))
    modem = Modem(access, 5.0)
    try:
        assert await modem.read() == await modem.read()
    finally:
        modem.close()


def test_keys_never_show() -> None:
    shown = repr(ModemAccess(host="modem", how=user())) + repr(SnmpV2(community="hidden-word"))
    assert "key" not in shown.replace("_key", "")
    assert "hidden-word" not in shown


@pytest.mark.parametrize("fields", [{"authentication_key": "short"}, {"authentication_key": ""}])
def test_keys_that_cannot_be(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        user(**fields)


# --- agents that answer what no agent may ------------------------------------------------------


@asynccontextmanager
async def answering(answer: Callable[[bytes], bytes]) -> AsyncIterator[int]:
    class Agent(asyncio.DatagramProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport: Any = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            self.transport.sendto(answer(data), addr)
            answered.set()

    answered = asyncio.Event()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Agent, local_addr=("127.0.0.1", 0))
    try:
        yield transport.get_extra_info("sockname")[1]
        assert answered.is_set()
    finally:
        transport.close()


def always(oid: str, times: int) -> Callable[[bytes], bytes]:
    """One object again and again, whatever was asked."""

    def answer(question: bytes) -> bytes:
        message, _ = decoder.decode(question, asn1Spec=v2c.Message())
        reply = v2c.apiMessage.get_response(message)
        objects = [(v2c.ObjectIdentifier(oid), v2c.Gauge32(7))] * times
        v2c.apiPDU.set_varbinds(v2c.apiMessage.get_pdu(reply), objects)
        return bytes(encoder.encode(reply))

    return answer


async def test_garbage_is_no_answer() -> None:
    async with answering(lambda question: b"\xff" * len(question)) as port:
        assert await trouble(port, SnmpV2(community="x"), 0.2) is ModemTrouble.NO_ANSWER


@pytest.mark.parametrize("times", [1, 20])
async def test_an_agent_that_goes_in_circles_is_left(times: int) -> None:
    async with answering(always("1.3.6.1.2.1.2.2.1.8.1", times)) as port:
        assert await trouble(port, SnmpV2(community="x")) is ModemTrouble.NO_LINE_TABLES


async def test_an_answer_without_objects_is_nonsense() -> None:
    async with answering(always("1.3.6.1.2.1.2.2.1.8.1", 0)) as port:
        assert await trouble(port, SnmpV2(community="x")) is ModemTrouble.NONSENSE


@pytest.mark.parametrize("status", [1, 2, 5])
async def test_an_error_in_one_table_costs_that_table(status: int) -> None:
    """tooBig, noSuchName, genErr: before any line, at its end, or at whatever is asked."""
    line = always(f"{recorded.T}.48.1.2.1.3.7", 1)

    def answer(question: bytes, has_line: bool = True) -> bytes:
        message, _ = decoder.decode(question, asn1Spec=v2c.Message())
        asked = v2c.apiPDU.get_varbinds(v2c.apiMessage.get_pdu(message))[0][0]
        if has_line and str(asked) == f"{recorded.T}.48.1.2.1.3":
            return line(question)
        reply = v2c.apiMessage.get_response(message)
        v2c.apiPDU.set_error_status(v2c.apiMessage.get_pdu(reply), status)
        return bytes(encoder.encode(reply))

    async with answering(answer) as port:
        state = await read(port, SnmpV2(community="x"))
        assert (state.mib, state.down.sync_kbit_s) == (Mib.SHDSL, 7.0)
    async with answering(lambda question: answer(question, has_line=False)) as port:
        assert await trouble(port, SnmpV2(community="x")) is ModemTrouble.NONSENSE


async def test_a_cut_answer_is_no_answer() -> None:
    whole = always("1.3.6.1.2.1.2.2.1.8.1", 3)
    async with answering(lambda question: whole(question)[:-4]) as port:
        assert await trouble(port, SnmpV2(community="x"), 0.2) is ModemTrouble.NO_ANSWER


async def test_an_address_that_is_none(tmp_path: Path) -> None:
    modem = Modem(ModemAccess(host="no-such-modem.invalid", how=SnmpV2(community="x")), 0.2)
    try:
        with pytest.raises(ModemError) as caught:
            await modem.read()
    finally:
        modem.close()
    assert caught.value.trouble is ModemTrouble.NO_ANSWER


async def test_a_modem_with_an_ipv6_address_is_asked_there() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as agent:
        agent.bind(("::1", 0))
        agent.setblocking(False)
        modem = Modem(
            ModemAccess(host="::1", port=agent.getsockname()[1], how=SnmpV2(community="public")),
            answer_s=0.5,
        )
        try:
            with pytest.raises(ModemError) as caught:
                await modem.read()
        finally:
            modem.close()
        assert caught.value.trouble is ModemTrouble.NO_ANSWER
        assert b"public" in agent.recv(1500)
