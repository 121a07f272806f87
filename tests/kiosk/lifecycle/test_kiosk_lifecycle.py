"""The citizen's stay in virtual time: no clock, no socket, every step scripted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.lifecycle import Lifecycle
from kiosk.quality import Glimpse
from kiosk.scene import Action, Do, Effect, Mute, Ring, Screen, Send, StartAnswer, StopMedia, Volume
from signaling.protocol.cards import CallCard, DeviceCard, PlaceCard, ServiceCard, VenueCard
from signaling.protocol.messages import (
    AgentDevices,
    AskHelp,
    CallState,
    Codes,
    Ended,
    Error,
    FromHub,
    HangUp,
    Help,
    Lobby,
    Media,
    Message,
    Offer,
    PresentCode,
    Renegotiate,
    Say,
    WelcomeKiosk,
)

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
VENUE = VenueCard(venue_name="Veynes", room_name="Bureau", time_zone="Europe/Paris", phone="0492")
FREE = ServiceCard(service_id="caf", partner="CAF", label="Aide", availability="free")
SHUT = ServiceCard(service_id="msa", partner="MSA", label="Aide", availability="closed")
CODE = "48291357"


def card(state: str, call_id: str = "c1", **more: object) -> CallCard:
    return CallCard.model_validate(
        {
            "call_id": call_id,
            "state": state,
            "generation": 0 if state == "waiting" else 1,
            "kiosk_id": "k1",
            "venue_name": "Veynes",
            "room_name": "Bureau",
            "partner": "CAF",
            "service": "Aide",
            "arrived_at": START,
            "fallback_phone": "3230",
            "place": PlaceCard(agent_told=True, people_before=0, wait_minutes=None)
            if state == "waiting"
            else None,
            **more,
        }
    )


class Kiosk:
    """A lifecycle and its clock."""

    def __init__(self) -> None:
        self.now = 100.0
        self.life = Lifecycle(self.now, START)
        self.effects: list[Effect] = []

    def welcome(self, call: CallCard | None = None) -> None:
        self.hear(
            WelcomeKiosk(
                connection_id="x", ping_every_s=4, dead_after_s=8,
                now=START + timedelta(seconds=self.now - 100), venue=VENUE,
                services=[FREE, SHUT], call=call,
            )
        )  # fmt: skip

    def hear(self, message: FromHub) -> None:
        self.effects += self.life.receive(message, self.now)

    def do(self, do: Do, value: str = "") -> None:
        self.effects += self.life.act(Action(do, value), self.now)

    def type(self, digits: str) -> None:
        for digit in digits:
            self.do(Do.DIGIT, digit)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 1.0)
            self.effects += self.life.tick(self.now)

    @property
    def scene(self):
        return self.life.scene(self.now)

    def sent(self, kind: type[Message]) -> list[Message]:
        return [
            e.message for e in self.effects if isinstance(e, Send) and isinstance(e.message, kind)
        ]

    def forget(self) -> None:
        self.effects.clear()


@pytest.fixture
def kiosk() -> Kiosk:
    made = Kiosk()
    made.welcome()
    made.forget()
    return made


@pytest.fixture
def in_call(kiosk: Kiosk) -> Kiosk:
    kiosk.hear(CallState(call=card("waiting")))
    kiosk.hear(CallState(call=card("admitted")))
    kiosk.hear(Offer(call_id="c1", generation=1, sdp="v=0"))
    kiosk.hear(CallState(call=card("negotiating")))
    kiosk.effects += kiosk.life.media_flows(1, kiosk.now)
    kiosk.life.picture(kiosk.now)
    kiosk.hear(CallState(call=card("connected")))
    kiosk.forget()
    return kiosk


# --- before the hub ---------------------------------------------------------------------------


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


# --- codes ------------------------------------------------------------------------------------


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


# --- waiting and calls ------------------------------------------------------------------------


def test_it_rings_when_admitted_and_stops_when_media_flows(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    assert kiosk.scene.screen is Screen.WAITING
    kiosk.hear(CallState(call=card("admitted")))
    assert kiosk.effects[-1] == Ring(True)
    assert kiosk.scene.screen is Screen.ADMITTED
    kiosk.hear(Offer(call_id="c1", generation=1, sdp="v=0"))
    assert kiosk.effects[-1] == StartAnswer("c1", 1, "v=0", ())
    kiosk.effects += kiosk.life.media_flows(1, kiosk.now)
    assert Ring(False) in kiosk.effects
    assert kiosk.sent(Media) == [Media(call_id="c1", generation=1, flowing=True)]


@pytest.mark.parametrize("comes", [True, False])
def test_the_call_is_shown_with_its_first_picture_or_after_a_second(
    kiosk: Kiosk, *, comes: bool
) -> None:
    kiosk.hear(CallState(call=card("negotiating")))
    kiosk.life.media_flows(1, kiosk.now)
    kiosk.hear(CallState(call=card("connected")))
    kiosk.pass_time(0.5)
    assert kiosk.scene.screen is Screen.ADMITTED, "one change of the screen, not two"
    if comes:
        kiosk.life.picture(kiosk.now)
    else:
        kiosk.pass_time(0.6)
    assert kiosk.scene.screen is Screen.CALL
    kiosk.effects += kiosk.life.media_silent(1, kiosk.now)
    kiosk.life.media_flows(2, kiosk.now)
    assert kiosk.scene.screen is Screen.CALL, "who was there already is not awaited again"


def test_messages_of_another_call_change_nothing(in_call: Kiosk) -> None:
    for message in (
        Say(call_id="other", text="?"),
        Offer(call_id="other", generation=2, sdp="v=0"),
        Ended(call_id="other", reason="line_fault"),
    ):
        in_call.hear(message)
    assert in_call.effects == []
    assert in_call.scene.said == ""


def test_the_agents_text_is_shown_and_cleared(in_call: Kiosk) -> None:
    in_call.hear(Say(call_id="c1", text="Page deux"))
    assert in_call.scene.said == "Page deux"
    in_call.hear(Say(call_id="c1", text=""))
    assert in_call.scene.said == ""


def test_muting_and_volume(in_call: Kiosk) -> None:
    in_call.do(Do.MUTE)
    for _ in range(9):
        in_call.do(Do.LOUDER)
    assert in_call.effects[0] == Mute(True)
    assert in_call.effects[-1] == Volume(10)
    assert in_call.scene.volume == 10


def test_silence_is_shown_at_once_without_the_hub(in_call: Kiosk) -> None:
    in_call.life.link_lost(in_call.now)
    assert in_call.scene.screen is Screen.CALL, "media goes on while the hub is away"
    in_call.effects += in_call.life.media_silent(1, in_call.now)
    assert in_call.scene.screen is Screen.INTERRUPTED
    in_call.effects += in_call.life.media_flows(1, in_call.now)
    assert in_call.scene.screen is Screen.CALL


def test_the_hub_tells_of_a_cut_on_the_other_side(in_call: Kiosk) -> None:
    since = in_call.scene.time
    in_call.hear(CallState(call=card("interrupted", interrupted_at=since, attempts=2)))
    assert in_call.scene.screen is Screen.INTERRUPTED
    assert in_call.scene.interrupted_since == since
    in_call.hear(CallState(call=card("connected", generation=2)))
    assert in_call.scene.screen is Screen.CALL


def test_an_older_connection_that_falls_silent_does_not_matter(in_call: Kiosk) -> None:
    in_call.life.media_flows(2, in_call.now)
    assert in_call.life.media_silent(1, in_call.now) == []
    assert in_call.scene.screen is Screen.CALL


def test_sound_before_the_first_picture_is_no_lack_of_picture(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("negotiating")))
    kiosk.life.media_flows(1, kiosk.now)
    assert kiosk.scene.far_picture
    kiosk.pass_time(3)
    assert not kiosk.scene.far_picture
    kiosk.life.media_flows(2, kiosk.now)
    assert not kiosk.scene.far_picture, "another connection does not bring one back"


def test_a_picture_that_stops_leaves_the_sound(in_call: Kiosk) -> None:
    in_call.life.picture(in_call.now)
    assert in_call.scene.far_picture
    in_call.pass_time(3)
    assert not in_call.scene.far_picture


def test_the_words_of_quality_are_of_this_side_of_a_silence(in_call: Kiosk) -> None:
    slow = Glimpse(picture_high=360, loss_ratio=0.06, freezes_per_minute=0, rtt_ms=None)
    for _ in range(2):
        in_call.life.glimpse(slow)
    assert in_call.scene.quality == "slow"
    in_call.life.media_silent(1, in_call.now)
    in_call.life.glimpse(slow)
    in_call.life.media_flows(2, in_call.now)
    assert in_call.scene.quality is None


def test_the_microphone_is_said_to_hear_only_when_it_did(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    assert not kiosk.scene.heard
    kiosk.life.heard(kiosk.now)
    assert kiosk.scene.heard
    kiosk.pass_time(21)
    assert not kiosk.scene.heard


def test_a_line_is_slow_when_all_its_last_answers_were(kiosk: Kiosk) -> None:
    kiosk.life.hub_answered(0.9)
    assert kiosk.scene.line_slow
    kiosk.life.hub_answered(0.1)
    assert not kiosk.scene.line_slow
    for _ in range(3):
        kiosk.life.hub_answered(0.7)
    assert kiosk.scene.line_slow
    kiosk.welcome()
    assert not kiosk.scene.line_slow, "a new connection is a new line"


def test_after_a_cut_it_says_what_flows(in_call: Kiosk) -> None:
    in_call.life.link_lost(in_call.now)
    in_call.welcome(card("connected"))
    assert in_call.sent(Media) == [Media(call_id="c1", generation=1, flowing=True)]


def test_after_its_own_restart_it_resumes_and_asks_for_a_connection() -> None:
    kiosk = Kiosk()
    kiosk.welcome(card("interrupted", generation=3, interrupted_at=START))
    assert kiosk.scene.screen is Screen.INTERRUPTED
    assert kiosk.sent(Renegotiate) == [Renegotiate(call_id="c1", generation=3)]


def test_after_its_own_restart_it_speaks_the_citizens_language() -> None:
    kiosk = Kiosk()
    kiosk.welcome(card("waiting", language="en"))
    assert kiosk.scene.language == "en"
    kiosk.do(Do.LANGUAGE, "fr")
    kiosk.life.link_lost(kiosk.now)
    kiosk.welcome(card("waiting", language="en"))
    assert kiosk.scene.language == "fr", "what the citizen chose here goes first"


def test_a_call_that_ended_meanwhile_is_told(in_call: Kiosk) -> None:
    in_call.life.link_lost(in_call.now)
    in_call.welcome()
    assert in_call.scene.screen is Screen.ENDED
    assert in_call.scene.ending is not None
    assert in_call.scene.ending.reason is None
    assert StopMedia() in in_call.effects


def test_without_hub_and_media_it_gives_up_by_itself_and_tells_the_hub_later(
    in_call: Kiosk,
) -> None:
    in_call.life.link_lost(in_call.now)
    in_call.life.media_silent(1, in_call.now)
    in_call.pass_time(201)
    assert in_call.scene.ending is not None
    assert in_call.scene.ending.reason == "line_fault"
    assert in_call.scene.phone == "3230"
    in_call.welcome(card("interrupted"))
    assert in_call.sent(HangUp) == [HangUp(call_id="c1")]
    assert in_call.scene.screen is not Screen.INTERRUPTED


def test_leaving_asks_first_then_ends_at_once(in_call: Kiosk) -> None:
    in_call.do(Do.LEAVE)
    assert in_call.scene.overlay == "leave"
    assert in_call.effects == []
    in_call.do(Do.LEAVE_YES)
    assert in_call.effects[0] == Send(HangUp(call_id="c1"))
    assert in_call.scene.screen is Screen.ENDED
    in_call.hear(CallState(call=card("connected")))
    assert in_call.scene.screen is Screen.ENDED, "a late message does not bring the call back"


def test_telephoning_instead_of_waiting_asks_first_and_shows_the_number(kiosk: Kiosk) -> None:
    kiosk.hear(CallState(call=card("waiting")))
    kiosk.do(Do.PHONE)
    assert (kiosk.scene.overlay, kiosk.scene.phone) == ("phone", "3230")
    assert kiosk.sent(HangUp) == []
    kiosk.do(Do.PHONE_YES)
    assert kiosk.sent(HangUp) == [HangUp(call_id="c1")]
    assert kiosk.scene.ending is not None
    assert kiosk.scene.ending.by_phone
    assert kiosk.scene.phone == "3230"
    kiosk.pass_time(60)
    assert kiosk.scene.screen is Screen.HOME


def test_in_a_call_nobody_leaves_for_the_telephone_by_mistake(in_call: Kiosk) -> None:
    in_call.do(Do.PHONE)
    in_call.do(Do.PHONE_YES)
    assert (in_call.scene.overlay, in_call.effects) == (None, [])


def test_without_a_code_the_way_on_is_shown(kiosk: Kiosk) -> None:
    kiosk.do(Do.NO_CODE)
    assert kiosk.scene.overlay is None, "nobody asked for a code"
    kiosk.do(Do.START_CODE)
    kiosk.do(Do.NO_CODE)
    assert kiosk.scene.overlay == "no_code"
    assert not kiosk.scene.reads_qr
    kiosk.do(Do.BACK)
    assert (kiosk.scene.screen, kiosk.scene.overlay) == (Screen.HOME, None)


def test_the_hubs_end_shows_reason_and_phone(in_call: Kiosk) -> None:
    in_call.hear(Ended(call_id="c1", reason="line_fault", fallback_phone="3646"))
    assert in_call.scene.screen is Screen.ENDED
    assert in_call.scene.phone == "3646"
    assert StopMedia() in in_call.effects


def test_an_end_that_was_missed_says_why_after_the_welcome(in_call: Kiosk) -> None:
    in_call.life.link_lost(in_call.now)
    in_call.welcome()
    assert in_call.scene.ending is not None
    assert in_call.scene.ending.reason is None
    in_call.hear(Ended(call_id="c1", reason="line_fault", fallback_phone="3646"))
    assert (in_call.scene.ending.reason, in_call.scene.phone) == ("line_fault", "3646")


def test_device_faults_are_told_and_shown(in_call: Kiosk) -> None:
    in_call.life.devices([DeviceCard(kind="camera", status="unplugged")])
    assert in_call.scene.device_is_out("camera")


def test_the_agent_s_device_faults_are_shown_until_they_are_mended_or_the_call_ends(
    in_call: Kiosk,
) -> None:
    def tell(call_id: str, status: str) -> None:
        card = DeviceCard.model_validate({"kind": "microphone", "status": status})
        in_call.hear(AgentDevices(call_id=call_id, devices=[card]))

    tell("c1", "unplugged")
    assert in_call.scene.agent_lacks("microphone")
    tell("another", "ok")
    assert in_call.scene.agent_lacks("microphone")
    tell("c1", "ok")
    assert not in_call.scene.agent_lacks("microphone")
    tell("c1", "failed")
    in_call.hear(Ended(call_id="c1", reason="hung_up_by_agent"))
    assert in_call.scene.agent_devices == ()


# --- help -------------------------------------------------------------------------------------


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


# --- time-out and cleaning --------------------------------------------------------------------


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
