"""Sign-in for the store and marketing pages: a session in a cookie that no script and no other site can use."""

from __future__ import annotations

from html import escape
from typing import Annotated, Literal

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from ui.api.state import SESSION_COOKIE, require_staff, state_of
from ui.plain_page import plain_page
from ui.texts import language_of

router = APIRouter(tags=["sign-in"], include_in_schema=False)
_SESSION_SECONDS = 10 * 3600
_FORM = """<h1>{title}</h1>{problem}
<form method="post" action="/sign-in">
<p><label>{name}<br><input name="name" autocomplete="username" required autofocus></label></p>
<p><label>{password}<br><input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button>{title}</button></p></form>{elsewhere}"""
_LEAVING = """<h1>{out}</h1>
<form method="post" action="/sign-out"><p><button>{out}</button> <a href="/store">{back}</a></p></form>"""
_TEXTS = {
    "fr": {
        "title": "Se connecter",
        "name": "Nom",
        "password": "Mot de passe",
        "wrong": "Nom ou mot de passe faux, ou compte bloqué.",
        "oidc": "Se connecter avec le compte de l'entreprise",
        "out": "Se déconnecter",
        "back": "Retour",
    },
    "en": {
        "title": "Sign in",
        "name": "Name",
        "password": "Password",
        "wrong": "Wrong name or password, or a locked account.",
        "oidc": "Sign in with the company account",
        "out": "Sign out",
        "back": "Back",
    },
}


@router.get("/sign-in")
def form(request: Request) -> HTMLResponse:
    """Show the form."""
    return _form(request, wrong=False)


@router.post("/sign-in")
def sign_in(
    request: Request, name: Annotated[str, Form(max_length=64)], password: Annotated[str, Form(max_length=256)]
) -> Response:
    """Begin a session, or show the form again."""
    require_same_origin(request)
    token = state_of(request).users.sign_in(name, password)
    return begun(request, token) if token else _form(request, wrong=True)


@router.get("/sign-in/once/{token}")
def once(token: str, request: Request) -> Response:
    """Begin a session with the link that the first start printed on this machine."""
    session = state_of(request).users.redeem(token)
    return begun(request, session) if session else _form(request, wrong=True)


@router.get("/sign-out")
def leaving(request: Request) -> HTMLResponse:
    """Ask whether to end the session: a link alone, which another site may hold too, does not."""
    language = language_of(request.headers.get("accept-language"))
    texts = _TEXTS[language]
    return HTMLResponse(plain_page(language, texts["out"], _LEAVING.format(**texts)))


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """End the session, and show the form."""
    require_same_origin(request)
    require_staff(request)
    state_of(request).users.sign_out(request.cookies[SESSION_COOKIE])
    response = RedirectResponse("/sign-in", status_code=303)
    response.delete_cookie(SESSION_COOKIE)
    return response


def require_same_origin(request: Request) -> None:
    """Refuse a change that another site's page asks for with our cookie. Raises 403."""
    origin = request.headers.get("origin")
    if origin and origin.split("://", 1)[-1] != request.headers.get("host"):
        raise HTTPException(status_code=403, detail="This comes from another site.")


def begun(request: Request, token: str, *, same_site: Literal["strict", "lax"] = "strict") -> Response:
    """Lead who signed in to the store page, the session in its cookie; `lax` where another site sent them here."""
    response = RedirectResponse("/store", status_code=303)
    response.set_cookie(
        SESSION_COOKIE, token, max_age=_SESSION_SECONDS, httponly=True, secure=request.url.scheme == "https", samesite=same_site
    )
    return response


def _form(request: Request, *, wrong: bool) -> HTMLResponse:
    language = language_of(request.headers.get("accept-language"))
    texts = _TEXTS[language]
    problem = f'<p role="alert">{escape(texts["wrong"])}</p>' if wrong else ""
    elsewhere = f'<p><a href="/sign-in/oidc">{escape(texts["oidc"])}</a></p>' if state_of(request).settings.oidc_issuer else ""
    form = _FORM.format(problem=problem, elsewhere=elsewhere, **texts)
    return HTMLResponse(plain_page(language, texts["title"], form), status_code=401 if wrong else 200)
