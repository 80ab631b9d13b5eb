"""The marketing page: releases and the gate, evaluations, customers and their conversations, coverage, demand.

Whatever customers wrote is shown as text, with personal data taken out. Errors that have a cure are shown with it.
"""

from __future__ import annotations

from collections.abc import Callable

import gradio as gr

from assistant.records import Records
from evals.settings import EvalSettings
from knowledge.embedding import Embedder
from ui.staff.frame import heading
from ui.staff.marketing.conversations import conversations_tab
from ui.staff.marketing.coverage import coverage_tab
from ui.staff.marketing.customers import customers_tab
from ui.staff.marketing.demand import demand_tab
from ui.staff.marketing.releases import releases_tab
from ui.staff.marketing.runs import runs_tab
from ui.staff.words import words_in

Who = Callable[[gr.Request], str]


def marketing_page(settings: EvalSettings, records: Records, embedder: Embedder, language: str, *, who: Who) -> gr.Blocks:
    """Return the page; `who` names who is signed in. Mount it behind `StaffGate`."""
    words = words_in(language)
    with gr.Blocks(title=f"Citroën — {words['marketing']}", analytics_enabled=False) as page:
        heading(words, "marketing", language)
        with gr.Tab(words["releases"]):
            releases_tab(settings, embedder, words)
        with gr.Tab(words["runs"]):
            runs_tab(page, settings, words, language)
        with gr.Tab(words["customers"]):
            customers_tab(records, words)
        with gr.Tab(words["conversations"]):
            conversations_tab(page, records, words)
        with gr.Tab(words["coverage"]):
            coverage_tab(page, settings, words, language)
        with gr.Tab(words["demand"]):
            demand_tab(settings, embedder, words, language=language, who=who)
    result: gr.Blocks = page
    return result
