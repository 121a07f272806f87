"""A call keeps within what the hub gives it of the line (PROTOCOL.md §10.4)."""

from __future__ import annotations

import pytest

from kiosk.rtc.line import MOST_BIT_S, Line
from kiosk.rtc.sdp import with_share
from kiosk.rtc.sending.aimd import LEAST_BIT_S
from kiosk.rtc.sending.control import SendControl
from kiosk.rtc.sending.framing import ATM
from kiosk.rtc.sending.ladder import Ladder, SoundAlone
from kiosk.settings import Settings
from signaling.protocol.line_cards import BudgetCard

SMALL = BudgetCard(picture="small", audio_kbit_s=24, video_up_kbit_s=90, video_down_kbit_s=200)
ANSWER = "v=0\r\nm=video 9 X 96\r\nc=IN IP4 0.0.0.0\r\n"


@pytest.mark.parametrize("cells", [False, True])
def test_speech_at_its_thinnest_fits_into_the_least_budget_that_settings_take(
    cells: bool,
) -> None:
    least = next(n for n in range(1, 100) if _taken(n))
    line = Line.of_kbit(up=least, cells=cells)
    budget = line.budget(0.0)
    assert budget.most_bit_s == least * 1000
    control = SendControl(budget, line.framing)
    assert control.target(0.0).sound.line_bit_s(line.framing) <= budget.most_bit_s


def _taken(kbit_s: int) -> bool:
    try:
        return Settings(line_up_kbit=kbit_s).line_up_kbit == kbit_s
    except ValueError:
        return False


@pytest.mark.parametrize("framing", [Line().framing, ATM])
def test_the_budget_is_the_most_and_where_to_begin(framing: object) -> None:
    line = Line(framing=framing)  # type: ignore[arg-type]
    line.share(SMALL)
    budget = line.budget(0.0)
    video, sound = 90_000.0, 24_000.0
    assert video + sound < budget.most_bit_s < 1.8 * (video + sound)
    assert budget.known_bit_s == budget.most_bit_s
    line.share(None)
    assert line.budget(0.0).most_bit_s == MOST_BIT_S


def test_the_settings_of_this_pc_are_a_limit_still() -> None:
    line = Line.of_kbit(up=60, down=70)
    line.share(SMALL)
    assert line.budget(0.0).most_bit_s == 60_000
    assert line.far_most_bit_s == pytest.approx(63_000)


def test_the_far_end_is_asked_for_its_share_in_the_description() -> None:
    line = Line()
    assert with_share(ANSWER, line) == ANSWER
    line.share(SMALL)
    told = with_share(ANSWER, line)
    (tias,) = [int(text[7:]) for text in told.splitlines() if text.startswith("b=TIAS:")]
    assert 0.75 * 200_000 < tias <= 1.1 * 200_000


def test_a_budget_without_a_picture_leaves_room_for_speech() -> None:
    line = Line()
    line.share(BudgetCard(picture="none", audio_kbit_s=0, video_up_kbit_s=0, video_down_kbit_s=0))
    assert line.budget(0.0).most_bit_s == LEAST_BIT_S


@pytest.mark.parametrize("framing", [Line().framing, ATM])
def test_a_budget_without_a_picture_is_for_good_speech_and_not_for_stills(framing: object) -> None:
    line = Line(framing=framing)  # type: ignore[arg-type]
    line.share(BudgetCard(picture="none", audio_kbit_s=24, video_up_kbit_s=0, video_down_kbit_s=0))
    target = SendControl(line.budget(0.0), line.framing).target(1.0)
    assert target.video_encoder_bit_s == target.resend_bit_s == 0
    assert target.sound.bit_s >= 20_000
    assert target.sound_bit_s <= line.budget(0.0).most_bit_s
    assert Ladder("av1").choose(1.0, target.video_encoder_bit_s) == SoundAlone()


@pytest.mark.parametrize("video", [30, 90, 400])
def test_the_picture_keeps_within_its_own_part_of_the_budget(video: int) -> None:
    line = Line()
    line.share(
        BudgetCard(picture="small", audio_kbit_s=24, video_up_kbit_s=video, video_down_kbit_s=0)
    )
    control = SendControl(line.budget(0.0), line.framing)
    assert 0.7 * video * 1000 < control.target(1.0).video_encoder_bit_s <= 1.03 * video * 1000


def test_a_share_of_nothing_that_the_hub_may_raise_later_is_not_for_the_whole_call() -> None:
    line = Line.of_kbit(down=512)
    line.share(BudgetCard(picture="none", audio_kbit_s=24, video_up_kbit_s=0, video_down_kbit_s=0))
    assert "b=TIAS:22000" in with_share(ANSWER, line)
    line = Line.of_kbit(down=40)
    line.share(SMALL)
    assert "b=TIAS:0\r\n" in with_share(ANSWER, line), "settings stay"


def test_a_budget_that_shrinks_in_mid_call_is_obeyed_at_once() -> None:
    line = Line()
    control = SendControl(line.budget(0.0), line.framing)
    line.share(SMALL)
    control.budget(line.budget(0.0))
    assert control.target(1.0).total_bit_s <= line.budget(0.0).most_bit_s
