"""Webhooks and SMS, as a real server got them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import time, timedelta
from typing import Any

import pytest
from hub_world import DAY, NOW, World
from stranger import Stranger

from visiohub.booking import appointments, connections
from visiohub.booking.connections import WebhookForm
from visiohub.booking.forms import MoveForm, read_form
from visiohub.booking.personal.erase import erase_citizen
from visiohub.domain.model import CancelledBy
from visiohub.errors import InvalidForm
from visiohub.notify import sms, webhook
from visiohub.notify.delivery import deliver
from visiohub.notify.message import Channel
from visiohub.storage.outbox import outbox

SMS_BODY = '{"sender": "visio", "to": ["{to}"], "message": {"text": "{text}"}}'


@pytest.fixture
def more_settings(stranger: Stranger) -> dict[str, Any]:
    return {
        "private_hosts": ("127.0.0.1",),
        "sms_url": f"{stranger.url}/sms",
        "sms_header": "X-Key",
        "sms_token": "s3cret",
        "sms_body": SMS_BODY,
    }


def run(world: World, after: timedelta = timedelta()) -> int:
    world.hub.clock = lambda: NOW + after
    return deliver(world.hub, lambda: False)


def hooked(world: World, stranger: Stranger) -> connections.Made:
    form = WebhookForm(url=f"{stranger.url}/hook?a=1", events=("appointment",))
    made: connections.Made = world.do(connections.make_webhook, form, world.admin, NOW)
    return made


def cancel(world: World, appointment_id: str) -> None:
    by = CancelledBy.RECEPTION
    world.do(appointments.cancel, appointment_id, by, 1, world.reception, NOW)


def test_the_specification_s_own_example() -> None:
    """standardwebhooks.com, "Symmetric": the vector that its libraries are tested with."""
    headers = webhook.headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_change_is_announced_signed(world: World, stranger: Stranger) -> None:
    made = hooked(world, stranger)
    booked = world.book("09:30", phone="06 12 34 56 78", email="a@example.fr")
    run(world)
    (asked,) = stranger.asked
    assert (asked.path, asked.headers["content-type"]) == ("/hook?a=1", "application/json")
    key = base64.b64decode(made.secret.removeprefix("whsec_"))
    assert len(key) == 32
    stamp = asked.headers["webhook-timestamp"]
    signed = f"{asked.headers['webhook-id']}.{stamp}.".encode() + asked.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{expected}"
    assert int(stamp) == NOW.timestamp()
    told = json.loads(asked.body)
    assert told["type"] == "appointment.book"
    assert told["data"]["id"] == booked.appointment_id
    assert told["data"]["after"]["kiosk_id"] == world.kiosk.id
    assert b"D. R." not in asked.body
    assert b"06 12" not in asked.body
    assert b"example.fr" not in asked.body


@pytest.mark.parametrize("status", [503, 404])
def test_it_is_tried_again_under_the_same_id(world: World, stranger: Stranger, status: int) -> None:
    hooked(world, stranger)
    world.book("09:30")
    stranger.says(status)
    assert run(world) == 0
    stranger.says(204)
    assert run(world, timedelta(seconds=30)) == 0
    assert run(world, timedelta(minutes=2)) == 1
    first, second = stranger.asked
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body


def test_a_redirection_is_a_refusal(world: World, stranger: Stranger) -> None:
    hooked(world, stranger)
    world.book("09:30")
    stranger.says(307, Location="http://169.254.169.254/")
    run(world)
    (dead,) = world.see(lambda uow: uow.outbox.dead())
    assert dead.last_error == "HTTP status 307"


def test_one_that_was_removed_or_asks_for_other_things_is_told_nothing(
    world: World, stranger: Stranger
) -> None:
    made = hooked(world, stranger)
    other = WebhookForm(url=stranger.url, events=("booking",))
    world.do(connections.make_webhook, other, world.admin, NOW)
    booked = world.book("09:30")
    world.do(connections.remove_webhook, made.id, world.admin, NOW)
    cancel(world, booked.appointment_id)
    run(world)
    assert stranger.asked == []


@pytest.mark.parametrize(
    ("url", "events"),
    [
        ("http://example.fr/x", ("appointment",)),
        ("nonsense", ("appointment",)),
        ("https://example.fr/", ()),
        ("https://example.fr/", ("everything",)),
        ("https://exam ple.fr/", ("booking",)),
    ],
)
def test_what_cannot_be_a_webhook_is_said(world: World, url: str, events: tuple[str, ...]) -> None:
    def make() -> None:
        form = read_form(WebhookForm, {"url": url, "events": events})
        world.do(connections.make_webhook, form, world.admin, NOW)

    with pytest.raises(InvalidForm):
        make()


def test_an_sms_tells_of_a_cancellation_to_who_has_no_address(
    world: World, stranger: Stranger
) -> None:
    booked = world.book("09:30", phone="06 12 34 56 78")
    assert run(world) == 0  # the paper says it already
    cancel(world, booked.appointment_id)
    assert run(world) == 1
    (asked,) = stranger.asked
    assert (asked.path, asked.headers["x-key"]) == ("/sms", "s3cret")
    assert len(asked.headers["idempotency-key"]) == 32
    told = json.loads(asked.body)
    assert (told["sender"], told["to"]) == ("visio", ["+33612345678"])
    text = told["message"]["text"]
    assert "annulé" in text
    assert "Guillestre" in text
    assert "Logement" not in text
    assert len(text) <= sms.LONGEST


def test_a_landline_and_an_address_get_no_sms(world: World, stranger: Stranger) -> None:
    cancel(world, world.book("09:30", phone="04 65 71 20 05").appointment_id)
    both = {"phone": "06 12 34 56 78", "email": "a@example.fr"}
    cancel(world, world.book("10:00", **both).appointment_id)
    run(world)
    assert stranger.asked == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 7.12.34.56.78", "+33712345678"),
        ("0033612345678", "+33612345678"),
        ("0692 12 34 56", "+262692123456"),
        ("+41 79 123 45 67", "+41791234567"),
        ("04 65 71 20 05", None),
        ("+33 4 65 71 20 05", None),
        ("", None),
        ("0612", None),
        ("06 12 34 56 78 9", None),
    ],
)
def test_numbers(typed: str, number: str | None) -> None:
    assert sms.mobile_number(typed) == number


def test_what_is_filled_in_stays_text() -> None:
    body = json.loads(sms.body(SMS_BODY, "+336", 'a "quote" {to}\n'))
    assert body == {"sender": "visio", "to": ["+336"], "message": {"text": 'a "quote" {to}\n'}}


def waits(world: World) -> list[str]:
    """Recipients of what is in the outbox."""
    rows = world.see(lambda uow: uow.personal.rows(outbox, {}, ("recipient", "channel")))
    return [row["recipient"] for row in rows if row["channel"] is not Channel.WEBHOOK]


def test_who_is_erased_gets_no_sms_and_leaves_no_number(world: World) -> None:
    booked = world.book("09:30", phone="06 12 34 56 78").appointment_id
    other = world.book("10:00", kiosk_id=world.far.id, phone="06 12 34 56 78").appointment_id
    there = MoveForm(kiosk_id=world.kiosk.id, day=DAY, time=time(11))
    for one in (booked, other):
        kiosk_id = world.appointment(one).kiosk_id
        form = there.model_copy(update={"kiosk_id": kiosk_id})
        world.do(appointments.move, one, form, 1, world.reception, NOW)
    assert waits(world) == ["+33612345678", "+33612345678"]
    world.do(erase_citizen, booked, world.admin, NOW)
    assert waits(world) == ["+33612345678"]  # the other's own
    world.do(erase_citizen, other, world.admin, NOW)
    assert waits(world) == []


def test_of_who_is_erased_webhooks_are_told_the_cancellation(
    world: World, stranger: Stranger
) -> None:
    booked = world.book("09:30", phone="06 12 34 56 78").appointment_id
    hooked(world, stranger)
    world.do(erase_citizen, booked, world.admin, NOW)
    run(world)
    (asked,) = stranger.asked
    assert json.loads(asked.body)["type"] == "appointment.cancel"
    assert json.loads(asked.body)["data"]["after"] == {"state": "cancelled"}
    assert b"06 12" not in asked.body
