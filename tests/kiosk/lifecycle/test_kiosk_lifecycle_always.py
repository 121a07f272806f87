"""What must hold whatever happens, in whatever order."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from lifecycle_kiosk import CODE, VENUE, Kiosk, card

from kiosk.scene import Do, Screen, StopMedia
from kiosk.screen.view import draw
from signaling.protocol.cards import DeviceCard
from signaling.protocol.messages import CallState, Ended, Error, Help, Offer, Say

CALLS = ("c1", "c2")
STATES = ("waiting", "admitted", "negotiating", "connected", "interrupted", "ended")
REASONS = (
    "hung_up_by_agent", "refused", "line_fault", "kiosk_fault", "agent_lost", "agent_absent",
)  # fmt: skip
SECRET = "Apportez votre bail"
IDLE_LIMIT_S = 60


class AnyStay(RuleBasedStateMachine):
    """A hub, a citizen and a line that do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.kiosk = Kiosk()
        self.media = False

    @rule(call_id=st.sampled_from((None, *CALLS)), state=st.sampled_from(STATES[:5]))
    def welcome(self, call_id: str | None, state: str) -> None:
        self.kiosk.welcome(card(state, call_id) if call_id else None)

    @rule()
    def lose(self) -> None:
        self.kiosk.life.link_lost(self.kiosk.now)

    @rule(code=st.sampled_from(("superseded", "closing", "silent")))
    def bye(self, code: str) -> None:
        self.kiosk.effects += self.kiosk.life.turned_away(code, self.kiosk.now)

    @rule(call_id=st.sampled_from(CALLS), state=st.sampled_from(STATES))
    def call_state(self, call_id: str, state: str) -> None:
        self.kiosk.hear(CallState(call=card(state, call_id)))

    @rule(call_id=st.sampled_from(CALLS), reason=st.sampled_from(REASONS))
    def ended(self, call_id: str, reason: str) -> None:
        refusal = "other" if reason == "refused" else None
        self.kiosk.hear(
            Ended(call_id=call_id, reason=reason, refusal=refusal, text=SECRET)  # type: ignore[arg-type]
        )

    @rule(call_id=st.sampled_from(CALLS), generation=st.integers(1, 3))
    def offer(self, call_id: str, generation: int) -> None:
        self.kiosk.hear(Offer(call_id=call_id, generation=generation, sdp="v=0"))

    @rule(call_id=st.sampled_from(CALLS))
    def say(self, call_id: str) -> None:
        self.kiosk.hear(Say(call_id=call_id, text=SECRET))

    @rule(code=st.sampled_from(("code_unknown", "rate_limited", "service_closed")),
          about=st.sampled_from(("present_code", "call_service", "media")))  # fmt: skip
    def error(self, code: str, about: str) -> None:
        self.kiosk.hear(Error(code=code, detail="", about=about))

    @rule(state=st.sampled_from(("none", "asked", "coming", "nobody")))
    def help(self, state: str) -> None:
        self.kiosk.hear(Help(state=state, phone="0493"))  # type: ignore[arg-type]

    @rule(generation=st.integers(1, 3), what=st.sampled_from(("flows", "silent", "failed", "show")))
    def media_event(self, generation: int, what: str) -> None:
        life, now = self.kiosk.life, self.kiosk.now
        match what:
            case "flows":
                self.kiosk.effects += life.media_flows(generation, now)
            case "silent":
                self.kiosk.effects += life.media_silent(generation, now)
            case "failed":
                self.kiosk.effects += life.media_failed(generation, now)
            case "show":
                life.picture(now)

    @rule(do=st.sampled_from(Do), value=st.sampled_from(("", "4", "en", "caf", "msa", "x")))
    def wish(self, do: Do, value: str) -> None:
        self.kiosk.do(do, value)

    @rule()
    def type_code(self) -> None:
        self.kiosk.do(Do.START_CODE)
        self.kiosk.type(CODE)

    @rule(status=st.sampled_from(("ok", "unplugged", "failed")))
    def device(self, status: str) -> None:
        self.kiosk.life.devices([DeviceCard(kind="camera", status=status)])  # type: ignore[arg-type]

    @rule(seconds=st.floats(0.1, 90))
    def wait(self, seconds: float) -> None:
        self.kiosk.pass_time(seconds)

    @invariant()
    def the_screen_can_be_drawn_and_left(self) -> None:
        """Every state has words and a way on: a button, or the hub's next answer."""
        model = draw(self.kiosk.scene)
        assert model["body"]["title"]
        assert model["footer"]["right"], "help is always there"
        if self.kiosk.scene.call is not None:
            assert model["footer"]["left"][0]["action"]["do"] == "leave"

    @invariant()
    def without_a_call_nothing_of_one_is_known(self) -> None:
        scene = self.kiosk.scene
        if scene.call is None:
            assert (scene.said, scene.muted, scene.interrupted_since) == ("", False, None)
            if scene.ending is None:
                assert SECRET not in str(draw(scene))

    def teardown(self) -> None:
        """Whatever happened, once everybody is gone the kiosk is clean within a minute."""
        kiosk = self.kiosk
        if kiosk.scene.call is not None:
            kiosk.do(Do.LEAVE_YES)
        had_media = kiosk.scene.screen in {Screen.CALL, Screen.INTERRUPTED}
        kiosk.pass_time(IDLE_LIMIT_S)
        scene = kiosk.scene
        assert not had_media or StopMedia() in kiosk.effects
        assert scene.screen in {Screen.HOME, Screen.OFFLINE, Screen.STARTING}
        assert (scene.language, scene.larger_text, scene.digits) == ("fr", False, "")
        assert (scene.call, scene.ending, scene.notice, scene.muted) == (None, None, "", False)
        assert SECRET not in str(draw(scene))
        kiosk.pass_time(700)
        kiosk.welcome()
        assert kiosk.scene.screen is Screen.HOME
        assert kiosk.scene.help == "none"
        assert kiosk.scene.venue == VENUE


AnyStay.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestAnyStay = AnyStay.TestCase
