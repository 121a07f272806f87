"""What is wrong with a service's own limits is said at its field."""

from __future__ import annotations

from typing import Any

import pytest

from visiohub.booking.forms import ServiceForm, read_form
from visiohub.errors import InvalidForm


@pytest.mark.parametrize(
    ("limits", "field"),
    [
        ({"shortest_minutes": 45}, "shortest_minutes"),
        ({"longest_minutes": 15}, "longest_minutes"),
        ({"horizon_days": 1, "notice_minutes": 2880}, "notice_minutes"),
        ({"buffer_after_minutes": -5}, "buffer_after_minutes"),
        ({"horizon_days": 9999}, "horizon_days"),
    ],
)
def test_limits_that_nothing_could_keep_are_named(limits: dict[str, Any], field: str) -> None:
    data = {"partner_id": "p", "name": "Logement", "duration_minutes": 30, **limits}
    with pytest.raises(InvalidForm) as refused:
        read_form(ServiceForm, data)
    assert [e.field for e in refused.value.errors] == [field]
