"""The tab of demand: what customers need and the pages lack, in their words; accept, merge or dismiss with a reason; export.

The list is made on demand: it reads the quarter's remarks and asks the assistant for each need, which takes a while.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import gradio as gr
from pydantic import ValidationError

from evals.demand.decisions import Choice, NeedDecision, decide, decisions_in
from evals.demand.needs import Need
from evals.demand.quarterly import Quarter
from evals.demand.rendering import Renderer
from evals.demand.tutorial_brief import shown, write_brief
from evals.demand.wiring import ledger_at, report_of
from evals.settings import EvalSettings
from knowledge.embedding import Embedder
from knowledge.errors import BrandAssistantError
from knowledge.lexicon import Lexicon
from ui.staff.frame import download, ready, table, text
from ui.staff.words import Words

Rows = list[list[str]]
Who = Callable[[gr.Request], str]
_CHOICES: tuple[Choice, ...] = get_args(Choice)
_WORDS = 40  # remarks of one need that are shown


def demand_tab(settings: EvalSettings, embedder: Embedder, words: Words, *, language: str, who: Who) -> None:
    """Draw the tab."""
    desk = Desk(settings, words, language)
    report, chosen = gr.State(None), gr.State(None)
    with gr.Row():
        quarter = gr.Textbox(value="", label=words["quarter"], placeholder="2026Q3", max_length=6, scale=2)
        count = gr.Button(words["count"], variant="primary", scale=1)
        export = gr.Button(words["export"], scale=2)
    said = text(words["result"], lines=1)
    columns = ("need", "people", "people_before", "trend", "gap", "demand_gap", "decided")
    needs = table(
        [words[name] for name in columns], words["demand_list"], column_widths=["26%", "10%", "10%", "11%", "11%", "15%", "17%"]
    )  # fmt: skip
    files = download(words["whole_report"])
    name = text(words["chosen_need"], lines=1)
    quotes = text(words["their_words"], lines=8)
    with gr.Row():
        choice = gr.Radio([(words[one], one) for one in _CHOICES], value="accept", label=words["choice"])
        into = gr.Dropdown([], label=words["into"])
        reason = gr.Textbox(value="", label=words["reason"], max_length=500)
    keep = gr.Button(words["keep_decision"])

    def make(asked: str, progress: Any = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008  how Gradio hands one over
        try:
            made = report_of(
                settings, asked.strip() or None, embedder=embedder,
                progress=lambda step, done, total: progress((done, total), desc=step),
            )  # fmt: skip
        except BrandAssistantError as error:
            return None, str(error), [], None
        return made, desk.summed(made), desk.rows(made), gr.Dropdown(choices=desk.choices(made), value=None)

    def choose(made: Quarter | None, event: gr.SelectData) -> tuple[str | None, str, str]:
        # By its name, not by its place: a reader may have sorted the table.
        need = next((one for one in made.needs if desk.name(one) == event.row_value[0]), None) if made else None
        return (need.id, desk.name(need), desk.words_of(need)) if need else (None, words["nothing_chosen"], "")

    def settle(
        made: Quarter | None, need: str | None, choice: str, into: str, reason: str, request: gr.Request
    ) -> tuple[Quarter | None, str, Rows]:
        return desk.decided(made, need, (choice, into, reason), who(request))

    def pack(made: Quarter | None) -> tuple[Any, str]:
        path, told = desk.exported(made)
        return ready(path), told

    count.click(make, quarter, [report, said, needs, into], api_visibility="private")
    needs.select(choose, report, [chosen, name, quotes], api_visibility="private")
    keep.click(settle, [report, chosen, choice, into, reason], [report, said, needs], api_visibility="private")
    export.click(pack, report, [files, said], api_visibility="private")


class Desk:
    """What the tab does with a report, in one language."""

    def __init__(self, settings: EvalSettings, words: Words, language: str) -> None:
        self._settings = settings
        self._words = words
        self._renderer = Renderer(Lexicon.read(settings.corpus / "lexicon"), "fr" if language == "fr" else "en")

    def name(self, need: Need) -> str:
        """Return what a need is called."""
        return self._renderer.name(need)

    def choices(self, report: Quarter) -> list[tuple[str, str]]:
        """Return the needs that another may be merged into."""
        return [(self.name(need), need.id) for need in report.needs]

    def summed(self, report: Quarter) -> str:
        """Return the sum of the ledger in a sentence."""
        total = report.total
        line = str(self._renderer.texts["sum_line"]).format(
            received=total.received, shown=total.shown, duplicates=total.duplicates, removed=total.removed, empty=total.empty
        )  # fmt: skip
        return f"{report.quarter}: {line}"

    def rows(self, report: Quarter) -> Rows:
        """Return the list, the most wanted and least answered first, with what was decided of each and why."""
        texts = self._renderer.texts
        rows = []
        for need in report.needs:
            decision = report.decisions.get(need.id)
            rows.append(
                [
                    self.name(need), str(need.people), str(need.before), texts["trends"][need.trend],
                    texts["verdicts"][need.verdict], f"{need.score:.1f} ({need.low} … {need.high})",
                    f"{texts['choices'][decision.choice]}: {decision.reason} ({decision.by})" if decision else "",
                ]
            )  # fmt: skip
        return rows

    def words_of(self, need: Need) -> str:
        """Return the customers' words behind a need, hateful ones masked, each with its review's number and car."""
        lines = [
            f"«{shown(remark.text)}» (n° {remark.number}{f', {remark.car.model}' if remark.car else ''})"
            for remark in need.remarks[:_WORDS]
        ]
        more = len(need.remarks) - _WORDS
        return "\n".join([*lines, *([f"… + {more}"] if more > 0 else [])])

    def decided(
        self, report: Quarter | None, need: str | None, entered: tuple[str, ...], by: str
    ) -> tuple[Quarter | None, str, Rows]:
        """Keep a decision (choice, the need to merge into, reason) on one of the report's needs; say what became of it."""
        if report is None or need not in {one.id for one in report.needs} or need is None:
            return report, self._words["nothing_chosen"], self.rows(report) if report else []
        choice, into, reason = entered
        try:
            decision = NeedDecision.model_validate(
                {
                    "need": need, "choice": choice, "reason": reason or "", "by": by, "quarter": report.quarter,
                    "into": into if choice == "merge" and into else None,
                }
            )  # fmt: skip
            number = decide(decision, ledger_at(self._settings))
            report = replace(report, decisions=decisions_in(ledger_at(self._settings)))
        except ValidationError:
            return report, self._words["decision_lacks"], self.rows(report)
        except BrandAssistantError as error:
            return report, str(error), self.rows(report)
        return report, self._words["decision_kept"].format(number=number, name=by), self.rows(report)

    def exported(self, report: Quarter | None) -> tuple[str | None, str]:
        """Write the quarter's report where `demand report` writes it, and return all of it as one archive.

        The briefs' cases have to lie there: `publish` asks them once their pages are written.
        """
        if report is None:
            return None, self._words["list_first"]
        folder = self._settings.home / "reports" / f"demand-{report.quarter}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "report.html").write_text(self._renderer.html(report), encoding="utf-8")
            (folder / "report.pdf").write_bytes(self._renderer.pdf(report))
            (folder / "needs.csv").write_text(self._renderer.csv(report), encoding="utf-8-sig", newline="")
            for need in report.tutorials:
                write_brief(need, folder / "briefs", quarter=report.quarter)
            packed = shutil.make_archive(str(Path(tempfile.mkdtemp()) / folder.name), "zip", folder)
        except OSError as error:
            return None, str(error.strerror)
        return packed, self.summed(report)
