"""Sign-in and sign-out, one's own account, the language."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from aiohttp import web

from visiohub.booking import accounts
from visiohub.booking.known_browsers import KEPT_DAYS, new_browser_token
from visiohub.booking.views import NewSession
from visiohub.domain.model import Person, Role
from visiohub.errors import VisiohubError
from visiohub.storage.uow import UnitOfWork
from visiohub.web.context import HUB, SIGNALING, address_of, person_of, signed_in, staff
from visiohub.web.done import done_sentence
from visiohub.web.error_pages import field_sentences, say_when, sentence
from visiohub.web.i18n import LANGUAGES
from visiohub.web.i18n import gettext as _
from visiohub.web.inputs import header_text, local_path, read_posted
from visiohub.web.render import page, see_other
from visiohub.web.sessions import begin, browser_cookie, finish, language_cookie

routes = web.RouteTableDef()


class _CookieFacts(TypedDict):
    secure: bool
    httponly: bool
    samesite: str


HOMES = (
    (Role.AGENT, "/agent"),
    (Role.RECEPTION, "/reception"),
    (Role.TECHNICIAN, "/kiosks"),
    (Role.COORDINATOR, "/usage"),
    (Role.ADMINISTRATOR, "/admin"),
    (Role.SOCIAL_WORKER, "/appointments"),
    (Role.PROFESSIONAL, "/bookings"),
)


def home_of(person: Person) -> str:
    """The first page of somebody, by the role that has most to do during the day."""
    return next(path for role, path in HOMES if role in person.roles)


@routes.get("/home")
async def home(request: web.Request) -> web.Response:
    """Go to one's first page."""
    return see_other(home_of(staff(request)))


@routes.get("/sign-in")
async def sign_in_page(request: web.Request) -> web.Response:
    """The sign-in form."""
    person = person_of(request)
    if person is not None:
        return see_other(home_of(person))
    context = {
        "login": "",
        "next": request.query.get("next", ""),
        "errors": {},
        "wrong": "",
        "done": done_sentence(request),
    }
    return page(request, "account/sign_in.html", context)


@routes.post("/sign-in")
async def sign_in(request: web.Request) -> web.Response:
    """Check login and password, open a session."""
    form = await read_posted(request)
    hub = request.app[HUB]
    login, password = form.one("login"), form.get("password", "")
    chosen = request.cookies.get(language_cookie(request), "")
    if empty := _empty(login, password):
        context = {"login": login, "next": form.one("next"), "errors": empty, "done": ""}
        context["wrong"] = _("La connexion est incomplète.")
        return page(request, "account/sign_in.html", context, status=422)
    try:
        opened, person, known = await hub.run_at_door(
            _open,
            login,
            password,
            address_of(request),
            header_text(request, "User-Agent"),
            request.cookies.get(browser_cookie(request), ""),
            chosen,
            hub.clock(),
        )
    except VisiohubError as error:
        context = {
            "login": login,
            "next": form.one("next"),
            "errors": {},
            "wrong": sentence(error),
            "done": "",
        }
        answer = page(request, "account/sign_in.html", context, status=error.status)
        return say_when(answer, error)
    await begin(request, opened)
    answer = see_other(local_path(form.one("next"), home_of(person)))
    lasts_s = KEPT_DAYS * 24 * 3600
    answer.set_cookie(browser_cookie(request), known, max_age=lasts_s, **_cookie_facts(request))
    if chosen:
        answer.del_cookie(language_cookie(request), **_cookie_facts(request))
    return answer


def _empty(login: str, password: str) -> dict[str, str]:
    """What is said of the fields that nothing stands in."""
    found = {}
    if not login:
        found["login"] = _("Écrivez votre identifiant.")
    if not password:
        found["password"] = _("Écrivez votre mot de passe.")
    return found


def _open(
    uow: UnitOfWork,
    login: str,
    password: str,
    address: str,
    browser: str,
    known: str,
    language: str,
    now: datetime,
) -> tuple[NewSession, Person, str]:
    """`known` is what the browser has from an earlier sign-in, the last of the answer what it gets.

    `language` was chosen before, perhaps by another person on this PC: it is for an account that
    has chosen none.
    """
    person = accounts.sign_in(uow, login, password, address, now, known)
    if language in LANGUAGES and not person.language:
        accounts.set_language(uow, person.id, language)
    opened = accounts.open_session(uow, person, browser, now)
    return opened, person, new_browser_token(person)


@routes.post("/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    """End this session everywhere at once: page, API and wire."""
    who = signed_in(request)
    hub = request.app[HUB]
    await hub.run(accounts.revoke_session, who.session.id, who.person, hub.clock())
    await request.app[SIGNALING].revoke_session(who.session.id)
    await finish(request)
    return see_other("/sign-in", "signed_out")


@routes.get("/account")
async def account(request: web.Request) -> web.Response:
    """Password, sessions, language."""
    return await _account_page(request, {})


async def _account_page(
    request: web.Request, errors: dict[str, str], status: int = 200
) -> web.Response:
    who = signed_in(request)
    hub = request.app[HUB]
    context = {
        "sessions": await hub.read(accounts.list_sessions, who.person, hub.clock()),
        "this_session": who.session.id,
        "minimum": hub.settings.password_min_length,
        "errors": errors,
        "done": done_sentence(request),
    }
    return page(request, "account/account.html", context, status=status)


@routes.post("/account/password")
async def change_password(request: web.Request) -> web.Response:
    """Change one's password; the other sessions end."""
    who = signed_in(request)
    hub = request.app[HUB]
    form = await read_posted(request)
    new = form.get("new", "")
    if new != form.get("again", ""):
        return await _account_page(request, {"again": _("Les deux saisies diffèrent.")}, 422)
    others = await hub.read(accounts.list_sessions, who.person, hub.clock())
    try:
        await hub.run_hashing(
            accounts.change_password,
            who.person.id,
            form.get("current", ""),
            new,
            who.session.id,
            address_of(request),
            hub.clock(),
        )
    except VisiohubError as error:
        errors = field_sentences(error) or {"current": sentence(error)}
        return say_when(await _account_page(request, errors, error.status), error)
    for other in others:
        if other.id != who.session.id:
            await request.app[SIGNALING].revoke_session(other.id)
    return see_other("/account", "password")


@routes.post("/account/sessions/{session_id}/revoke")
async def revoke(request: web.Request) -> web.Response:
    """End one of one's own sessions."""
    hub = request.app[HUB]
    session_id = request.match_info["session_id"]
    await hub.run(accounts.revoke_session, session_id, staff(request), hub.clock())
    await request.app[SIGNALING].revoke_session(session_id)
    return see_other("/account", "session")


@routes.post("/language")
async def choose_language(request: web.Request) -> web.Response:
    """The switch at the foot of every page."""
    form = await read_posted(request)
    wanted = form.one("language")
    if wanted not in LANGUAGES:
        raise web.HTTPBadRequest
    answer = see_other(local_path(form.one("back"), "/"))
    person = person_of(request)
    if person is not None:
        await request.app[HUB].run(accounts.set_language, person.id, wanted)
    else:
        answer.set_cookie(
            language_cookie(request), wanted, max_age=365 * 24 * 3600, **_cookie_facts(request)
        )
    return answer


def _cookie_facts(request: web.Request) -> _CookieFacts:
    """How the hub's own cookies are set, and must be described when they are taken back."""
    secure = request.app[HUB].settings.secure_cookies
    return {"secure": secure, "httponly": True, "samesite": "Lax"}
