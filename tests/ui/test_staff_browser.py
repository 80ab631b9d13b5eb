"""The store and marketing pages in a real browser: used with a thumb, read by axe, and fed with what hostile visitors wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from evals.publishing import Ground, Release
from tests.ui.browsing import NEEDS_CHROMIUM, at_rest, browsing, serious_faults, wait_for_value
from tests.ui.test_browser import PAYLOADS
from ui.staff.marketing import releases
from ui.staff.words import words_in

pytestmark = NEEDS_CHROMIUM
NAME, PASSWORD = "staff-browser", "a password for tests"
TABS = {
    "store": ("briefing", "question", "compare", "practice", "handovers"),
    "marketing": ("releases", "runs", "customers", "conversations", "coverage", "demand"),
}
WITH_VISITORS_WORDS = ("handovers", "customers", "conversations")
ACTIVE = "iframe, object, embed, video, script, base, meta, form, img:not([src^='data:'])"
Open = Callable[[str], Any]


@pytest.fixture(params=[("fr", "light"), ("en", "dark")], ids=["french-light", "english-dark"])
def seen(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The language and the colours of a page."""
    return request.param


@pytest.fixture
def staff(app: FastAPI, address: str, seen: tuple[str, str]) -> Iterator[tuple[Open, list[str]]]:
    """What opens a staff page, and a list of all that went wrong on it."""
    app.state.parts.users.add(NAME, "marketing", PASSWORD)
    wrong: list[str] = []
    with browsing(viewport={"width": 1024, "height": 768}, color_scheme=seen[1], locale=seen[0]) as context:
        page = context.new_page()
        page.on("request", lambda request: None if _ours(request.url, address) else wrong.append(request.url))
        page.on("console", lambda message: wrong.append(message.text) if "Content Security Policy" in message.text else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{address}/sign-in")
        page.locator("input[name=name]").fill(NAME)
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button").click()

        def open_page(name: str) -> Any:
            page.goto(f"{address}/{name}/{seen[0]}/")
            page.get_by_role("tab").first.wait_for()
            return page

        yield open_page, wrong


def _ours(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:"))


def _tab(page: Any, name: str) -> None:
    tab = page.get_by_role("tab", name=name, exact=True)
    tab.click()
    page.locator("[role=tab][aria-selected=true]").filter(has_text=name).wait_for()
    page.locator("[data-testid=status-tracker].generating, .progress-text").first.wait_for(state="hidden")


def _field(page: Any, label: str) -> Any:
    """A field that is read: its label names the button to copy it."""
    return page.locator("label").filter(has=page.get_by_text(label, exact=True)).locator("textarea").first


@pytest.fixture(scope="module")
def hostile(app: FastAPI) -> None:
    """Ask, rate and ask for a person with every payload."""
    client = TestClient(app)
    for payload in PAYLOADS:
        told = client.post("/v1/chat", json={"question": f"amortisseur {payload}"}).text
        number = told.split('"conversation_id": "')[1].split('"')[0]
        client.post("/v1/ratings", json={"conversation_id": number, "turn": 1, "thumb": "down", "comment": payload})
        client.post("/v1/handovers", json={"conversation_id": number, "consent": True})


@pytest.mark.usefixtures("hostile")
@pytest.mark.parametrize("name", ["store", "marketing"])
def test_what_visitors_wrote_runs_and_fetches_nothing_and_no_tab_has_a_serious_fault(
    name: str, staff: tuple[Open, list[str]], seen: tuple[str, str]
) -> None:
    open_page, wrong = staff
    page = open_page(name)
    words, faults, active = words_in(seen[0]), [], []

    for tab in TABS[name]:
        _tab(page, words[tab])
        if tab in WITH_VISITORS_WORDS:
            page.get_by_text("evil.example").filter(visible=True).first.wait_for()
        at_rest(page)
        faults += [(tab, *fault) for fault in serious_faults(page)]
        active += [(tab, one.evaluate("one => one.outerHTML")) for one in page.locator("[role=tabpanel]").locator(ACTIVE).all()]

    assert faults == []
    assert active == []
    assert wrong == []


def test_a_seller_prepares_a_briefing_and_takes_a_hand_over_by_tapping_it(
    app: FastAPI, staff: tuple[Open, list[str]], seen: tuple[str, str], client: TestClient
) -> None:
    told = client.post("/v1/chat", json={"question": "Je veux parler à un conseiller du rayon tapis"}).text
    number = told.split('"conversation_id": "')[1].split('"')[0]
    handover = client.post("/v1/handovers", json={"conversation_id": number, "consent": True}).json()["handover_id"]
    reference = handover[:6].upper()
    words, page = words_in(seen[0]), staff[0]("store")

    page.get_by_role("button", name=words["prepare"]).click()
    page.get_by_role("button", name=words["as_pdf"]).wait_for()
    _tab(page, words["handovers"])
    page.get_by_text(reference).filter(visible=True).first.click()
    detail = _field(page, words["chosen_handover"])
    wait_for_value(detail, f"{reference} · {words['open']}")
    page.get_by_role("button", name=words["take"], exact=True).click()
    wait_for_value(detail, f"{reference} · {words['taken']}")

    assert "rayon tapis" in detail.input_value()
    assert [row.state for row in app.state.parts.records.handovers() if row.id == handover] == ["taken"]


def test_marketing_publishes_only_after_it_said_yes(
    staff: tuple[Open, list[str]], seen: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[str] = []

    def publish(_settings: object, _embedder: object, ground: Ground, **_: object) -> Release:
        published.append(ground.suite)
        return Release(event=None, snapshot="quenelle")

    monkeypatch.setattr(releases, "publish", publish)
    words, page = words_in(seen[0]), staff[0]("marketing")
    sure = page.get_by_role("button", name=words["publish_yes"])

    hidden_at_first = not sure.is_visible()
    page.get_by_role("button", name=words["publish"], exact=True).click()
    sure.wait_for()
    page.get_by_role("button", name=words["cancel"]).filter(visible=True).click()
    sure.wait_for(state="hidden")
    before_yes = list(published)
    page.get_by_role("button", name=words["publish"], exact=True).click()
    sure.click()
    wait_for_value(_field(page, words["result"]), words["nothing_to_publish"].format(snapshot="quenelle"))

    assert hidden_at_first
    assert before_yes == []
    assert published == ["full"]


def test_marketing_reads_a_conversation_that_it_taps(
    staff: tuple[Open, list[str]], seen: tuple[str, str], client: TestClient
) -> None:
    client.post("/v1/chat", json={"question": "Un amortisseur zinzolin, écrivez à jean@example.com"})
    words, page = words_in(seen[0]), staff[0]("marketing")

    _tab(page, words["conversations"])
    page.get_by_label(words["search_words"]).fill("zinzolin")
    page.get_by_role("button", name=words["search"], exact=True).click()
    page.get_by_text("amortisseur zinzolin").filter(visible=True).first.click()
    transcript = _field(page, words["transcript"])
    wait_for_value(transcript, "zinzolin")

    assert transcript.input_value().startswith(words["customer"])
    assert "jean@example.com" not in transcript.input_value()
