"""`bench widget`: what a visitor waits for, measured in a real browser against a real server.

Input: how many questions are asked. Output: bytes of `widget.js` as served, first contentful paint of the customer page, and the
milliseconds from pressing "send" to the first word and to the whole answer on the screen. Playwright and Chromium are needed for
this bench only, so they are looked for when it runs.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import httpx

from evals.latency import Spread, spread
from evals.server_bench import running_server
from knowledge.errors import ConfigurationError

QUESTIONS = {
    "fr": (
        "À quoi servent les butées hydrauliques progressives ?", "D'où vient la suspension à butées hydrauliques ?",
        "Comment activer le régulateur adaptatif sur un C5 Aircross de 2020 ?", "Et pour le désactiver ?",
        "Comment réinitialiser la pression des pneus sur la C3 de 2019 ?", "Pourquoi les sièges sont-ils confortables ?",
        "À quoi sert l'amortisseur ?", "Combien coûte une C4 ?", "Comment utiliser l'affichage tête haute du Berlingo ?",
        "Comment rabattre les sièges arrière du C5 Aircross ?",
    ),
    "en": (
        "What are Progressive Hydraulic Cushions for?", "Where does the hydraulic cushion suspension come from?",
        "How do I switch on adaptive cruise control on a 2020 C5 Aircross?", "And how do I switch it off?",
        "How do I turn off lane keeping on a 2021 C4?", "How long does the ë-C4 take to charge?", "What does a damper do?",
        "Does the C3 have hydraulic cushions?", "What is the Modutop of the Berlingo for?",
        "What is the active suspension of the C5 X?",
    ),
}  # fmt: skip
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PAINTS = 5  # first loads of the page, each with an empty cache
_PHONE = {"width": 390, "height": 844}
_FIRST_PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) resolve(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""
# Times are taken when the browser draws, so they are what is seen; an answer that fails is an error of the page's promise.
_ASK = """(question) => new Promise((resolve, reject) => {
  const root = document.querySelector("citroen-assistant").shadowRoot;
  const [log, form] = [root.querySelector("[role=log]"), root.querySelector("form")];
  const send = form.querySelector("button[type=submit]");
  const earlier = log.querySelectorAll(".it").length;
  let began, first;
  const watch = new MutationObserver(() => {
    const item = log.querySelectorAll(".it")[earlier];
    if (!item) return;
    if (item.querySelector("[role=alert]")) { watch.disconnect(); reject(new Error("the answer did not arrive")); return; }
    if (!first && !item.querySelector(".wait") && item.textContent.trim()) {
      first = new Promise((drawn) => requestAnimationFrame(() => drawn(performance.now() - began)));
    }
    if (first && !send.hidden) {
      watch.disconnect();
      requestAnimationFrame(async () => { const whole = performance.now() - began; resolve([await first, whole]); });
    }
  });
  watch.observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
  form.querySelector("textarea").value = question;
  began = performance.now();
  send.click();
})"""


def measure_widget(questions: int) -> dict[str, Any]:
    """Start a server over the settings' home, ask in a browser, and return the figures as JSON.

    Raises `ConfigurationError` when Playwright or a browser is missing, or an answer does not arrive.
    """
    with browser() as chromium, running_server() as (address, _):
        raw, served = _sizes(address)
        paints = [_first_paint(chromium, address) for _ in range(_PAINTS)]
        firsts, wholes = _answers(chromium, address, questions)
    return {
        "widget_bytes": raw,
        "widget_gzipped": served,
        "questions": questions,
        "first_paint_ms": _rounded(spread(paints)),
        "first_word_ms": _rounded(spread(firsts)),
        "answer_ms": _rounded(spread(wholes)),
    }


@contextmanager
def browser() -> Iterator[Any]:
    """Lend a Chromium of this machine, driven by Playwright. Raises `ConfigurationError` that names what to install."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        message = "This bench needs Playwright, which is not installed. Run 'pip install playwright', or 'make install'."
        raise ConfigurationError(message) from error
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        message = f"This bench needs a browser ({', '.join(_BROWSERS)}). Install one (Debian: apt install chromium)."
        raise ConfigurationError(message)
    flags = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]  # Chromium's sandbox refuses root
    with sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=found, args=flags)
        except Error as error:
            message = f"{found} does not start: {error.message.splitlines()[0]}"
            raise ConfigurationError(message) from error
        try:
            yield chromium
        except Error as error:
            message = f"The browser could not go on: {error.message.splitlines()[0]}"
            raise ConfigurationError(message) from error
        finally:
            chromium.close()


def _sizes(address: str) -> tuple[int, int]:
    """Return the bytes of the widget as a file and as they travel."""
    with httpx.stream("GET", f"{address}/widget.js", headers={"Accept-Encoding": "gzip"}) as response:
        served = sum(len(piece) for piece in response.iter_raw())
    return len(httpx.get(f"{address}/widget.js", headers={"Accept-Encoding": "identity"}).content), served


def _first_paint(chromium: Any, address: str) -> float:
    context = chromium.new_context(locale="fr-FR", viewport=_PHONE)
    page = context.new_page()
    page.goto(address)
    painted = float(page.evaluate(_FIRST_PAINT))
    context.close()
    return painted


def _answers(chromium: Any, address: str, questions: int) -> tuple[list[float], list[float]]:
    """Ask half of the questions on the French page and half on the English one; return times of first words and of wholes."""
    times = []
    for language, count in (("fr", questions - questions // 2), ("en", questions // 2)):
        page = chromium.new_context(viewport=_PHONE).new_page()
        page.goto(f"{address}/?lang={language}")
        page.locator("citroen-assistant form textarea").wait_for()
        times += [page.evaluate(_ASK, question) for question in itertools.islice(itertools.cycle(QUESTIONS[language]), count)]
    return [first for first, _ in times], [whole for _, whole in times]


def _rounded(found: Spread) -> dict[str, float]:
    return {name: round(value, 1) for name, value in asdict(found).items()}
