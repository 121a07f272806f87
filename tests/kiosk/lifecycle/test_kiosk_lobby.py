"""Before a call: the hub, codes, services, help, and what is forgotten; in virtual time."""

from __future__ import annotations

import pytest
from lifecycle_kiosk import CODE, SHUT, START, Kiosk, card

from kiosk.scene import Do, Screen, StopMedia, Volume
from signaling.protocol.messages import (
    AskHelp,
    CallState,
    Codes,
    Ended,
    Error,
    HangUp,
    Help,
    Lobby,
    PresentCode,
)

# --- before the hub ----------------------------------------------------------------------


def test_it_starts_then_says_that_the_hub_does_not_answer() -> None:
    kiosk = Kiosk()
    assert kiosk.scene.screen is Screen.STARTING
    kiosk.pass_time(9)
    assert kiosk.scene.screen is Screen.OFFLINE
    assert kiosk.scene.cut_since == START


def test_without_a_key_it_says_so() -> None:
    kiosk = Kiosk()
    kiosk.life.not_enrolled()
    assert kiosk.scene.screen is Screen.NOT_ENROLLED
    kiosk.life.enrolled(kiosk.now)
    assert kiosk.scene.screen is Screen.STARTING


def test_a_short_cut_is_not_shown_to_an_idle_kiosk(kiosk: Kiosk) -> None:
    kiosk.life.link_lost(kiosk.now)
    kiosk.pass_time(2)
    assert kiosk.scene.screen is Screen.HOME
    kiosk.pass_time(2)
    assert kiosk.scene.screen is Screen.OFFLINE
    assert kiosk.scene.phone == "0492"
    kiosk.welcome()
    assert kiosk.scene.screen is Screen.HOME


@pytest.mark.parametrize(
    ("code", "screen"),
    [
        ("revoked", Screen.CLOSED),
        ("not_enrolled", Screen.CLOSED),
        ("bad_proof", Screen.CLOSED),
        ("too_old", Screen.TOO_OLD),
        ("too_new", Screen.TOO_NEW),
    ],
)
def test_a_dismissed_kiosk_is_shut_and_says_why(in_call: Kiosk, code: str, screen: Screen) -> None:
    in_call.effects += in_call.life.turned_away(code, in_call.now)
    assert in_call.scene.screen is screen
    assert StopMedia() in in_call.effects


# --- codes -------------------------------------------------------------------------------


def test_the_eighth_digit_presents_the_code(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type(CODE)
    assert kiosk.sent(PresentCode) == [PresentCode(code=CODE)]
    assert kiosk.scene.screen is Screen.CHECKING


@pytest.mark.parametrize("digits", range(6, 13))
def test_the_hub_says_how_long_its_codes_are(kiosk: Kiosk, digits: int) -> None:
    code = "482913570246"[:digits]
    kiosk.do(Do.START_CODE)
    kiosk.do(Do.DIGIT, "1")
    kiosk.hear(Codes(digits=digits, early_minutes=45))
    assert kiosk.scene.digits == ("1" if digits == 8 else "")  # those boxes are no more
    kiosk.do(Do.CLEAR)
    kiosk.type(code[:-1])
    assert kiosk.scene.screen is Screen.CODE
    assert kiosk.sent(PresentCode) == []
    kiosk.type(code[-1] + "9")
    assert kiosk.sent(PresentCode) == [PresentCode(code=code, language="fr")]
    assert (kiosk.scene.code_digits, kiosk.scene.code_early_minutes) == (digits, 45)


def test_a_wrong_code_keeps_its_digits_and_says_why(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type(CODE)
    kiosk.hear(Error(code="code_unknown", detail="", about="present_code"))
    assert (kiosk.scene.screen, kiosk.scene.digits, kiosk.scene.notice) == (
        Screen.CODE, CODE, "code_unknown",
    )  # fmt: skip
    kiosk.do(Do.ERASE)
    kiosk.type("8")
    assert kiosk.sent(PresentCode)[-1] == PresentCode(code="48291358")


def test_no_answer_and_a_cut_give_the_digits_back(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type(CODE)
    kiosk.pass_time(11)
    assert (kiosk.scene.screen, kiosk.scene.notice) == (Screen.CODE, "no_answer")
    kiosk.do(Do.SUBMIT)
    kiosk.life.link_lost(kiosk.now)
    assert (kiosk.scene.notice, kiosk.scene.digits) == ("line_cut", CODE)
    kiosk.do(Do.SUBMIT)
    assert kiosk.scene.screen is Screen.CODE, "nothing is sent while the line is cut"


def test_a_call_that_comes_after_the_citizen_went_back_is_given_up(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type(CODE)
    kiosk.do(Do.BACK)
    kiosk.hear(CallState(call=card("waiting")))
    assert kiosk.sent(HangUp) == [HangUp(call_id="c1")]
    assert kiosk.scene.screen is Screen.CODE


def test_a_qr_counts_only_on_the_code_screen(kiosk: Kiosk) -> None:
    assert kiosk.life.qr("VH1.a.b", kiosk.now) == []
    kiosk.do(Do.START_CODE)
    kiosk.life.qr(None, kiosk.now)
    assert kiosk.scene.notice == "not_a_convocation"
    kiosk.effects += kiosk.life.qr("VH1.a.b", kiosk.now)
    assert kiosk.sent(PresentCode) == [PresentCode(code="VH1.a.b")]


def test_a_closed_service_cannot_be_called(kiosk: Kiosk) -> None:
    kiosk.do(Do.CALL_SERVICE, "msa")
    kiosk.do(Do.CALL_SERVICE, "unknown")
    assert kiosk.scene.screen is Screen.HOME
    kiosk.do(Do.CALL_SERVICE, "caf")
    assert kiosk.scene.screen is Screen.CHECKING
    kiosk.hear(Error(code="service_closed", detail="", about="call_service"))
    kiosk.hear(Lobby(services=[SHUT]))
    assert (kiosk.scene.screen, kiosk.scene.notice) == (Screen.HOME, "service_closed")


# --- help --------------------------------------------------------------------------------


def test_help_is_asked_once_and_taken_back(kiosk: Kiosk) -> None:
    kiosk.do(Do.HELP)
    kiosk.do(Do.DISMISS)
    kiosk.do(Do.HELP)
    assert kiosk.sent(AskHelp) == [AskHelp(wanted=True)]
    kiosk.hear(Help(state="coming", phone="0493"))
    assert (kiosk.scene.help, kiosk.scene.overlay) == ("coming", "help")
    kiosk.do(Do.HELP_CANCEL)
    assert kiosk.sent(AskHelp)[-1] == AskHelp(wanted=False)


def test_help_without_the_hub_shows_the_telephone(kiosk: Kiosk) -> None:
    kiosk.life.link_lost(kiosk.now)
    kiosk.do(Do.HELP)
    assert (kiosk.scene.help, kiosk.scene.phone) == ("nobody", "0492")
    kiosk.welcome()
    assert kiosk.sent(AskHelp)[-1] == AskHelp(wanted=True), "asked as soon as the hub is back"


def test_help_outlives_the_screen_that_it_was_asked_on(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type("48")
    kiosk.do(Do.HELP)
    kiosk.pass_time(61)
    assert (kiosk.scene.screen, kiosk.scene.digits, kiosk.scene.help) == (Screen.HOME, "", "asked")


def test_while_help_is_awaited_the_rest_is_forgotten(kiosk: Kiosk) -> None:
    kiosk.do(Do.LARGER_TEXT)
    kiosk.do(Do.HELP)
    kiosk.pass_time(60)
    assert (kiosk.scene.larger_text, kiosk.scene.help) == (False, "asked")
    kiosk.pass_time(661)
    assert kiosk.scene.help == "none"
    assert kiosk.sent(AskHelp)[-1] == AskHelp(wanted=False)


# --- time-out and cleaning ---------------------------------------------------------------


def test_it_warns_at_least_20_s_before_it_forgets(kiosk: Kiosk) -> None:
    kiosk.do(Do.START_CODE)
    kiosk.type("4829")
    kiosk.pass_time(34)
    assert kiosk.scene.overlay is None
    kiosk.pass_time(2)
    assert kiosk.scene.overlay == "still_there"
    assert kiosk.scene.seconds_left is not None
    assert kiosk.scene.seconds_left >= 20
    kiosk.do(Do.STAY)
    assert (kiosk.scene.overlay, kiosk.scene.digits) == (None, "4829")
    kiosk.pass_time(60)
    assert (kiosk.scene.screen, kiosk.scene.digits) == (Screen.HOME, "")


def test_settings_of_one_citizen_do_not_stay_for_the_next(in_call: Kiosk) -> None:
    for wish in ((Do.LANGUAGE, "en"), (Do.LARGER_TEXT, ""), (Do.LOUDER, ""), (Do.MUTE, "")):
        in_call.do(*wish)
    in_call.hear(Ended(call_id="c1", reason="hung_up_by_agent"))
    assert in_call.scene.language == "en", "the end is told in the citizen's language"
    in_call.pass_time(60)
    fresh = in_call.scene
    assert (fresh.language, fresh.larger_text, fresh.muted, fresh.call) == (
        "fr",
        False,
        False,
        None,
    )
    assert Volume(7) in in_call.effects


def test_an_untouched_home_is_left_alone(kiosk: Kiosk) -> None:
    kiosk.pass_time(4000)
    assert kiosk.effects == []
    assert kiosk.scene.overlay is None


def test_a_waiting_citizen_is_asked_after_ten_minutes_and_let_go_after_eleven(
    kiosk: Kiosk,
) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    kiosk.pass_time(599)
    assert kiosk.scene.overlay is None
    kiosk.pass_time(2)
    assert kiosk.scene.overlay == "still_there"
    kiosk.pass_time(60)
    assert kiosk.sent(HangUp) == [HangUp(call_id="c1")]
    assert kiosk.scene.screen is Screen.HOME
