"""What a failing statement says."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from visiohub.storage.engine import open_engine


def test_an_error_does_not_repeat_what_was_typed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/a.db", busy_timeout_s=1, connections=1)
    insert = text("INSERT INTO people VALUES (:phone)")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE people (phone TEXT UNIQUE)"))
        connection.execute(insert, {"phone": "0699999999"})
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert, {"phone": "0699999999"})
    engine.dispose()
    assert "0699999999" not in str(caught.value)
