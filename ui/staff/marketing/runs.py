"""The tab of evaluations: every run with its figures and what failed, its whole report to download, and two runs compared."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr

from evals.comparison import Comparison, compare
from evals.gate import GateReport
from evals.metrics.figures import summarize
from evals.report.texts import Texts, report_language
from evals.report.writing import write_report
from evals.run_folder import GATE, RUN, SUMMARY, RunError, RunFolder, Summary
from evals.settings import EvalSettings
from knowledge.errors import BrandAssistantError
from ui.staff.frame import download, ready, table, text
from ui.staff.words import Words

Rows = list[list[str]]
_MOST = 200  # failures, and runs, that are listed


def runs_tab(page: gr.Blocks, settings: EvalSettings, words: Words, language: str) -> None:
    """Draw the tab."""
    columns = [words[name] for name in ("run", "suite", "snapshot", "cases", "passed", "gate_verdict")]
    listed = table(columns, words["runs"])
    with gr.Row():
        before, after = gr.Dropdown([], label=words["before"]), gr.Dropdown([], label=words["after"])
    with gr.Row():
        read, against = gr.Button(words["read_run"], variant="primary"), gr.Button(words["compare"])
        again = gr.Button(words["refresh"])
    said = text(words["verdict"], lines=2)
    figures = table([words[name] for name in ("metric", "mean", "turns", "unscored")], words["figures"])
    failures = table(
        [words[name] for name in ("question", "metric", "expected", "found")], words["failures"], max_chars=300,
        column_widths=["34%", "18%", "24%", "24%"],
    )  # fmt: skip
    report = download(words["whole_report"])
    changed = table([words[name] for name in ("metric", "slice", "before", "after", "interval", "verdict")], words["compared"])
    told = reading(settings, words, language)

    def read_chosen(name: str | None) -> tuple[Any, ...]:
        *shown, path = told(name)
        return *shown, ready(path)

    read.click(read_chosen, after, [said, figures, failures, report], api_visibility="private")
    against.click(comparing(settings, words, language), [before, after], [said, changed], api_visibility="private")

    def refresh() -> tuple[Any, ...]:
        names = run_names(settings)
        newest, earlier = [*names, None, None][:2]
        return run_rows(settings, words), gr.Dropdown(names, value=earlier), gr.Dropdown(names, value=newest)

    gr.on([page.load, again.click], refresh, None, [listed, before, after], api_visibility="private")


def run_names(settings: EvalSettings) -> list[str]:
    """Return the runs of this home, newest first."""
    return [folder.path.name for folder, _ in _runs(settings)]


def run_rows(settings: EvalSettings, words: Words) -> Rows:
    """Return each run with its suite, snapshot, cases, share passed and what the gate said of it."""
    rows = []
    for folder, info in _runs(settings):
        passed = words["unfinished"]
        with suppress(RunError):
            summary = folder.summary()
            passed = f"{summary.passed / max(1, summary.cases):.1%}"
        rows.append([folder.path.name, info.suite, info.snapshot, str(info.cases), passed, _gate(folder, words)])
    return rows


def reading(settings: EvalSettings, words: Words, language: str) -> Callable[[str | None], tuple[str, Rows, Rows, str | None]]:
    """Return what reads a run: a sentence, the figures, the failures, and the whole report as a file."""

    def read(name: str | None) -> tuple[str, Rows, Rows, str | None]:
        folder = _chosen(settings, name)
        if folder is None:
            return words["no_runs"], [], [], None
        try:
            results = folder.results()
            summary = folder.summary() if (folder.path / SUMMARY).exists() else summarize(results)
            page = write_report(folder.path, Path(tempfile.mkdtemp()), report_language(language))
        except BrandAssistantError as error:
            return str(error), [], [], None
        names = Texts.read(report_language(language)).metrics
        failures = [
            [turn.question, names.get(failure.metric, failure.metric), failure.expected, failure.found]
            for result in results
            for turn in result.turns
            for failure in turn.failures
        ]
        said = f"{name}: {summary.passed} / {summary.cases} ({words['cases'].lower()}), {_gate(folder, words)}"
        return said, _figures(summary, language), failures[:_MOST], str(page)

    return read


def comparing(settings: EvalSettings, words: Words, language: str) -> Callable[[str | None, str | None], tuple[str, Rows]]:
    """Return what compares two runs: the verdict in a sentence, and the figures over all cases and those that changed."""

    def put(before: str | None, after: str | None) -> tuple[str, Rows]:
        first, second = _chosen(settings, before), _chosen(settings, after)
        if first is None or second is None:
            return words["no_runs"], []
        try:
            found = compare(first, second)
        except BrandAssistantError as error:
            return str(error), []
        flips = {"worse": len(found.flips_to_worse), "better": len(found.flips_to_better), "shared": found.shared}
        return "\n".join([f"{words[found.verdict]}. {words['flips'].format(**flips)}", *found.notes]), _changes(
            found, words, language
        )

    return put


def _runs(settings: EvalSettings) -> Iterator[tuple[RunFolder, Any]]:
    for path in sorted((settings.home / "runs").glob(f"*/{RUN}"), reverse=True)[:_MOST]:
        with suppress(RunError):
            yield RunFolder(path.parent), RunFolder(path.parent).info()


def _chosen(settings: EvalSettings, name: str | None) -> RunFolder | None:
    """Return the run by that name; a name is only ever one of those there are, never a path that a page sends."""
    return RunFolder(settings.home / "runs" / name) if name in run_names(settings) and name else None


def _gate(folder: RunFolder, words: Words) -> str:
    try:
        report = GateReport.model_validate_json((folder.path / GATE).read_bytes())
    except (OSError, ValueError):
        return "—"
    return words["published"] if report.passed else words["refused"]


def _figures(summary: Summary, language: str) -> Rows:
    names = Texts.read(report_language(language)).metrics
    return [
        [names.get(name, name), f"{figure.mean:.0f} ms" if name == "latency" else f"{figure.mean:.1%}", str(figure.n),
         str(figure.unscored or "")]
        for name, figure in summary.metrics.items()
    ]  # fmt: skip


def _changes(found: Comparison, words: Words, language: str) -> Rows:
    names = Texts.read(report_language(language)).metrics
    return [
        [names.get(row.metric, row.metric), "" if row.dimension == "all" else f"{row.dimension} {row.value}",
         f"{row.before:.3f}", f"{row.after:.3f}", f"{row.low:+.3f} … {row.high:+.3f}", words[row.verdict]]
        for row in found.rows
        if row.dimension == "all" or row.verdict != "noise"
    ]  # fmt: skip
