"""The application of the pages: from a request to its row of the table, and from what comes of it to an answer."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, quote, unquote

from attrs import evolve, frozen
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from podium.client.embedded_audit import ReportedChange
from podium.model.audit import OK
from podium.model.errors import InternalError, PodiumError
from podium.model.values import JsonValue
from podium.server.addresses import refuse_rebinding
from podium.server.errors import Refusal, status_of
from podium.server.web import assets, security
from podium.server.web.answers import Answer, Download, Signed, View
from podium.server.web.live import news_of_list, news_of_run
from podium.server.web.pages import PAGES
from podium.server.web.sessions import who
from podium.server.web.table import Page
from podium.server.web.templating import render
from podium.server.web.visits import Fields, Visit, Visitor
from podium.server.web.writing import address, named

if TYPE_CHECKING:
    from podium.server.desk import Desk

_log = logging.getLogger("podium.server")

#: Most fields of a form: the most runs of a bulk action, and some.
_FIELDS_MAX = 5_000
#: Seconds that a session lasts from the last page on; its token says it too.
_SESSION_S = 60 * 60
#: Most bytes of the cookie that holds one sentence for the next page.
_SAID_MAX = 3_600
_YEAR_S = 365 * 24 * 60 * 60
_HX = "hx-request"
#: What pages are about, by the first segment of their paths, as the audit calls it.
_KINDS = {"runs": "run", "definitions": "workflow", "editor": "workflow", "schedules": "schedule", "tasks": "run"}


def web_app(desk: Desk, pages: Iterable[Page] = PAGES) -> Starlette:
    """
    Return the ASGI application of the pages.

    Args:
        desk: The engine, as the API has it.
        pages: The table.
    """
    site = Site(desk, tuple(pages))
    routes = [Route(page.path, site.endpoint(page), methods=[page.method]) for page in site.pages]
    routes += [
        Route("/static/{name}", _static),
        Route("/live/runs", site.stream(news_of_list)),
        Route("/live/runs/{run_id}", site.stream(news_of_run)),
    ]
    return Starlette(routes=routes, exception_handlers={HTTPException: site.not_there})


class Site:
    """
    The pages over one engine.

    Args:
        desk: The engine.
        pages: The table.
    """

    def __init__(self, desk: Desk, pages: tuple[Page, ...]) -> None:
        self._desk = desk
        self.pages = pages

    def endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers requests for a page."""

        async def answer(request: Request) -> Response:
            user = who(self._desk.gate, request.cookies.get(security.SESSION), self._desk.engine.clock.now())
            if user is None and page.least is not None:
                return self._to_sign_in(request)
            visit = Visit(
                desk=self._desk,
                user=user or Visitor(roles=()),
                path=_named_all(request.path_params),
                query=Fields(parse_qs(request.url.query, keep_blank_values=True)),
                address=address_of(request),
                peer=request.client.host if request.client else "",
                is_swap=_HX in request.headers and "hx-boosted" not in request.headers,
            )
            result = OK
            try:
                response = await self._answered(page, visit, request)
            except Exception as error:  # noqa: BLE001  # whatever it is, the browser hears of it
                result = "REFUSED" if isinstance(error, Refusal) else type(error).__name__
                response = await self._failed(visit, request, error)
            if page.changes or visit.told:
                await self._tell(page, visit, request, result, response.status_code)
            return response

        return answer

    async def _tell(self, page: Page, visit: Visit, request: Request, result: str, status: int) -> None:
        """Write a change into the audit: what the handler has told of it, or what the row says."""
        kind = page.path.split("/")[1]
        names = [value for key, value in visit.path.items() if key != "run_id"]
        by_row = ReportedChange(
            page.handler.__name__, _KINDS.get(kind, kind), "/".join(names), visit.path.get("run_id"), result
        )
        details: dict[str, JsonValue] = {"method": page.method, "path": page.path, "status": status}
        if visit.user.name:
            details["name"] = visit.user.name
        told = [each._replace(details=details) for each in visit.told or [by_row]]
        await self._desk.tell_audit(told, who=visit.user.id, address=visit.peer)

    async def _answered(self, page: Page, visit: Visit, request: Request) -> Response:
        if self._desk.gate is None:
            _refuse_rebinding(request)
        if not visit.user.may(page.least):
            roles = ", ".join(visit.user.roles) or "no role"
            raise Refusal(403, f"{visit.user.name} has {roles}; this asks for {page.least}")
        if page.method == "POST":
            visit = await self._with_form(visit, request)
        return await run_in_threadpool(lambda: self._made(visit, request, page.handler(visit)))

    async def _with_form(self, visit: Visit, request: Request) -> Visit:
        content = await _content(request, self._desk.settings.body_bytes)
        try:
            pairs = parse_qsl(content.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
        except ValueError as error:
            raise Refusal(400, f"the form cannot be read: {error}") from None
        fields: dict[str, list[str]] = {}
        for name, value in pairs:
            fields.setdefault(name, []).append(value)
        form = Fields(fields)
        security.refuse_forgery(
            request, request.headers.get(security.FORGERY_HEADER) or form.text(security.FORGERY_FIELD)
        )
        return evolve(visit, form=form)

    def _made(self, visit: Visit, request: Request, answer: Answer) -> Response:
        if isinstance(answer, View):
            return self._page(visit, request, answer)
        if isinstance(answer, Download):
            headers = {"content-disposition": f'attachment; filename="{_file_name(answer.name)}"', **security.UNKEPT}
            return Response(answer.content, media_type=answer.kind, headers={**security.HEADERS, **headers})
        response = _to(request, answer.to)
        if isinstance(answer, Signed):
            security.set_cookie(request, response, security.SESSION, answer.token, age_s=_SESSION_S)
            security.set_cookie(request, response, security.FORGERY, security.new_token())
        elif answer.said:
            said = _kept(("!" if answer.is_bad else "+") + answer.said)
            security.set_cookie(request, response, security.SAID, said, age_s=60)
        return response

    def _page(self, visit: Visit, request: Request, view: View) -> Response:
        forgery = request.cookies.get(security.FORGERY) or security.new_token()
        said = unquote(request.cookies.get(security.SAID, ""))
        theme = request.cookies.get(security.THEME, "")
        html = render(
            view.template,
            it=view.it,
            user=visit.user,
            path=request.url.path,
            query=visit.query,
            csrf=forgery,
            said=said,
            theme=theme if theme in {"light", "dark"} else "",
            nav=[page for page in self.pages if page.nav and visit.user.may(page.least)],
            asks_who=self._desk.gate is not None,
            now=visit.now,
            came_from=security.came_from(request) if request.method == "POST" and not visit.is_swap else "",
        )
        response = HTMLResponse(html, view.status, headers={**security.HEADERS, **security.UNKEPT})
        self._keep_session(visit, request, response)
        if security.FORGERY not in request.cookies:
            security.set_cookie(request, response, security.FORGERY, forgery)
        if said and not visit.is_swap:
            security.set_cookie(request, response, security.SAID, "")
        return response

    def _keep_session(self, visit: Visit, request: Request, response: Response) -> None:
        """Let a session last from the last page that was asked for; what a page asks for by itself does not count."""
        gate, token = self._desk.gate, request.cookies.get(security.SESSION)
        if gate is None or token is None or visit.is_swap or not visit.user.name:
            return
        renewed = gate.renewed(token, visit.now)
        if renewed is not None:
            security.set_cookie(request, response, security.SESSION, renewed, age_s=_SESSION_S)

    async def _failed(self, visit: Visit, request: Request, error: Exception) -> Response:
        """Return the page that tells of an error; of a bug it tells nothing but that it is one."""
        status = status_of(error, {})
        if isinstance(error, Refusal) and status == 401:
            return self._to_sign_in(request)
        message = str(error)
        if not isinstance(error, PodiumError) or isinstance(error, InternalError):
            _log.error("%s %s failed because of a bug", request.method, request.url.path, exc_info=error)
            status, message = 500, "This page has a bug. The server's log tells more of it."
        return await run_in_threadpool(
            self._page, visit, request, View("error.html", ErrorPage(status, message), status)
        )

    async def not_there(self, request: Request, error: Exception) -> Response:
        """Return the page for a path, or a method, that no row has."""
        status = error.status_code if isinstance(error, HTTPException) else 404
        user = who(self._desk.gate, request.cookies.get(security.SESSION), self._desk.engine.clock.now())
        visit = Visit(desk=self._desk, user=user or Visitor(roles=()), path={}, query=Fields({}))
        message = (
            f"There is no page {request.url.path}." if status == 404 else "This page cannot be asked for like that."
        )
        return await run_in_threadpool(
            self._page, visit, request, View("error.html", ErrorPage(status, message), status)
        )

    def stream(self, news: Callable[[Desk, Request], Response]) -> Callable[[Request], Awaitable[Response]]:
        """Return what sends a stream of news to who may see runs."""

        async def answer(request: Request) -> Response:
            user = who(self._desk.gate, request.cookies.get(security.SESSION), self._desk.engine.clock.now())
            if user is None or not user.may("VIEWER"):
                return Response(status_code=403, headers=security.HEADERS)
            try:
                if self._desk.gate is None:
                    _refuse_rebinding(request)
            except Refusal as refusal:
                return Response(str(refusal), refusal.status, headers=security.HEADERS)
            return news(self._desk, request)

        return answer

    def _to_sign_in(self, request: Request) -> Response:
        if _HX in request.headers:  # to go elsewhere would take away what is typed in the page that asks
            return Response(status_code=401, headers={**security.HEADERS, **security.UNKEPT})
        back = address_of(request) if request.method == "GET" else security.came_from(request) or "/"
        return _to(request, address("/signin", next=back))


@frozen
class ErrorPage:
    """What the page of an error shows."""

    status: int
    message: str

    @property
    def title(self) -> str:
        """The heading of the page."""
        return {403: "Not allowed", 404: "Not found", 409: "Not now", 503: "Not reachable"}.get(
            self.status, "This cannot be done" if self.status < 500 else "Something went wrong"
        )


def _refuse_rebinding(request: Request) -> None:
    """Refuse a page under a name that is not this machine's, see `podium.server.addresses.refuse_rebinding`."""
    refuse_rebinding((request.scope.get("server") or ("",))[0], request.headers.get("host", ""))


def _to(request: Request, path: str) -> Response:
    """Return what sends the browser to another page."""
    headers = {**security.HEADERS, **security.UNKEPT}
    if _HX in request.headers:  # htmx would follow a redirect itself, and put the page into the page
        return Response(status_code=204, headers={**headers, "hx-redirect": path})
    return RedirectResponse(path, 303, headers=headers)


def _named_all(segments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the named segments of a path as the texts that they were made of."""
    return {key: named(value) if isinstance(value, str) else value for key, value in segments.items()}


async def _static(request: Request) -> Response:
    """Return a file by the name with its hash: it never changes."""
    asset = assets.by_path().get(request.url.path)
    if asset is None:
        raise HTTPException(404)
    kept = {"cache-control": f"public, max-age={_YEAR_S}, immutable"}
    return Response(asset.content, media_type=asset.kind, headers={**security.HEADERS, **kept})


def _kept(said: str) -> str:
    """Return a sentence as a cookie holds it, cut where it is long: browsers drop a cookie of more than 4,096 bytes."""
    whole = quote(said)
    if len(whole) <= _SAID_MAX:
        return whole
    return quote(said.encode()[: _SAID_MAX // 3 - 3].decode(errors="ignore") + "…")


def address_of(request: Request) -> str:
    """Return the path and the parameters that were asked for."""
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


async def _content(request: Request, most: int) -> bytes:
    """Return the body of a form; refused if it is too large."""
    parts, total = [], 0
    try:
        async for chunk in request.stream():
            total += len(chunk)
            if total > most:
                raise Refusal(413, f"the form is larger than {most} bytes")
            parts.append(chunk)
    except ClientDisconnect:
        raise Refusal(400, "the browser left before the form was complete") from None
    return b"".join(parts)


def _file_name(name: str) -> str:
    """Return a name that any system can save a file as."""
    return "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "_" for each in name)
