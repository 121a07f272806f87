"""The communes that searches know beside those of the venues, from the administrator's file."""

from __future__ import annotations

from datetime import datetime

from visiohub.booking.audit import note
from visiohub.booking.search_places import plain
from visiohub.domain.communes import CommunesFile, read_communes
from visiohub.storage.uow import UnitOfWork


def load_communes(uow: UnitOfWork, data: bytes, now: datetime) -> CommunesFile:
    """Take over the file in place of the one before, by the machine's own administrator.

    With problems nothing of it is kept: they are in what is returned.
    """
    read = read_communes(data)
    if read.problems:
        return read
    before = uow.communes.count()
    uow.communes.replace((one, plain(one.name)) for one in read.communes)
    after = uow.communes.count()
    note(uow, None, now, "communes.load", "communes", {"communes": before}, {"communes": after})
    return read
