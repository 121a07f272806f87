"""How a call goes on after a cut or a restart, and how it ends; in virtual time."""

from __future__ import annotations

from lifecycle_kiosk import START, Kiosk, card

from kiosk.scene import Do, Screen, Send, StopMedia
from signaling.protocol.cards import DeviceCard
from signaling.protocol.messages import (
    AgentDevices,
    CallState,
    Ended,
    HangUp,
    Media,
    Renegotiate,
)

# --- after a cut -------------------------------------------------------------------------


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


# --- ends --------------------------------------------------------------------------------


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
