"""The staff pages: who may see them, and what they do when they are used."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.staff.marketing.conversations import searching, transcript_of
from ui.staff.marketing.customers import customers_turns
from ui.staff.marketing.releases import roller, snapshot_rows, standing_of
from ui.staff.store.briefing import preparing
from ui.staff.store.comparing import side_by_side
from ui.staff.store.handovers import listing, moving
from ui.staff.store.practice import judging, next_customer
from ui.staff.store.questions import asking
from ui.staff.words import words_in

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


def test_a_seller_prepares_a_briefing_with_its_pdf_and_an_unknown_car_is_named_with_the_nearest(app: FastAPI) -> None:
    prepare = preparing(app.state.parts.sales, "fr", "")

    text, page = prepare("C5 Aircross I", "mal de dos", 2, "text")
    nothing, no_page = prepare("Golf", "", 2, "text")

    assert "C5 Aircross" in text
    assert page is not None
    assert page.endswith(".pdf")
    assert nothing
    assert no_page is None


def test_what_the_form_of_a_briefing_does_not_offer_is_not_made(app: FastAPI) -> None:
    assert preparing(app.state.parts.sales, "fr", "")("C5 Aircross I", "", 7, "text") == ("", None)


def test_a_seller_asks_with_sales_content_and_gets_sources_and_one_conversation(app: FastAPI) -> None:
    ask = asking(app.state.parts.sales, words_in("fr"), "fr")

    *_, (answer, sources, _, conversation) = ask("que ne jamais dire sur la suspension ?", None)

    assert answer
    assert sources.startswith("[1] ")
    assert conversation


def test_two_cars_stand_side_by_side(app: FastAPI) -> None:
    left, right = side_by_side(app.state.parts.sales, "en")("C5 Aircross 2020", "VW Tiguan DCC")

    assert "C5 AIRCROSS" in left
    assert "DCC" in right


def test_practice_brings_a_customer_and_judges_the_reply(app: FastAPI) -> None:
    sales, words = app.state.parts.sales, words_in("fr")

    worry, *_ = next_customer(sales, "fr")("C5 Aircross 2020", 0)
    judge = judging(sales, words, "fr")

    assert worry
    assert "%" in judge("C5 Aircross 2020", 0, "je ne sais pas")
    assert judge("C5 Aircross 2020", 0, " ") == words["write_first"]


def test_the_inbox_of_hand_overs_is_empty_until_a_customer_consents_and_nothing_moves_unchosen(app: FastAPI) -> None:
    records, words = app.state.parts.records, words_in("en")

    rows = listing(records, words)(["open", "taken", "closed"])
    moved, told = moving(records, words, "taken")(None, ["open"])

    assert moved == [row for row in rows if row[2] == words["open"]]
    assert told


def test_marketing_reads_what_was_asked_without_personal_data(app: FastAPI, client: TestClient) -> None:
    records, words = app.state.parts.records, words_in("fr")
    client.post("/v1/chat", json={"question": "À quoi sert l'amortisseur ? écrivez à jean@example.com"})

    rows, known = searching(records, words)("amortisseur")
    told = transcript_of(records, known[0][2], words)

    assert rows
    assert customers_turns(records)
    assert "amortisseur" in told
    assert "jean@example.com" not in "".join([told, *(cell for row in rows for cell in row)])


def test_marketing_sees_what_is_live_and_is_told_when_there_is_nothing_to_roll_back_to(app: FastAPI) -> None:
    parts, words = app.state.parts, words_in("en")

    live = parts.customer.snapshot_id()

    assert live in standing_of(parts.settings, words)
    assert any(live in cell for row in snapshot_rows(parts.settings, words) for cell in row)
    assert "no earlier snapshot" in roller(parts.settings, words)()
