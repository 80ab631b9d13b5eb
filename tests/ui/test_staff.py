"""The staff pages: who may see them, and what they do when they are used."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.staff import marketing_page, store_page

PASSWORD = "a password for tests"  # noqa: S105  of users that live as long as a test


def signed_in(app: FastAPI, role: str) -> TestClient:
    app.state.parts.users.add(f"staff-{role}", role, PASSWORD)
    client = TestClient(app)
    client.post("/sign-in", data={"name": f"staff-{role}", "password": PASSWORD}, follow_redirects=False)
    return client


@pytest.mark.parametrize("path", ["/store", "/store/", "/marketing", "/marketing/"])
def test_who_is_not_signed_in_is_led_to_the_form(path: str, client: TestClient) -> None:
    response = client.get(path, follow_redirects=False)

    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/store/config",
        "/store/gradio_api/info",
        "/marketing/config",
        "/store/gradio_api/queue/join",
        "/storefront/../store/config",
    ],
)
def test_nothing_behind_the_staff_pages_answers_without_a_session(path: str, client: TestClient) -> None:
    assert client.get(path, follow_redirects=False).status_code in (401, 404)


def test_a_seller_sees_the_store_and_not_marketing(app: FastAPI) -> None:
    seller = signed_in(app, "seller")

    assert seller.get("/store/").status_code == 200
    assert seller.get("/marketing/").status_code == 403


def test_marketing_sees_both_and_uploads_stay_refused(app: FastAPI) -> None:
    marketing = signed_in(app, "marketing")

    assert marketing.get("/marketing/").status_code == 200
    assert marketing.get("/store/").status_code == 200
    assert marketing.post("/store/gradio_api/upload", files={"files": ("x.txt", b"x")}).status_code == 403


def test_a_briefing_over_http_needs_a_session_and_comes_in_its_format(app: FastAPI, client: TestClient) -> None:
    body = {"vehicle": "C5 Aircross 2020", "customer": "mal de dos", "minutes": 1, "language": "fr"}
    seller = signed_in(app, "seller")

    assert client.post("/v1/briefings", json=body).status_code == 401
    assert seller.post("/v1/briefings", json=body).json()["idea"] == "back"
    assert seller.post("/v1/briefings", json={**body, "format": "pdf"}).content.startswith(b"%PDF")
    assert seller.post("/v1/briefings", json={**body, "vehicle": "Golf"}).status_code == 404
    assert seller.post("/v1/briefings", json={**body, "audience": "sales"}).status_code == 422


def test_the_store_page_briefs_asks_compares_and_trains(app: FastAPI) -> None:
    sales = app.state.parts.sales

    text, page = store_page._briefer(sales, "")("C5 Aircross I", "mal de dos", 2, "fr", "text")
    *_, answer = store_page._asker(sales)("que ne jamais dire sur la suspension ?", "fr")

    assert "C5 Aircross" in text
    assert page.endswith(".pdf")
    assert answer
    assert "DCC" in store_page._comparer(sales)("C5 Aircross 2020", "VW Tiguan DCC", "en")
    assert "%" in store_page._player(sales)("C5 Aircross 2020", 0, "je ne sais pas", "fr")
    assert "nearest" in store_page._briefer(sales, "")("Golf", "", 2, "fr", "text")[0]


def test_marketing_publishes_only_when_it_confirms_and_reads_what_was_asked(app: FastAPI, client: TestClient) -> None:
    parts = app.state.parts
    client.post("/v1/chat", json={"question": "À quoi sert l'amortisseur ? écrivez à jean@example.com"})

    assert "confirm" in marketing_page._publisher(parts.settings, parts.embedder)(sure=False)
    assert "confirm" in marketing_page._roller(None)(sure=False)
    rows = marketing_page._search(parts.records, "amortisseur")
    assert rows
    assert all("jean@example.com" not in row[1] for row in rows)
    assert not marketing_page._asked(parts.records).empty
