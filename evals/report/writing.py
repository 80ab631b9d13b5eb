"""Puts a report together: the folder of a run in, three files out.

`report.<language>.html` holds everything it shows and asks no one for anything: a content policy in it forbids that, and
allows one script, by its hash. Every text from a run is escaped by the template. `report.json` is for programs,
`junit.xml` for CI.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pydantic import BaseModel, ValidationError

from evals.comparison import Comparison
from evals.gate import GateReport
from evals.metrics import METRICS
from evals.metrics.figures import summarize
from evals.report import plots
from evals.report.curves import calibration, latencies, quality, trend
from evals.report.junit import junit
from evals.report.texts import ReportLanguage, Texts
from evals.report.verdict import Judged, judged, percent
from evals.run_folder import COMPARISON, GATE, SUMMARY, CaseResult, RunError, RunFolder, Summary

_FOLDER = Path(__file__).parent
_SCRIPT, _STYLE, _TEMPLATE = "filter.js", "report.css", "report.html.j2"
_ENOUGH = 2  # answers for a spread of times, runs for a trend
Kept = TypeVar("Kept", bound=BaseModel)


def write_report(run_dir: Path, out_dir: Path, language: ReportLanguage) -> Path:
    """Write the report on the run in `run_dir` into `out_dir` and return the path of its HTML file.

    A run that was killed is reported as far as it came. Raises `RunError` when the run can't be read or the folder can't be
    written to, `ConfigurationError` for an unknown language.
    """
    texts = Texts.read(language)
    folder = RunFolder(run_dir)
    info, results = folder.info(), folder.results()
    summary = folder.summary() if (run_dir / SUMMARY).exists() else summarize(results)
    gate = _optional(run_dir / GATE, GateReport)
    comparison = _optional(run_dir / COMPARISON, Comparison) or (gate.comparison if gate else None)
    verdict = judged(info, summary, results, texts, gate=gate, comparison=comparison)
    failed = [result for result in results if not result.passed]
    script, style = _file(_SCRIPT), _file(_STYLE)
    page = (
        _environment()
        .get_template(_TEMPLATE)
        .render(
            t=texts, lang=language, info=info, summary=summary, gate=gate, comparison=comparison, verdict=verdict,
            failed=failed, metrics=METRICS, drawn=_drawn(folder, results, summary, texts), percent=percent,
            script=Markup(script), style=Markup(style), script_hash=_hash(script),  # noqa: S704  our own files
        )
    )  # fmt: skip
    path = out_dir / f"report.{language}.html"
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
        (out_dir / "report.json").write_text(_json(folder, summary, verdict, gate, comparison, failed), encoding="utf-8")
        (out_dir / "junit.xml").write_text(junit(results, info.id), encoding="utf-8")
    except OSError as error:
        message = f"The report can't be written to {out_dir} ({error.strerror}). Name a folder you may write to with --out."
        raise RunError(message) from error
    return path


def _drawn(folder: RunFolder, results: Sequence[CaseResult], summary: Summary, texts: Texts) -> dict[str, Any]:
    """Return the plots that the results allow, as markup that matplotlib wrote and escaped."""
    drawn: dict[str, Any] = {}
    points = trend(folder)
    if len(points) >= _ENOUGH:
        drawn["trend"] = Markup(plots.trend_plot(points, texts))  # noqa: S704
    if summary.decisions:
        drawn["decisions"] = Markup(plots.decision_plot(summary.decisions, texts))  # noqa: S704
    cells = quality(results)
    if cells:
        drawn["quality"] = Markup(plots.quality_plot(cells, texts))  # noqa: S704
    times, figure = latencies(results), summary.metrics.get("latency")
    if len(times) >= _ENOUGH and figure and figure.p50 is not None and figure.p95 is not None:
        drawn["latency"] = Markup(plots.latency_plot(times, (figure.p50, figure.p95), texts))  # noqa: S704
    bins = calibration(results)
    if bins:
        drawn["calibration"] = Markup(plots.calibration_plot(bins, texts))  # noqa: S704
    return drawn


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _optional(path: Path, kind: type[Kept]) -> Kept | None:
    if not path.exists():
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        message = f"{path} can't be read ({error}). Take it out of the run's folder, or make the run again."
        raise RunError(message) from error


def _json(
    folder: RunFolder,
    summary: Summary,
    verdict: Judged,
    gate: GateReport | None,
    comparison: Comparison | None,
    failed: Sequence[CaseResult],
) -> str:
    return json.dumps(
        {
            "run": folder.info().model_dump(mode="json"),
            "verdict": {"tone": verdict.tone, "headline": verdict.headline, "lines": list(verdict.lines)},
            "summary": summary.model_dump(mode="json"),
            "gate": gate.model_dump(mode="json") if gate else None,
            "comparison": comparison.model_dump(mode="json") if comparison else None,
            "failed": [result.model_dump(mode="json") for result in failed],
        },
        ensure_ascii=False,
        indent=1,
    )


def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8").strip()


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
