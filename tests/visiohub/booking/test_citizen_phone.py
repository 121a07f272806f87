"""Where a message is to arrive, the number is whole: for the public pages, for staff and API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from visiohub.booking.forms import AppointmentForm, Form, PartnerForm, read_form
from visiohub.booking.online import OnlineForm
from visiohub.booking.waiting import WaitingForm
from visiohub.errors import InvalidForm

AT = datetime(2026, 12, 1, 9, tzinfo=UTC)
FORMS: list[tuple[type[Form], dict[str, Any]]] = [
    (OnlineForm, {"service_id": "s", "venue_id": "v", "starts_at": AT}),
    (WaitingForm, {"service_id": "s", "venue_ids": ("v",), "not_after": AT}),
    (AppointmentForm, {"service_id": "s", "kiosk_id": "k", "day": "2026-12-01", "time": "09:00"}),
]


@pytest.mark.parametrize(("form", "data"), FORMS)
def test_a_citizens_number_is_whole_or_none(form: type[Form], data: dict[str, Any]) -> None:
    for phone in ("", "06 12 34 56 78", "+33 6 12 34 56 78"):
        read_form(form, {**data, "phone": phone})
    for phone in ("0612", "3230"):
        with pytest.raises(InvalidForm) as refused:
            read_form(form, {**data, "phone": phone})
        (error,) = refused.value.errors
        assert (error.field, error.code) == ("phone", "full_phone")


def test_a_partners_number_may_be_short() -> None:
    read_form(PartnerForm, {"name": "Caf", "short_name": "Caf", "phone": "3230"})
