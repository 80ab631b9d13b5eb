"""The store page: a briefing with its PDF, questions with sales content, two cars side by side, practice, the hand-overs.

Everything is shown as plain text. Errors that have a cure are shown with it.
"""

from __future__ import annotations

import gradio as gr

from assistant.assistant import Assistant
from assistant.records import Records
from ui.staff.frame import heading
from ui.staff.store.briefing import briefing_tab
from ui.staff.store.comparing import comparing_tab
from ui.staff.store.handovers import handovers_tab
from ui.staff.store.practice import practice_tab
from ui.staff.store.questions import questions_tab
from ui.staff.words import words_in


def store_page(sales: Assistant, records: Records, language: str, public_url: str = "") -> gr.Blocks:
    """Return the page over the sales assistant, links to customers' pages under `public_url`. Mount it behind `StaffGate`."""
    words, cars = words_in(language), _cars(sales)
    with gr.Blocks(title=f"Citroën — {words['store']}", analytics_enabled=False) as page:
        heading(words, "store", language)
        with gr.Tab(words["briefing"]):
            briefing_tab(sales, words, cars, language=language, public_url=public_url)
        with gr.Tab(words["question"]):
            questions_tab(sales, words, language)
        with gr.Tab(words["compare"]):
            comparing_tab(sales, words, cars, language)
        with gr.Tab(words["practice"]):
            practice_tab(sales, words, cars, language)
        with gr.Tab(words["handovers"]):
            handovers_tab(records, words)
    result: gr.Blocks = page
    return result


def _cars(sales: Assistant) -> list[str]:
    """Return the cars by model and generation, without those of one market alone."""
    with sales.release() as release:
        return [
            f"{model.model} {generation.generation}"
            for model in release.lexicon.cars.models
            for generation in model.generations
            if not generation.market_own
        ]
