"""The bench of the widget: what it counts, and what it says where there is no browser. Never how fast."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from evals.widget_bench import QUESTIONS, browser, measure_widget
from knowledge.errors import ConfigurationError
from tests.ui.browsing import CHROMIUM
from tests.ui.process import copy_knowledge
from ui.cli import app as command


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (Debian: apt-get install chromium)")
def test_the_widget_is_measured_as_served_and_as_seen(app: FastAPI, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAND_ASSISTANT_HOME", str(copy_knowledge(app.state.parts.settings.home, tmp_path / "bench")))

    done = CliRunner().invoke(command, ["bench", "widget", "--questions", "4", "--json"])

    figures = json.loads(done.stdout)
    assert figures["questions"] == 4
    assert 0 < figures["widget_gzipped"] <= 25_000
    assert figures["widget_gzipped"] < figures["widget_bytes"]
    assert figures["first_paint_ms"]["p50"] > 0
    assert 0 < figures["first_word_ms"]["p50"] <= figures["answer_ms"]["p50"]


def test_without_playwright_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)

    with pytest.raises(ConfigurationError, match="pip install playwright"):
        measure_widget(2)


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigurationError, match="apt install chromium"), browser():
        pass


def test_it_asks_twenty_different_questions_half_of_them_french() -> None:
    assert [len(set(questions)) for questions in QUESTIONS.values()] == [10, 10]
