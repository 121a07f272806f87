"""The whole sender against emulated lines in virtual time; the goals of the issue as figures."""

from __future__ import annotations

from statistics import median

import pytest
from closed_loop import LINES, SEED, Case, Loop, Record
from tcp_upload import Upload

from kiosk.rtc.sending.budget import LEAST_BIT_S, Budget
from kiosk.rtc.sending.framing import ATM, PLAIN, Framing
from kiosk.rtc.sending.pacer import Kind

AMPLE = 2_500_000.0
ADSL1 = LINES["adsl1"]


@pytest.fixture(autouse=True)
def _seed() -> None:
    print("seed", SEED)


def figures(name: str, record: Record, kbit_s: float, begin: float, end: float) -> None:
    """What pytest -s shows, as a table's row."""
    print(
        f"{name}: {record.share(kbit_s, begin, end):.2f} of the line, modem queue p95"
        f" {record.queue_p95(begin, end) * 1000:.0f} ms, picture p95"
        f" {record.age_p95(begin, end) * 1000:.0f} ms"
    )


@pytest.mark.parametrize("known", [1.0, None, 0.5, 2.0], ids=["known", "unknown", "half", "double"])
@pytest.mark.parametrize("name", LINES)
def test_the_line_is_used_and_its_modem_stays_empty(name: str, known: float | None) -> None:
    case = LINES[name]
    record = Loop(case, Budget(AMPLE, None if known is None else known * case.up * 1000)).run(30)
    figures(name, record, case.up, 10, 30)
    assert record.share(case.up, 10, 30) >= 0.80
    assert record.queue_p95(5, 30) < 0.1
    assert record.age_p95(10, 30) < 0.25, "pictures do not pile up in the pacer either"


@pytest.mark.parametrize("known", [1_000_000.0, None])
def test_a_connection_after_a_thin_moment_finds_the_line_again(known: float | None) -> None:
    record = Loop(ADSL1, Budget(AMPLE, known, held_bit_s=35_000)).run(14)
    print([round(rate / 1000) for rate in record.rates(0, 14)][::20])
    assert record.rates(0, 0.05)[0] == LEAST_BIT_S
    assert min(record.rates(8, 14)) > 500_000
    assert record.queue_p95(0, 14) < 0.1


@pytest.mark.parametrize("thin", [50, 128])
def test_a_connection_while_the_line_is_still_thin_does_not_fill_the_modem(thin: int) -> None:
    case = Case(thin, 4000, 15, 3, 0, 64_000)
    record = Loop(case, Budget(AMPLE, 1_000_000, held_bit_s=0.8 * thin * 1000)).run(20)
    figures(f"{thin} of 1000", record, thin, 5, 20)
    assert record.queue_p95(0, 20) < 0.2


OTHERS = {
    "64": Case(64, 256, 40, 10, 0.5, 16_000),
    "384 with a deep buffer": Case(384, 4000, 20, 4, 0.2, 256_000),
    "700 with 30 ms of jitter": Case(700, 4000, 30, 30, 0, 64_000),
    "256 with a buffer of three packets": Case(256, 1000, 15, 2, 0, 4_000),
    "600 with 5 % loss": Case(600, 4000, 20, 5, 5, 64_000),
    "800 with 64 back": Case(800, 64, 20, 5, 0, 64_000),
    "512 by satellite": Case(512, 4000, 280, 5, 0.5, 128_000),
}


@pytest.mark.parametrize("name", OTHERS)
def test_lines_that_nobody_named(name: str) -> None:
    case, queues = OTHERS[name], []
    for seed in range(SEED, SEED + 3):  # a lost packet more or less moves a queue by 50 ms
        record = Loop(case, Budget(AMPLE, case.up * 1000), seed=seed).run(30)
        figures(f"{name}, seed {seed}", record, case.up, 10, 30)
        assert record.share(case.up, 10, 30) >= 0.78
        queues.append(record.queue_p95(5, 30))
        assert len([at for at, _ in record.frames if at >= 10]) / 20 >= 12
    assert median(queues) < 0.1 + 0.2 * case.delay / 1000


@pytest.mark.parametrize("name", ["adsl256", "readsl128"])
def test_a_step_to_a_third_is_over_within_three_seconds_on_thin_lines_too(name: str) -> None:
    case = LINES[name]
    loop = Loop(case, Budget(AMPLE, case.up * 1000))
    loop.at(15.0, lambda now: loop.way.change(now, case.way(case.up // 3)))
    record = loop.run(30)
    late = max((at - 15 for at, age in record.frames if at > 15 and age > 0.4), default=0.0)
    print(f"{name}: last picture older than 400 ms {late:.2f} s after the step")
    assert late < 3.0
    assert record.share(case.up // 3, 20, 30) >= 0.80


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_random_loss_of_two_per_cent_costs_no_rate(seed: int) -> None:
    case = LINES["lossy1"]
    record = Loop(case, Budget(AMPLE, 1_000_000), seed=seed).run(40)
    figures("lossy1", record, case.up, 10, 40)
    assert record.share(case.up, 10, 40) >= 0.78
    assert min(record.rates(5, 40)) > 400_000


@pytest.mark.parametrize("name", ["adsl1", "adsl256", "readsl128"])
def test_the_budget_is_never_exceeded(name: str) -> None:
    case = LINES[name]
    most = 0.8 * case.up * 1000
    record = Loop(case, Budget(most, case.up * 1000)).run(20)
    assert max(rate for _, rate in record.targets) <= most
    for begin in range(1, 19):
        octets = sum(o for at, o in record.wire if begin <= at < begin + 1)
        assert octets * 8 <= most * 1.05, "a packet or two over the second's edge"
    assert record.share(case.up, 5, 20) >= 0.85 * 0.8
    assert record.age_p95(5, 20) < 0.25


def test_a_budget_that_is_lowered_in_mid_call_binds_at_once() -> None:
    loop = Loop(ADSL1, Budget(900_000, 1_000_000))
    loop.at(10.0, lambda _: loop.control.budget(Budget(400_000, 1_000_000)))
    record = loop.run(20)
    assert max(rate for at, rate in record.targets if at > 10) <= 400_000
    assert max(rate for at, rate in record.targets if at < 10) > 700_000
    assert sum(o for at, o in record.wire if 12 <= at < 20) <= 400_000 * 8 / 8 * 1.02


@pytest.mark.parametrize("known", [1_000_000.0, None])
def test_a_step_from_1000_to_300_is_over_within_three_seconds(known: float | None) -> None:
    loop = Loop(ADSL1, Budget(AMPLE, known))
    loop.at(20.0, lambda now: loop.way.change(now, ADSL1.way(300)))
    record = loop.run(45)
    late = [at for at, age in record.frames if at > 20 and age > 0.4]
    figures("after the step", record, 300, 25, 45)
    print(f"last picture older than 400 ms: {max(late) - 20:.2f} s after the step")
    assert max(late) - 20 < 3.0
    assert max(s.queue_s for s in record.seen) < 1.0
    assert record.age_p95(23, 45) < 0.2
    assert record.share(300, 25, 45) >= 0.80
    gaps = [b - a for (a, _), (b, _) in zip(record.frames, record.frames[1:], strict=False)]
    assert max(gaps) < 0.8


def test_a_step_up_is_found() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 300_000), way=ADSL1.way(300))
    loop.at(15.0, lambda now: loop.way.change(now, ADSL1.way(1000)))
    record = loop.run(45)
    figures("after the step up", record, 1000, 30, 45)
    assert record.share(1000, 35, 45) >= 0.80


@pytest.mark.parametrize("most", [AMPLE, 950_000.0])
def test_a_tcp_upload_does_not_starve_the_call(most: float) -> None:
    loop = Loop(ADSL1, Budget(most, 1_000_000))
    upload = Upload(loop, 15, 27)
    record = loop.run(45)
    frames = [at for at, _ in record.frames if 15 <= at < 27]
    heard = sum(1 for _, kind, _, _ in record.arrivals if kind is Kind.SOUND)
    lost = 1 - heard / record.sent[Kind.SOUND]
    figures("beside the upload", record, 1000, 15, 27)
    print(f"{len(frames) / 12:.1f} frames/s, TCP {upload.arrived_octets * 8 / 12e3:.0f} kbit/s,"
          f" sound lost {lost:.4f}")  # fmt: skip
    assert len(frames) / 12 >= 15
    assert lost < 0.01
    assert min(record.rates(15, 27)) >= 30_000
    assert min(record.rates(20, 27)) >= 250_000, "a share is held"
    assert upload.arrived_octets * 8 / 12 > 300_000, "and the upload has one, too"
    assert record.share(1000, 30, 45) >= 0.80, "all of it is back after the upload"
    assert record.queue_p95(30, 45) < 0.1


def test_after_a_cut_pictures_are_back_at_once() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 1_000_000))
    for way in (loop.way, loop.back):
        loop.at(20.0, way.cut)
        loop.at(30.0, way.restore)
    record = loop.run(40)
    first = min((at, age) for at, age in record.frames if at > 30)
    print(f"first picture {first[0] - 30:.2f} s after the line's return, {first[1]:.2f} s old")
    assert first[0] - 30 < 0.6
    assert first[1] < 0.3
    assert record.queue_p95(30, 40) < 0.1
    assert record.share(1000, 32, 40) >= 0.75


def test_a_long_jittery_lossy_way_still_carries_video() -> None:
    case = Case(1000, 8000, 300, 150, 10, 64_000)
    record = Loop(case, Budget(AMPLE, 1_000_000)).run(60)
    figures("600 ms, 150 ms, 10 %", record, 1000, 20, 60)
    assert record.share(1000, 20, 60) >= 0.3


def test_what_is_overtaken_is_not_lost() -> None:
    case = Case(1000, 8000, 225, 150, 10, 64_000)  # 600 ms of round trip, as in bench/lines.py
    loop = Loop(case, Budget(AMPLE, 1_000_000), way=case.way(reorder=True))
    record = loop.run(40)
    figures("600 ms, 150 ms out of order, 10 %", record, 1000, 20, 40)
    assert record.share(1000, 20, 40) >= 0.5
    assert loop.control.loss_ratio < 0.25


def test_a_buffer_of_four_packets_is_found_by_loss() -> None:
    case = Case(1000, 8000, 20, 5, 0, 6_000)
    loop = Loop(case, Budget(AMPLE, 2_000_000))
    record = loop.run(40)
    figures("shallow", record, 1000, 10, 40)
    assert record.share(1000, 10, 40) >= 0.80
    assert loop.way.counters.overflowed < 0.05 * loop.way.counters.offered


@pytest.mark.parametrize("framing", [ATM, PLAIN], ids=["told", "not told"])
@pytest.mark.parametrize("name", ["adsl1", "adsl256", "readsl128"])
def test_the_cell_tax_is_counted_or_found(name: str, framing: Framing) -> None:
    case = LINES[name]
    budget = Budget(AMPLE, case.up * 1000)
    loop = Loop(case, budget, way=case.way(cell_tax="atm"), framing=framing)
    record = loop.run(30)
    # The wire's own octets, whatever the sender believes they are.
    cells = sum(
        loop.way.direction.wire_octets(datagram + 28)
        for at, datagram in record.datagrams
        if 10 <= at < 30
    )
    used = cells * 8 / 20 / (case.up * 1000)
    print(f"{name}: {used:.2f} of the cells, queue p95 {record.queue_p95(5, 30) * 1000:.0f} ms")
    assert used >= 0.80
    assert record.queue_p95(5, 30) < 0.1


def test_nothing_creeps_in_five_minutes() -> None:
    case = LINES["adsl256"]
    record = Loop(case, Budget(AMPLE, 256_000)).run(300)
    early, late = record.share(256, 10, 60), record.share(256, 250, 300)
    print(f"{early:.2f} of the line in the first minute, {late:.2f} in the last")
    assert late >= 0.80
    assert record.queue_p95(250, 300) < 0.1
    assert record.age_p95(250, 300) < 1.3 * record.age_p95(10, 60)


def test_a_receiver_whose_clock_drifts_is_no_queue() -> None:
    loop = Loop(ADSL1, Budget(AMPLE, 1_000_000), drift=200e-6)
    record = loop.run(60)
    figures("200 ppm", record, 1000, 10, 60)
    assert record.share(1000, 10, 60) >= 0.80
    assert record.queue_p95(10, 60) < 0.1


def test_without_any_feedback_the_known_rate_is_kept() -> None:
    record = Loop(ADSL1, Budget(AMPLE, 1_000_000), feedback=False).run(10)
    assert set(record.rates(0, 10)) == {850_000.0}


@pytest.mark.parametrize("speech", [24_000, 10_000])
@pytest.mark.parametrize("name", ["sdsl2", "adsl256", "readsl128"])
def test_speech_never_takes_more_than_its_part_of_the_budget(name: str, speech: int) -> None:
    case = LINES[name]
    loop = Loop(case, Budget(AMPLE, case.up * 1000, speech_most_bit_s=speech))
    record = loop.run(20)
    sound = [octets for _, kind, octets, _ in record.arrivals if kind is Kind.SOUND]
    payload_octets = sum(octets - PLAIN.media_octets(0) for octets in sound)
    # the last packet may reach beyond the end
    assert 0.6 * min(speech, 16_000) < payload_octets * 8 / 20.06 <= speech
