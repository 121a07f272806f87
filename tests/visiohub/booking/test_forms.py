"""What people and programs type: one rule for what cannot be seen, wherever it comes from."""

from __future__ import annotations

from typing import Any

import pytest

from visiohub.booking.forms import AppointmentForm, RoomForm, ServiceForm, read_form
from visiohub.errors import InvalidForm
from visiohub.web.api.models import EnrolmentIn

HIDDEN = "\u200b\u202e\u2066\ufeff\u00ad\x00"
"""Zero width space, right-to-left override and isolate, byte order mark, soft hyphen, NUL."""


def room(**fields: Any) -> RoomForm:
    return RoomForm(**{"venue_id": "1", "name": "Salle", "capacity": 3} | fields)


@pytest.mark.parametrize("at", range(6))
def test_no_name_keeps_a_sign_that_cannot_be_seen(at: int) -> None:
    name = f"Sal{HIDDEN[at]}le"
    assert room(name=name).name == "Salle"
    body = f'{{"venue_id": "1", "name": "Sal\\u{ord(HIDDEN[at]):04x}le", "capacity": 3}}'
    assert RoomForm.model_validate_json(body) == room()


def test_nor_does_a_text_in_a_list_or_of_what_is_no_command() -> None:
    service = ServiceForm(
        partner_id="1", name="Logement", duration_minutes=30, to_bring=(f"un{HIDDEN}e pièce",)
    )
    assert service.to_bring == ("une pièce",)
    enrolment = EnrolmentIn(code=f"BBBB{HIDDEN}BBBB", public_key="A", software=f"1{HIDDEN}.0")
    assert (enrolment.code, enrolment.software) == ("BBBBBBBB", "1.0")


def test_what_is_hidden_alone_is_nothing() -> None:
    with pytest.raises(ValueError, match="at least 1 character"):
        room(name=f" {HIDDEN} ")


def test_joiners_stay_where_letters_need_them() -> None:
    persian = "می\u200cخواهم"
    assert room(name=persian).name == persian


def test_initials_with_a_hidden_sign_are_those_without() -> None:
    form = AppointmentForm.model_validate_json(
        '{"service_id": "1", "kiosk_id": "1", "day": "2026-11-23", "time": "09:00",'
        ' "initials": "D\\u202e. R\\u200b."}'
    )
    assert form.initials == "D. R."


@pytest.mark.parametrize(
    ("address", "passes"),
    [
        ("prenom.nom@example.fr", True),
        ("a@b.example", True),
        ("a@b", False),
        ("a@localhost", False),
        ("a@192.0.2.1", False),
        ("a@example.f", False),
    ],
)
def test_a_mail_goes_to_a_name_of_the_world(address: str, passes: bool) -> None:
    told: dict[str, object] = {"service_id": "s", "kiosk_id": "k", "day": "2026-12-01"}
    data = {**told, "time": "09:00", "email": address}
    if passes:
        assert read_form(AppointmentForm, data).email == address
        return
    with pytest.raises(InvalidForm) as refused:
        read_form(AppointmentForm, data)
    assert [error.field for error in refused.value.errors] == ["email"]
