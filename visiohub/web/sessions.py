"""Who is asking: server-side sessions that can be revoked, the language, the doors by role."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web
from aiohttp.typedefs import Handler
from aiohttp_session import AbstractStorage, Session, get_session

from visiohub.booking import accounts
from visiohub.booking.views import NewSession
from visiohub.bootstrap import Hub
from visiohub.web.context import HUB, KEY_PERSON, SIGNED_IN, person_of
from visiohub.web.i18n import preferred, speak
from visiohub.web.keys import carries_key, key_person
from visiohub.web.permissions import allowed, roles_for

WITHOUT_SESSION = ("/static/", "/healthz", "/readyz", "/metrics")


def cookie_name(name: str, *, secure: bool) -> str:
    """`__Host-`: only over TLS, only this host, for all paths (RFC 6265bis section 4.1.3.2)."""
    return f"__Host-{name}" if secure else name


def language_cookie(request: web.Request) -> str:
    """Name of the cookie that keeps the language chosen before the sign-in, which takes it away
    and into an account without one: on a shared PC it is not the next person's."""
    return cookie_name("visiohub-language", secure=hub_of(request).settings.secure_cookies)


def browser_cookie(request: web.Request) -> str:
    """Name of the cookie by which a browser is known at the next sign-in (known_browsers.py)."""
    return cookie_name("visiohub-browser", secure=hub_of(request).settings.secure_cookies)


class SqlStorage(AbstractStorage):
    """aiohttp-session over the hub's table of sessions: the cookie carries a random token, the
    table its hash. Nothing else is kept in a session."""

    def __init__(self, hub: Hub) -> None:
        secure = hub.settings.secure_cookies
        super().__init__(
            cookie_name=cookie_name("visiohub", secure=secure),
            max_age=hub.settings.session_hours * 3600,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
        self._hub = hub

    async def load_session(self, request: web.Request) -> Session:
        """The session of the cookie; a new, empty one when there is none or it is over."""
        token = self.load_cookie(request)
        now = self._hub.clock()
        found = await self._hub.read(accounts.find_session, token, now) if token else None
        if found is None:
            return Session(None, data=None, new=True, max_age=self.max_age)
        if found.touch_due:
            await self._hub.run(accounts.touch_session, found.session.id, now)
        request[SIGNED_IN] = found
        return Session(found.session.id, data=None, new=False, max_age=self.max_age)

    async def save_session(
        self, _request: web.Request, response: web.StreamResponse, session: Session
    ) -> None:
        """Hand out the token of a sign-in, or take the cookie back."""
        if token := session.get("token"):
            self.save_cookie(response, token, max_age=self.max_age)
        else:  # a browser obeys only if the cookie is described as it was set
            response.del_cookie(
                self.cookie_name,
                path="/",
                secure=self.cookie_params["secure"],
                httponly=True,
                samesite="Lax",
            )


async def begin(request: web.Request, opened: NewSession) -> None:
    """Signed in: the answer will carry the cookie."""
    session = await get_session(request)
    session["token"] = opened.token


async def finish(request: web.Request) -> None:
    """Signed out: the answer will take the cookie back."""
    session = await get_session(request)
    session.invalidate()


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks and in which language, then open the door or not."""
    if carries_key(request):
        request[KEY_PERSON] = await key_person(request)
    elif not request.path.startswith(WITHOUT_SESSION):
        await get_session(request)
    person = person_of(request)
    chosen = person.language if person else request.cookies.get(language_cookie(request))
    speak(chosen or preferred(request.headers.get("Accept-Language", "")))
    roles = roles_for(request)
    if allowed(roles, person.roles if person else None):
        return await handler(request)
    if person is not None:
        raise web.HTTPForbidden
    if request.method in {"GET", "HEAD"} and not request.path.startswith("/api/"):
        if "X-Fragment" in request.headers:
            raise web.HTTPUnauthorized
        raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs, safe='')}")
    raise web.HTTPUnauthorized


def hub_of(request: web.Request) -> Hub:
    """The hub, from a request."""
    return request.app[HUB]
