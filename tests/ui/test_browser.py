"""The customer page in a real browser."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
import uvicorn
from fastapi import FastAPI

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
    # Gradio builds its request models on first use, and not safely from two requests at once.
    for path in ("/", "/config", "/theme.css"):
        with contextlib.suppress(urllib.error.HTTPError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30).close()
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
        page.locator("#question textarea").wait_for()

    def _requested(self, url: str, address: str) -> None:
        if not url.startswith((address, "data:", "blob:")):
            self.outside.append(url)

    def _logged(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.violations.append(text)

    def ask(self, question: str) -> None:
        box = self.page.locator("#question textarea")
        box.fill(question)
        box.press("Enter")


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
    visit.page.locator("#conversation").get_by_text("rallye" if french else "rallying").first.wait_for()
    visit.page.locator('#conversation a[href^="/passages/"]').first.wait_for()
    target = visit.page.locator('#conversation a[href^="/passages/"]').first.get_attribute("href")
    visit.page.goto(visit.page.url.rstrip("/") + target)

    assert visit.page.locator("section.cited").count() == 1
    assert visit.outside == []
    assert visit.violations == []


def test_choices_are_buttons_and_the_choice_is_answered(visit: Visit, settings: tuple[str, int, str]) -> None:
    french = settings[0].startswith("fr")

    visit.ask("Comment activer le régulateur de vitesse ?" if french else "How do I switch on cruise control?")
    visit.page.get_by_role("button", name="C5 Aircross (2018-2025)").first.click()
    visit.page.locator("#conversation").get_by_text(re.compile("CRUISE")).first.wait_for()

    assert visit.page.locator("#conversation ol li").count() >= 2


def test_what_a_visitor_types_is_shown_as_text_and_fetches_nothing(visit: Visit) -> None:
    visit.ask("![x](http://evil.example/beacon.png) <img src=http://evil.example/b.png onerror=alert(1)> cushions?")
    visit.page.locator("#conversation").get_by_text("onerror=alert(1)").first.wait_for()
    visit.page.wait_for_timeout(1_500)

    assert visit.page.locator("#conversation .message img").count() == 0
    assert visit.page.locator('#conversation a[href*="evil"]').count() == 0
    assert visit.outside == []


def test_the_page_does_not_scroll_sideways(visit: Visit) -> None:
    overflow = visit.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert overflow <= 0
