"""A file on its way in: sent, checked as often as one likes, corrected, taken over or dropped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from visiohub.booking.audit import note
from visiohub.booking.imports import run
from visiohub.booking.secrets import new_id
from visiohub.domain.csv_table import MOST_BYTES
from visiohub.domain.model import Person
from visiohub.domain.upload import Upload
from visiohub.errors import N_, FieldError, InvalidForm, NotFound
from visiohub.storage.uow import UnitOfWork


def send(uow: UnitOfWork, kind: str, name: str, data: bytes, by: Person, now: datetime) -> Upload:
    """Keep a file. Raises InvalidForm: no such kind, no file, a file that is too large."""
    wrong = []
    if kind not in run.KINDS:
        wrong.append(FieldError("kind", "missing", N_("Choisissez ce que le fichier contient.")))
    if not data:
        wrong.append(FieldError("file", "missing", N_("Choisissez un fichier qui n’est pas vide.")))
    elif len(data) > MOST_BYTES:
        says = N_("Ce fichier dépasse {most} Mo. Partagez-le en plusieurs fichiers.")
        most = {"most": MOST_BYTES // 1024 // 1024}
        wrong.append(FieldError("file", "too_large", says, dict(most)))
    if wrong:
        raise InvalidForm(wrong)
    made = Upload(new_id(), by.id, kind, name[:200], data, now)
    uow.uploads.add(made)
    note(uow, by, now, "import.send", made.id, {}, _facts(made))
    uow.flush()
    return made


def replace(
    uow: UnitOfWork, upload_id: str, name: str, data: bytes, by: Person, now: datetime
) -> Upload:
    """The corrected file instead of the one that was sent. Raises NotFound, InvalidForm."""
    before = waiting(uow, upload_id)
    made = send(uow, before.kind, name, data, by, now)
    drop(uow, before.id, by, now)
    return made


def waiting(uow: UnitOfWork, upload_id: str) -> Upload:
    """One that is neither taken over nor dropped. Raises NotFound."""
    upload = uow.uploads.get(upload_id)
    if upload.loaded_at is not None:
        raise NotFound(f"upload {upload_id} was taken over at {upload.loaded_at}")
    return upload


def check(uow: UnitOfWork, upload_id: str, now: datetime) -> tuple[Upload, run.Report | None]:
    """What is wrong with it as things are now; None: it was taken over. Raises NotFound."""
    upload = uow.uploads.get(upload_id)
    if upload.loaded_at is not None:
        return upload, None
    return upload, run.check(uow, upload.kind, upload.data, now)


def load(uow: UnitOfWork, upload_id: str, by: Person, now: datetime) -> Upload:
    """Take it over, once; what it held is then kept only where it belongs.

    Raises NotFound, ImportRefused: then nothing of it was kept, but the file itself.
    """
    upload = uow.uploads.get(upload_id)
    if upload.loaded_at is None:
        upload.lines = run.load(uow, upload.kind, upload.data, by, now).lines
        upload.loaded_at, upload.data = now, b""
    return upload


def drop(uow: UnitOfWork, upload_id: str, by: Person, now: datetime) -> None:
    """Keep it no longer. Raises NotFound."""
    upload = uow.uploads.get(upload_id)
    note(uow, by, now, "import.drop", upload.id, _facts(upload), {})
    uow.uploads.remove(upload)


def recent(uow: UnitOfWork) -> Sequence[Upload]:
    """All that are kept, the latest first."""
    return sorted(uow.uploads.list(), key=lambda upload: upload.created_at, reverse=True)


def _facts(upload: Upload) -> dict[str, object]:
    """For the audit; not the file's name, which may be somebody's."""
    return {"kind": upload.kind, "octets": len(upload.data)}
