"""`visiohub person`: everything that is kept of somebody, shown or erased."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

import typer

from visiohub.booking.personal import subjects
from visiohub.booking.personal.erase import ERASURES
from visiohub.booking.personal.export import EXPORTS
from visiohub.booking.personal.subjects import Who
from visiohub.bootstrap import Hub
from visiohub.cli_parts import Config, fail, running
from visiohub.domain.codes import read_qr
from visiohub.domain.hours import YEARS_IN_SIGHT
from visiohub.domain.typed import read_day
from visiohub.storage.retry import committed
from visiohub.storage.uow import UnitOfWork

app = typer.Typer(help="What is kept of one person: export it, erase it.", no_args_is_help=True)

Login = Annotated[str, typer.Option(help="Of an account.", show_default=False)]
Paper = Annotated[
    str, typer.Option(help="Of a citizen: code of a convocation, or its QR.", show_default=False)
]
Venue = Annotated[str, typer.Option(help="With a code: name of the venue.", show_default=False)]
Day = Annotated[str, typer.Option(help="With a code: day of the appointment.", show_default=False)]
Contact = Annotated[
    str,
    typer.Option(
        help="Of who only waits: the e-mail address or telephone that they gave.",
        show_default=False,
    ),
]


@dataclass(frozen=True)
class _Found:
    who: Who
    id: str
    name: str


@app.command("export")
def export(
    config: Config = None,
    login: Login = "",
    code: Paper = "",
    venue: Venue = "",
    day: Day = "",
    contact: Contact = "",
) -> None:
    """Print as JSON everything that is kept of an account, of a citizen by the convocation, or of
    somebody on the waiting list.

    Exit codes: 0 done; 1 nobody is found; 2 an argument is wrong.
    """
    with running(config) as hub, hub.reading() as uow:
        found = _find(uow, login, code, venue, day, contact)
        made = EXPORTS[found.who](uow, found.id, hub.clock())
    typer.echo(json.dumps(made.plain(), ensure_ascii=False, indent=2))


@app.command("erase")
def erase(
    config: Config = None,
    login: Login = "",
    code: Paper = "",
    venue: Venue = "",
    day: Day = "",
    contact: Contact = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person: names, telephone, sign-ins. The record stays, without the person.

    This cannot be undone. Exit codes: 0 done; 1 nobody is found, or it cannot be done now; 2 an
    argument is wrong.
    """
    with running(config) as hub:
        with hub.reading() as uow:
            found = _find(uow, login, code, venue, day, contact)
        if not yes and not typer.confirm(f"Erase {found.name} for good?"):
            fail("nothing was erased")
        _erase(hub, found, hub.clock())
    typer.echo(f"{found.name} is erased.")


def _erase(hub: Hub, found: _Found, now: datetime) -> None:
    use_case = ERASURES[found.who]
    within_s = hub.settings.database_busy_timeout_s
    committed(hub.uow, lambda uow: use_case(uow, found.id, None, now), within_s=within_s)


def _find(uow: UnitOfWork, login: str, code: str, venue: str, day: str, contact: str) -> _Found:
    if [bool(login), bool(code), bool(contact)].count(True) != 1:
        fail(
            "name one person: --login, or --contact, or --code with --venue and --day", exit_code=2
        )
    if login:
        person = subjects.by_login(uow, login)
        return _Found(Who.STAFF, person.id, f"account {person.login}")
    if contact:
        entry = subjects.by_contact(uow, contact)
        others = len(subjects.all_entries(uow, entry.id)) - 1
        name = f"the entry {entry.id} of the waiting list"
        more = f", with {others} more of the same contact," if others else ""
        return _Found(Who.WAITING, entry.id, name + more)
    parsed = read_day(day) or date.min
    if day and parsed.year not in YEARS_IN_SIGHT:
        fail(f"{day!r} is no day. Write it like 2026-11-21 or 21/11/2026.", exit_code=2)
    venues = [v.id for v in uow.venues.list() if v.name == venue]
    if venue and len(venues) != 1:
        fail(f"{len(venues)} venues are called {venue!r}. Take the QR's text.", exit_code=2)
    if not read_qr(code) and not (venue and day):
        fail("a code needs --venue and --day beside it; a QR's text needs neither", exit_code=2)
    appointment = subjects.by_paper(uow, code, venues[0] if venues else "", parsed)
    return _Found(Who.CITIZEN, appointment.id, f"the citizen of {appointment.id}")
