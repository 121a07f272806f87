"""One of many processes that want the same slot at the same moment."""

from __future__ import annotations

from datetime import datetime
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

from visiohub.booking.appointments import book
from visiohub.booking.forms import AppointmentForm
from visiohub.errors import SlotTaken
from visiohub.settings import Settings
from visiohub.storage.engine import open_engine
from visiohub.storage.uow import UnitOfWork


def race(
    data_dir: str, form: str, person_id: str, now: str, start: Barrier, said: Queue[str]
) -> None:
    """Wait for all others, then book; say how it went."""
    settings = Settings(data_dir=data_dir)
    engine = open_engine(settings.database, busy_timeout_s=60, connections=1)
    with UnitOfWork(engine, settings, reading=True) as uow:
        by = uow.persons.get(person_id)
    wanted = AppointmentForm.model_validate_json(form)
    start.wait(60)
    try:
        with UnitOfWork(engine, settings) as uow:
            book(uow, wanted, by, datetime.fromisoformat(now))
            uow.commit()
        said.put("won")
    except SlotTaken:
        said.put("taken")
    except Exception as error:  # noqa: BLE001 - whatever it was, the test shows it
        said.put(repr(error))
