"""A real Chromium for the tests, and one open page in it with everything that it tried to reach."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)"),
]
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def browsing(**settings: Any) -> Iterator[Any]:
    """Lend a context of a fresh browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        context = browser.new_context(**settings)
        context.set_default_timeout(30_000)
        yield context
        browser.close()


class Visit:
    """One open page, with what it asked of other sites and what its policy stopped."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.outside: list[str] = []
        self.violations: list[str] = []
        page.on("request", lambda request: self._requested(request.url, address))
        page.on("console", lambda message: self._logged(message.text))
        page.on("pageerror", lambda error: self._logged(str(error)))
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
    def log(self) -> Any:
        return self.page.locator("citroen-assistant [role=log]")


def wait_for_value(field: Any, part: str) -> None:
    """Wait until a field's value holds `part`."""
    from playwright.sync_api import expect

    expect(field).to_have_value(re.compile(re.escape(part)), timeout=30_000)


def at_rest(page: Any) -> None:
    """Wait until nothing fades or slides any more: colours in between have contrasts that nobody reads."""
    page.evaluate(
        """async () => {
          const ends = (one) => one.playState === "running" && one.effect?.getTiming().iterations !== Infinity;
          for (let left; (left = document.getAnimations().filter(ends)).length; )
            await Promise.allSettled(left.map((one) => one.finished));
        }"""
    )


def serious_faults(page: Any, part: str | None = None) -> list[tuple[str, str]]:
    """Return what axe finds on a page, or on one part of it, that is serious or worse, with the first element of each."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page, context=part).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in violations if one["impact"] in ("serious", "critical")]
