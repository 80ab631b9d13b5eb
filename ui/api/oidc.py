"""Sign-in at the staff's own identity provider (OpenID Connect): out with a redirect, back with a session of ours."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, FastAPI, HTTPException, Request
from httpx2 import HTTPError  # the client that Authlib calls with
from joserfc.errors import JoseError
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import Response

from assistant.settings import Settings
from ui.api.sign_in import begun
from ui.api.state import state_of

_log = logging.getLogger(__name__)
_MINUTES_TO_SIGN_IN = 10
_ROLES = ("seller", "marketing")


def add_oidc(app: FastAPI, settings: Settings) -> None:
    """Add `/sign-in/oidc` and the address that the provider sends people back to, when the settings name a provider."""
    if not settings.oidc_issuer:
        return
    secret = settings.oidc_client_secret.get_secret_value()
    provider = OAuth().register(
        "staff",
        client_id=settings.oidc_client_id,
        client_secret=secret,
        server_metadata_url=settings.oidc_issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
    )
    # What is under way at the provider is kept in a signed cookie. Every server derives the same key, so any may be sent back to.
    key = hashlib.sha256(b"sign-in under way " + secret.encode()).hexdigest()
    app.add_middleware(SessionMiddleware, secret_key=key, session_cookie="signing-in", max_age=_MINUTES_TO_SIGN_IN * 60)
    app.include_router(_routes(provider, settings.oidc_role_claim))


def _routes(provider: Any, role_claim: str) -> APIRouter:
    router = APIRouter(tags=["sign-in"], include_in_schema=False)

    @router.get("/sign-in/oidc")
    async def out(request: Request) -> Response:
        try:
            response: Response = await provider.authorize_redirect(request, str(request.url_for("back")))
        except (HTTPError, OAuthError) as error:
            _log.exception("The identity provider can't be reached.")
            raise HTTPException(status_code=503, detail="The sign-in service does not answer. Try again later.") from error
        return response

    @router.get("/sign-in/oidc/back", name="back")
    async def back(request: Request) -> Response:
        try:
            token = await provider.authorize_access_token(request)
        except (HTTPError, OAuthError, JoseError) as error:
            _log.warning("A sign-in failed: %s", type(error).__name__)
            raise HTTPException(status_code=401, detail="The sign-in failed. Begin again at /sign-in.") from error
        identity = token.get("userinfo") or {}
        role = identity.get(role_claim)
        if role not in _ROLES:
            raise HTTPException(
                status_code=403, detail="Your account has neither the role seller nor marketing. Ask its administrator."
            )
        name = str(identity.get("email") or identity["sub"])[:64]
        return begun(request, state_of(request).users.vouched(name, role), same_site="lax")

    return router
