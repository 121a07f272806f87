"""Administration: list, make, edit and retire what the territory consists of."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from visiohub.booking import accounts, enrolment, territory
from visiohub.booking.forms import read_form
from visiohub.errors import EditedMeanwhile, NotFound, VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, sentence
from visiohub.web.i18n import gettext as _
from visiohub.web.i18n import spoken
from visiohub.web.inputs import FormData, read_posted
from visiohub.web.lacks import lacks
from visiohub.web.narrow import narrow
from visiohub.web.pages.kind_forms import kept_data, typed_data, week_rows
from visiohub.web.pages.kinds import KINDS, Kind
from visiohub.web.render import page, see_other
from visiohub.web.rights import RIGHTS

routes = web.RouteTableDef()


def _kind(request: web.Request) -> Kind:
    kind = KINDS.get(request.match_info["kind"])
    if kind is None:
        raise web.HTTPNotFound
    return kind


@routes.get("/admin")
async def overview(request: web.Request) -> web.Response:
    """What there is of each kind, and what is missing."""
    context = {
        "kinds": KINDS.values(),
        "counts": await request.app[HUB].read(_counts),
        "lacks": await request.app[HUB].read(lacks),
    }
    return page(request, "admin/overview.html", context)


def _counts(uow: UnitOfWork) -> dict[str, int]:
    return {
        path: len(territory.repository_of(uow, kind.form.makes).list(active=True))
        for path, kind in KINDS.items()
    }


@routes.get("/admin/{kind}")
async def listing(request: web.Request) -> web.Response:
    """All of one kind, narrowed by a word."""
    kind = _kind(request)
    retired = request.query.get("retired") == "1"
    rows = await request.app[HUB].read(spoken(_rows), kind, retired)
    context = {
        "kind": kind,
        "things": narrow(request, rows, lambda row: " ".join(row[1])),
        "retired": retired,
        "done": done_sentence(request),
    }
    return page(request, "admin/list.html", context)


def _rows(uow: UnitOfWork, kind: Kind, retired: bool) -> list[tuple[str, tuple[str, str, str]]]:
    things = territory.repository_of(uow, kind.form.makes).list(active=not retired)
    return [(thing.id, kind.describe(uow, thing)) for thing in things]


@routes.get("/admin/{kind}/new")
async def new_page(request: web.Request) -> web.Response:
    """The empty form."""
    kind = _kind(request)
    data: dict[str, Any] = {entry.name: "" for entry in kind.inputs}
    data |= {"time_zone": request.app[HUB].settings.time_zone, "opening": []}
    data["venue_id"] = request.query.get("venue", "")
    return await _form(request, kind, data, None)


@routes.post("/admin/{kind}/new")
async def new(request: web.Request) -> web.Response:
    """Make one."""
    kind = _kind(request)
    hub, person = request.app[HUB], staff(request)
    typed = typed_data(kind, await read_posted(request))
    try:
        form = read_form(kind.form, typed)
        thing = await hub.run(territory.create, form, person, hub.clock())
    except VisiohubError as error:
        return await _form(request, kind, typed, None, error)
    await request.app[RIGHTS].push_admitters()
    return see_other(f"/admin/{kind.path}/{thing.id}", "created")


@routes.get("/admin/{kind}/{subject_id}")
async def edit_page(request: web.Request) -> web.Response:
    """One of them, to be edited."""
    kind = _kind(request)
    thing = await _thing(request, kind)
    return await _form(request, kind, kept_data(kind, thing), thing)


@routes.post("/admin/{kind}/{subject_id}")
async def edit(request: web.Request) -> web.Response:
    """Keep what was edited; somebody else's edit in between is shown beside one's own."""
    kind = _kind(request)
    posted = await read_posted(request)
    if kind.path == "people" and "set_password" in posted:
        return await _set_password(request)
    hub, person = request.app[HUB], staff(request)
    typed = typed_data(kind, posted)
    subject_id = request.match_info["subject_id"]
    try:
        form = read_form(kind.form, typed)
        version = _version(posted)
        async with request.app[RIGHTS].change_of(subject_id):
            await hub.run(territory.update, subject_id, form, version, person, hub.clock())
    except NotFound:
        raise
    except VisiohubError as error:
        return await _form(request, kind, typed, await _thing(request, kind), error)
    return see_other(f"/admin/{kind.path}/{subject_id}", "saved")


@routes.post("/admin/{kind}/{subject_id}/retire")
async def retire(request: web.Request) -> web.Response:
    """Use it no longer; the record keeps it."""
    kind = _kind(request)
    hub, person = request.app[HUB], staff(request)
    subject_id = request.match_info["subject_id"]
    version = _version(await read_posted(request))
    try:
        async with request.app[RIGHTS].change_of(subject_id):
            makes = kind.form.makes
            await hub.run(territory.retire, makes, subject_id, version, person, hub.clock())
    except NotFound:
        raise
    except VisiohubError as error:
        thing = await _thing(request, kind)
        return await _form(request, kind, kept_data(kind, thing), thing, error)
    if kind.path == "kiosks":
        await request.app[RIGHTS].cut_off_kiosk(subject_id)
    return see_other(f"/admin/{kind.path}", "retired")


@routes.post("/admin/kiosks/{kiosk_id}/code")
async def code(request: web.Request) -> web.Response:
    """A one-time code to enrol a kiosk with; shown on this page alone."""
    hub = request.app[HUB]
    kiosk_id = request.match_info["kiosk_id"]
    issued = await hub.run_hashing(enrolment.issue_code, kiosk_id, staff(request), hub.clock())
    kiosk = await hub.read(lambda uow: uow.kiosks.get(kiosk_id))
    context = {
        "issued": issued,
        "kiosk": kiosk,
        "minutes": hub.settings.enrolment_code_minutes,
        "origin": hub.settings.public_origins[0],
    }
    return page(request, "admin/code.html", context)


@routes.post("/admin/kiosks/{kiosk_id}/revoke")
async def revoke(request: web.Request) -> web.Response:
    """The kiosk's key opens nothing any more; it is cut off now, also in a call."""
    hub = request.app[HUB]
    kiosk_id = request.match_info["kiosk_id"]
    await hub.run(enrolment.revoke_kiosk, kiosk_id, staff(request), hub.clock())
    await request.app[RIGHTS].cut_off_kiosk(kiosk_id)
    return see_other(f"/admin/kiosks/{kiosk_id}", "revoked")


async def _set_password(request: web.Request) -> web.Response:
    hub = request.app[HUB]
    subject_id = request.match_info["subject_id"]
    by = staff(request)
    async with request.app[RIGHTS].change_of(subject_id):
        password = await hub.run_hashing(accounts.set_password, subject_id, by, hub.clock())
    subject = await hub.read(lambda uow: uow.persons.get(subject_id))
    return page(request, "admin/password.html", {"subject": subject, "password": password})


def _version(posted: FormData) -> int:
    text = posted.one("version")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


async def _thing(request: web.Request, kind: Kind) -> Any:
    subject_id = request.match_info["subject_id"]
    return await request.app[HUB].read(
        lambda uow: territory.repository_of(uow, kind.form.makes).get(subject_id)
    )


async def _form(
    request: web.Request,
    kind: Kind,
    data: dict[str, Any],
    thing: Any,
    error: VisiohubError | None = None,
) -> web.Response:
    options = await request.app[HUB].read(spoken(_options), kind)
    context = {
        "kind": kind,
        "data": data,
        "thing": thing,
        "options": options,
        "week": week_rows(data.get("opening", [])),
        "errors": _by_field(field_sentences(error)) if error else {},
        "wrong": sentence(error) if error else "",
        "labels": {entry.name: _(entry.label) for entry in kind.inputs},
        "meanwhile": kept_data(kind, thing) if isinstance(error, EditedMeanwhile) else None,
        "done": done_sentence(request),
    }
    return page(request, "admin/form.html", context, status=error.status if error else 200)


def _by_field(errors: dict[str, str]) -> dict[str, str]:
    """Errors inside a list (`opening.2.closes`) belong to the list's field."""
    found: dict[str, str] = {}
    for name, text in errors.items():
        found.setdefault(name.split(".")[0], text)
    return found


def _options(uow: UnitOfWork, kind: Kind) -> dict[str, Any]:
    return {entry.name: entry.options(uow) for entry in kind.inputs if entry.options}
