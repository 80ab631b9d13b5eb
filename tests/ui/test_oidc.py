"""Staff sign in at their own identity provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from tests.ui.identity_provider import Provider, identity_provider
from ui.server import create_app


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with identity_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def served(app: FastAPI, running: Provider) -> FastAPI:
    changes = {"oidc_issuer": running.address, "oidc_client_id": "assistant", "oidc_client_secret": SecretStr("s" * 32)}
    return create_app(replace(app.state.parts, settings=app.state.parts.settings.model_copy(update=changes)))


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.identity = {"sub": "42", "email": "ines@example.org", "role": "seller"}
    running.signing_key = running.key
    return running


@pytest.fixture
def browser(served: FastAPI) -> TestClient:
    return TestClient(served)


def _signed_in(browser: TestClient, provider: Provider) -> int:
    out = browser.get("/sign-in/oidc", follow_redirects=False)
    answer = provider.authorize(out.headers["location"])
    return browser.get(f"/sign-in/oidc/back?{answer}", follow_redirects=False).status_code


def test_the_form_leads_to_the_provider_only_where_there_is_one(browser: TestClient, client: TestClient) -> None:
    assert "/sign-in/oidc" in browser.get("/sign-in").text
    assert "/sign-in/oidc" not in client.get("/sign-in").text
    assert client.get("/sign-in/oidc").status_code == 404


def test_a_seller_vouched_for_sees_the_store_and_not_marketing(browser: TestClient, provider: Provider) -> None:
    assert _signed_in(browser, provider) == 303
    assert browser.get("/store/").status_code == 200
    assert browser.get("/marketing/").status_code == 403


def test_somebody_without_a_role_gets_no_session(browser: TestClient, provider: Provider) -> None:
    provider.identity = {"sub": "43", "role": "visitor"}

    assert _signed_in(browser, provider) == 403
    assert browser.get("/store/", follow_redirects=False).status_code == 303


def test_a_token_signed_by_another_key_is_refused(browser: TestClient, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})

    assert _signed_in(browser, provider) == 401


def test_an_answer_that_nobody_asked_for_is_refused(browser: TestClient, provider: Provider) -> None:
    assert browser.get("/sign-in/oidc/back?code=yes&state=forged", follow_redirects=False).status_code == 401


def test_a_provider_that_is_down_is_said_with_503(browser: TestClient, app: FastAPI) -> None:
    changes = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "assistant"}
    state = replace(app.state.parts, settings=app.state.parts.settings.model_copy(update=changes))

    assert TestClient(create_app(state)).get("/sign-in/oidc", follow_redirects=False).status_code == 503
