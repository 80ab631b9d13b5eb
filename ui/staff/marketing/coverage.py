"""The tab of coverage: how many pages and facts there are, and what each tutorial lacks for each car."""

from __future__ import annotations

from collections import Counter

import gradio as gr

from evals.settings import EvalSettings
from knowledge.errors import BrandAssistantError
from knowledge.facts import PARTS, FactList, parts_by_car, tutorials
from knowledge.lexicon import Lexicon
from knowledge.snapshots import SnapshotStore
from ui.staff.frame import table, text
from ui.staff.words import Words

Rows = list[list[str]]


def coverage_tab(page: gr.Blocks, settings: EvalSettings, words: Words, language: str) -> None:
    """Draw the tab."""
    summed = text(words["coverage"], lines=2)
    wanted = gr.Textbox(value="", label=words["coverage_search"], max_length=100)
    rows = table([words[name] for name in ("feature", "car", "has", "missing")], words["coverage_table"],
                 column_widths=["24%", "18%", "29%", "29%"])  # fmt: skip

    def show(asked: str) -> tuple[str, Rows]:
        told, found = coverage_of(settings, words, language)
        return told, [row for row in found if all(word in " ".join(row).lower() for word in (asked or "").lower().split())]

    gr.on([page.load, wanted.submit], show, wanted, [summed, rows], api_visibility="private")


def coverage_of(settings: EvalSettings, words: Words, language: str) -> tuple[str, Rows]:
    """Return a sentence and the table of what is live: feature, car, the parts there are, those that are not."""
    store = SnapshotStore(settings.home)
    try:
        live = store.live_id()
        documents = store.documents(live) if live else []
        facts = FactList.read(settings.corpus)
        models = Lexicon.read(settings.corpus / "lexicon").cars.models
    except BrandAssistantError as error:
        return str(error), []
    used = {fact for document in documents for section in document.sections for fact in section.facts}
    languages = Counter(document.front.language for document in documents)
    summed = words["coverage_sum"].format(
        pages=len(documents), languages=", ".join(f"{code}: {count}" for code, count in languages.most_common()),
        used=len(used & facts.known), facts=len(facts.known),
    )  # fmt: skip
    rows = [
        [page.front.title, car, _named(words, parts, there=True), _named(words, parts, there=False) or "—"]
        for page in tutorials(documents, language)
        for car, parts in parts_by_car(page, models).items()
    ]
    return summed, rows


def _named(words: Words, parts: set[str], *, there: bool) -> str:
    return ", ".join(words[part] for part, _ in PARTS if (part in parts) is there)
