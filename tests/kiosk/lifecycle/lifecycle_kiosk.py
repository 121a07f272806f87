"""A lifecycle in virtual time: no clock, no socket, every step scripted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kiosk.lifecycle import Lifecycle
from kiosk.scene import Action, Do, Effect, Send
from signaling.protocol.cards import CallCard, PlaceCard, ServiceCard, VenueCard
from signaling.protocol.messages import (
    FromHub,
    Message,
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
