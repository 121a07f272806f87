import pytest

from kiosk.rtc.sending.codec_choice import FAST_PRESET, FINE_PRESET, CodecChoice, CodecPlan

ALL = ("vp8", "h264", "av1")
FRAME_S = 0.04


def encode(choice: CodecChoice, pictures: int, seconds: float, bit_s: float) -> CodecPlan:
    for number in range(pictures):
        choice.encoded(seconds, FRAME_S)
        plan = choice.choose(number * FRAME_S, bit_s)
    return plan


@pytest.mark.parametrize(
    ("taken", "av1_here", "bit_s", "codec"),
    [
        (ALL, True, 100_000, "av1"),
        (ALL, True, 1_000_000, "vp8"),
        (ALL, False, 100_000, "vp8"),
        (("vp8", "h264"), True, 100_000, "vp8"),
        (("h264",), True, 100_000, "h264"),
        (("h264", "av1"), True, 1_000_000, "h264"),
        (("av1",), True, 1_000_000, "av1"),
    ],
)
def test_by_line_peer_and_library(taken, av1_here: bool, bit_s: int, codec: str) -> None:
    assert CodecChoice(taken, av1_here=av1_here, bit_s=bit_s).plan.codec == codec


def test_a_peer_that_takes_nothing_we_know_is_an_error() -> None:
    with pytest.raises(ValueError, match="no codec"):
        CodecChoice((), av1_here=True, bit_s=100_000)


def test_a_rate_between_the_limits_changes_nothing() -> None:
    thin = CodecChoice(ALL, av1_here=True, bit_s=200_000)
    wide = CodecChoice(ALL, av1_here=True, bit_s=600_000)
    for now in range(60):
        assert thin.choose(now, 330_000).codec == "av1"
        assert wide.choose(now, 330_000).codec == "vp8"


def test_a_change_waits_until_the_rate_has_stayed() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=600_000)
    assert choice.choose(0, 150_000).codec == "vp8"
    assert choice.choose(2, 600_000).codec == "vp8"
    assert choice.choose(3, 150_000).codec == "vp8"
    assert choice.choose(5.9, 150_000).codec == "vp8"
    assert choice.choose(6, 150_000).codec == "av1"


def test_a_slow_processor_gets_the_faster_preset_then_vp8_for_good() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=100_000)
    assert encode(choice, 60, 0.025, 100_000) == CodecPlan("av1", FINE_PRESET)
    assert encode(choice, 40, 0.025, 100_000) == CodecPlan("av1", FAST_PRESET)
    assert not choice.cheapest
    assert encode(choice, 90, 0.025, 100_000).codec == "vp8"
    assert choice.cheapest
    assert encode(choice, 500, 0.001, 60_000).codec == "vp8"


def test_a_processor_that_is_quick_enough_keeps_the_fine_preset() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=100_000)
    assert encode(choice, 500, 0.006, 100_000) == CodecPlan("av1", FINE_PRESET)


def test_a_peer_that_takes_av1_alone_has_nothing_cheaper_than_the_fast_preset() -> None:
    choice = CodecChoice(["av1"], av1_here=True, bit_s=100_000)
    assert encode(choice, 200, 0.025, 100_000) == CodecPlan("av1", FAST_PRESET)
    assert choice.cheapest, "from here on the picture gets smaller"


def test_slow_first_pictures_do_not_count() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=100_000)
    encode(choice, 20, 0.1, 100_000)
    assert encode(choice, 100, 0.005, 100_000) == CodecPlan("av1", FINE_PRESET)


def test_now_and_then_a_picture_may_wait_for_the_processor() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=100_000)
    for _ in range(100):
        encode(choice, 4, 0.011, 100_000)
        assert encode(choice, 1, 0.038, 100_000) == CodecPlan("av1", FINE_PRESET)


def test_an_encoder_that_failed_is_left_where_there_is_another() -> None:
    choice = CodecChoice(ALL, av1_here=True, bit_s=600_000)
    assert choice.without("vp8").codec == "h264"
    assert choice.without("h264").codec == "av1"
    assert choice.without("av1").codec == "av1"  # there is no other
    assert CodecChoice(["vp8", "av1"], av1_here=False, bit_s=1e6).without("vp8").codec == "vp8"
