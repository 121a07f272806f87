"""A call keeps within what the hub gives it of the line (PROTOCOL.md §10.4)."""

from __future__ import annotations

import pytest

from kiosk.rtc.line import MOST_BIT_S, Line
from kiosk.rtc.sdp import with_share
from kiosk.rtc.sending.budget import LEAST_BIT_S
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


def picture_told(line: Line) -> list[int]:
    told = with_share(ANSWER, line).splitlines()
    return [int(text[7:]) for text in told if text.startswith("b=TIAS:")]


def test_the_description_bounds_the_picture_by_what_nothing_raises_later() -> None:
    """A browser keeps to b= for the whole connection; the hub tells the page its share itself."""
    line = Line()
    assert with_share(ANSWER, line) == ANSWER
    line.share(SMALL)
    assert picture_told(line) == []
    line = Line.of_kbit(down=512)
    (alone,) = picture_told(line)
    assert 350_000 < alone < 0.9 * 512_000
    line.share(SMALL)
    assert picture_told(line) == [alone], "the hub may give more of it in mid-call"


def test_the_far_end_is_asked_for_no_more_speech_than_the_budget_has() -> None:
    answer = "v=0\r\nm=audio 9 X 96\r\nc=IN IP4 0.0.0.0\r\na=fmtp:96 maxaveragebitrate=28000\r\n"
    line = Line()
    line.share(SMALL)
    assert "maxaveragebitrate=24000" in with_share(answer, line)
    line.share(SMALL.model_copy(update={"audio_kbit_s": 10}))
    assert "maxaveragebitrate=10000" in with_share(answer, line)


def test_a_budget_without_a_picture_leaves_room_for_speech() -> None:
    line = Line()
    line.share(BudgetCard(picture="none", audio_kbit_s=0, video_up_kbit_s=0, video_down_kbit_s=0))
    assert line.budget(0.0).most_bit_s == LEAST_BIT_S


@pytest.mark.parametrize("framing", [Line().framing, ATM])
def test_a_budget_without_a_picture_is_for_good_speech_and_not_for_stills(framing: object) -> None:
    line = Line(framing=framing)  # type: ignore[arg-type]
    line.share(BudgetCard(picture="none", audio_kbit_s=24, video_up_kbit_s=0, video_down_kbit_s=0))
    target = SendControl(line.budget(0.0), line.framing).target(1.0)
    assert target.video_encoder_bit_s == 0
    assert target.resend_bit_s >= 0.05 * target.sound_bit_s, "it is mended to the call's end"
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
    (most,) = picture_told(line)
    assert most > 350_000
    line = Line.of_kbit(down=40)
    line.share(SMALL)
    assert picture_told(line) == [0], "settings stay"


@pytest.mark.parametrize(
    ("audio", "most"), [(0, 6_000), (10, 10_000), (16, 16_000), (22, 20_000), (24, 24_000),
                        (31, 24_000), (40, 32_000)],
)  # fmt: skip
def test_speech_keeps_within_its_own_part_of_the_budget(audio: float, most: int) -> None:
    """However wide the line is; sound is never off."""
    line = Line()
    line.share(SMALL.model_copy(update={"audio_kbit_s": audio, "video_up_kbit_s": 900}))
    control = SendControl(line.budget(0.0), line.framing)
    sound = control.target(1.0).sound
    assert sound.bit_s == most
    line.share(None)
    control.budget(line.budget(0.0))
    assert control.target(2.0).sound.bit_s == 32_000, "its own part is taken back, too"
    line.share(SMALL.model_copy(update={"audio_kbit_s": audio, "video_up_kbit_s": 900}))
    control.budget(line.budget(0.0))
    assert control.target(3.0).sound == sound, "obeyed at once"


def test_a_budget_that_shrinks_in_mid_call_is_obeyed_at_once() -> None:
    line = Line()
    control = SendControl(line.budget(0.0), line.framing)
    line.share(SMALL)
    control.budget(line.budget(0.0))
    assert control.target(1.0).total_bit_s <= line.budget(0.0).most_bit_s
