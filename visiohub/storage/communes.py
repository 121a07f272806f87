"""The communes that the administrator loaded: their table, and what a search asks of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Column, ColumnElement, Float, String, Table, delete, func, insert, select
from sqlalchemy.orm import Session as OrmSession

from visiohub.domain.communes import Commune
from visiohub.storage.columns import metadata, text

communes = Table(
    "communes",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("postcode", String(5), primary_key=True, index=True),
    text("name", 100),
    Column("plain", String(200), nullable=False, index=True),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
)
_c = communes.c


class Communes:
    """Each comes once for each of its postcodes."""

    def __init__(self, session: OrmSession) -> None:
        self._session = session

    def replace(self, named: Iterable[tuple[Commune, str]]) -> None:
        """These and no others, each with the name by which it is searched."""
        rows = [asdict(commune) | {"plain": plain} for commune, plain in named]
        self._session.execute(delete(communes))
        self._session.execute(insert(communes), rows)

    def count(self) -> int:
        """How many communes."""
        return self._session.scalar(select(func.count(_c.code.distinct()))) or 0

    def of(self, plain: str, postcode: str) -> list[Commune]:
        """Of this name and this postcode; empty: of any."""
        wanted = [_c.plain == plain] if plain else []
        return self._all(*wanted, *([_c.postcode == postcode] if postcode else []))

    def begun(self, plain: str, postcode: str, most: int) -> list[Commune]:
        """Whose name begins so, at most so many rows, the shortest names first."""
        wanted = [_c.plain.startswith(plain, autoescape=True)]
        return self._all(*wanted, *([_c.postcode == postcode] if postcode else []), most=most)

    def _all(self, *wanted: ColumnElement[bool], most: int | None = None) -> list[Commune]:
        columns = (_c.code, _c.name, _c.postcode, _c.latitude, _c.longitude)
        asked = select(*columns).where(*wanted).limit(most)
        asked = asked.order_by(func.length(_c.plain), _c.plain, _c.postcode)
        return [Commune(*row) for row in self._session.execute(asked)]
