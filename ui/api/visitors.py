"""Who asks: an anonymous visitor with a token of their own, in a cookie or, for clients without cookies, a header."""

from __future__ import annotations

import re
import secrets
from typing import Annotated

from fastapi import Depends, Request, Response

COOKIE, HEADER = "visitor", "X-Visitor-Token"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_YEAR_SECONDS = 365 * 24 * 3600


def visitor_of(request: Request, response: Response) -> str:
    """Return the visitor's token (256 bits), a new one on a first visit; the response carries it back."""
    token = request.headers.get(HEADER) or request.cookies.get(COOKIE) or ""
    if not _TOKEN.fullmatch(token):
        token = secrets.token_urlsafe(32)
    give_token(response, token, secure=request.url.scheme == "https")
    return token


def give_token(response: Response, token: str, *, secure: bool) -> None:
    """Put a visitor's token on a response: a cookie that scripts can't read, and the header."""
    # "None" lets the widget keep its conversation on another site; browsers take it over https only.
    same_site = "none" if secure else "lax"
    response.set_cookie(COOKIE, token, max_age=_YEAR_SECONDS, httponly=True, secure=secure, samesite=same_site)  # type: ignore[arg-type]  # a literal
    response.headers[HEADER] = token


Visitor = Annotated[str, Depends(visitor_of)]
