"""Who may see the staff pages, and what the store page does when it is used."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.staff.store.briefing import preparing
from ui.staff.store.comparing import side_by_side
from ui.staff.store.handovers import listing, moving
from ui.staff.store.practice import judging, next_customer
from ui.staff.store.questions import asking
from ui.staff.words import LANGUAGES, words_in

PASSWORD = "a password for tests"  # noqa: S105  of users that live as long as a test
WORDS = words_in("en")


def signed_in(app: FastAPI, role: str) -> TestClient:
    app.state.parts.users.add(f"staff-{role}", role, PASSWORD)
    client = TestClient(app)
    client.post("/sign-in", data={"name": f"staff-{role}", "password": PASSWORD}, follow_redirects=False)
    return client


@pytest.mark.parametrize("path", ["/store", "/store/", "/store/fr/", "/store/en", "/marketing", "/marketing/", "/marketing/en/"])
def test_who_is_not_signed_in_is_led_to_the_form(path: str, client: TestClient) -> None:
    response = client.get(path, follow_redirects=False)

    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/store/config",
        "/store/fr/config",
        "/store/en/gradio_api/info",
        "/marketing/fr/config",
        "/store/fr/gradio_api/queue/join",
        "/storefront/../store/fr/config",
    ],
)
def test_nothing_behind_the_staff_pages_answers_without_a_session(path: str, client: TestClient) -> None:
    assert client.get(path, follow_redirects=False).status_code in (401, 404)


def test_a_seller_sees_the_store_and_not_marketing(app: FastAPI) -> None:
    seller = signed_in(app, "seller")

    assert seller.get("/store/").status_code == 200
    assert seller.get("/marketing/").status_code == 403


def test_marketing_sees_both_in_both_languages_and_uploads_stay_refused(app: FastAPI) -> None:
    marketing = signed_in(app, "marketing")

    for page in ("store", "marketing"):
        for language in LANGUAGES:
            assert words_in(language)["sign_out"] in marketing.get(f"/{page}/{language}/").text
    assert marketing.post("/store/fr/gradio_api/upload", files={"files": ("x.txt", b"x")}).status_code == 403


@pytest.mark.parametrize(("accepted", "language"), [("fr-FR,fr;q=0.9", "fr"), ("en-GB", "en"), ("de", "fr")])
def test_a_staff_page_opens_in_the_browsers_language(accepted: str, language: str, app: FastAPI) -> None:
    response = signed_in(app, "seller").get("/store", headers={"accept-language": accepted}, follow_redirects=False)

    assert response.headers["location"] == f"/store/{language}/"


def test_every_word_of_the_pages_is_there_in_both_languages() -> None:
    assert all(all(words_in(language).values()) for language in LANGUAGES)


def test_a_link_alone_signs_nobody_out_and_the_button_does(app: FastAPI) -> None:
    seller = signed_in(app, "seller")

    assert "Sign out" in seller.get("/sign-out", headers={"accept-language": "en"}).text
    assert seller.get("/store/").status_code == 200
    assert seller.post("/sign-out", follow_redirects=False).headers["location"] == "/sign-in"
    assert seller.get("/store", follow_redirects=False).headers["location"] == "/sign-in"


def test_a_briefing_over_http_needs_a_session_and_comes_in_its_format(app: FastAPI, client: TestClient) -> None:
    body = {"vehicle": "C5 Aircross 2020", "customer": "mal de dos", "minutes": 1, "language": "fr"}
    seller = signed_in(app, "seller")

    assert client.post("/v1/briefings", json=body).status_code == 401
    assert seller.post("/v1/briefings", json=body).json()["idea"] == "back"
    assert seller.post("/v1/briefings", json={**body, "format": "pdf"}).content.startswith(b"%PDF")
    assert seller.post("/v1/briefings", json={**body, "vehicle": "Golf"}).status_code == 404
    assert seller.post("/v1/briefings", json={**body, "audience": "sales"}).status_code == 422


def test_the_store_makes_a_briefing_and_its_pdf_or_says_which_cars_are_near(app: FastAPI) -> None:
    prepare = preparing(app.state.parts.sales, "fr", "")

    text, page = prepare("C5 Aircross I", "mal de dos", 2, "text")

    assert "C5 Aircross" in text
    assert page is not None
    assert page.endswith(".pdf")
    told, nothing = prepare("Golf", "", 2, "text")
    assert "« Golf »" in told
    assert "C5 Aircross" in told
    assert nothing is None
    assert prepare("C5 Aircross I", "", 99, "text") == ("", None)
    assert prepare("C5 Aircross I", "", 2, "../../etc") == ("", None)


def test_the_store_answers_with_sales_content_and_goes_on_with_the_conversation(app: FastAPI) -> None:
    ask = asking(app.state.parts.sales, WORDS, "en")

    *_, (answer, sources, _, conversation) = ask("Which claims must a seller never make about the suspension?", None)
    *_, (_, _, _, second) = ask("and why?", conversation)

    assert answer
    assert "«" in sources
    assert conversation == second


def test_the_store_puts_two_cars_side_by_side(app: FastAPI) -> None:
    left, right = side_by_side(app.state.parts.sales, "en")("C5 Aircross 2020", "VW Tiguan DCC")

    assert "C5 AIRCROSS" in left
    assert "DCC" in right


def test_practice_goes_from_customer_to_customer_and_judges_a_reply(app: FastAPI) -> None:
    following, judge = next_customer(app.state.parts.sales, "fr"), judging(app.state.parts.sales, WORDS, "fr")

    first, turn, *_ = following("C5 Aircross I", -1)
    second, *_ = following("C5 Aircross I", turn)

    assert first != second
    assert judge("C5 Aircross I", turn, "  ") == WORDS["write_first"]
    assert "0%" in judge("C5 Aircross I", turn, "je ne sais pas")


def test_a_hand_over_is_taken_closed_and_opened_again(app: FastAPI, client: TestClient) -> None:
    records = app.state.parts.records
    asked = client.post("/v1/chat", json={"question": "Je veux parler à un conseiller du bac à sable"})
    number = asked.text.split('"conversation_id": "')[1].split('"')[0]
    handover = client.post("/v1/handovers", json={"conversation_id": number, "consent": True}).json()["handover_id"]
    rows = listing(records, WORDS)

    def states() -> dict[str, str]:
        return {row[0]: row[2] for row in rows(["open", "taken", "closed"])}

    assert states()[handover[:6].upper()] == "open"
    for state in ("taken", "closed", "open"):
        _, told = moving(records, WORDS, state)(handover, ["open"])
        assert "bac à sable" in told
        assert states()[handover[:6].upper()] == state
    assert moving(records, WORDS, "taken")(None, ["open"])[1] == WORDS["nothing_chosen"]
