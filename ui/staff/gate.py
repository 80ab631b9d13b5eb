"""Stands before the staff pages: nobody passes who is not signed in, and marketing only lets its own people in."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.records.users import User
from ui.staff.words import LANGUAGES

_PREFIXES = ("/store", "/marketing")
_PAGES = ("", *(f"/{language}" for language in LANGUAGES))


class StaffGate:
    """Refuses every request below the staff pages without a session; a visitor's own page load is led to the sign-in."""

    def __init__(self, app: ASGIApp, *, staff: Callable[[Request], User | None]) -> None:
        self._app = app
        self._staff = staff

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        prefix = next((known for known in _PREFIXES if scope.get("path", "").startswith(known)), None)
        if scope["type"] not in ("http", "websocket") or prefix is None:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope, prefix)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await refusal(scope, receive, send)

    def _refusal(self, scope: Scope, prefix: str) -> Response | None:
        request = Request({**scope, "type": "http"})
        user = self._staff(request)
        page = scope["path"].rstrip("/").removeprefix(prefix) in _PAGES
        if user is None:
            return (
                RedirectResponse("/sign-in", status_code=303)
                if page
                else JSONResponse({"detail": "Sign in first."}, status_code=401)
            )
        if prefix == "/marketing" and user.role != "marketing":
            return JSONResponse({"detail": "This page is for marketing."}, status_code=403)
        if "/upload" in scope["path"]:
            return JSONResponse({"detail": "Uploads are not accepted."}, status_code=403)
        return None
