"""The release gate: may this snapshot go live? Content, scores and a baseline in, a `GateReport` with every cause out.

In the order in which causes are told: content that must hold (`invariants.py`, `vector_checks.py`), cases that must hold, new
breaches of what may never happen, crashes, thresholds (`sets/thresholds.yaml`), and metrics that are worse beyond noise.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.baseline import Baseline
from evals.cases import Case, case_set
from evals.comparison import Comparison
from evals.fingerprints import code_fingerprint, settings_without_secrets
from evals.invariants import Cause, broken
from evals.metrics import METRICS
from evals.outline import outline_of
from evals.questions import SETS
from evals.run_folder import COMPARISON, GATE, RUN, CaseResult, RunError, RunFolder, Summary
from evals.runner import Plan, Progress, run
from evals.settings import EvalSettings
from evals.vector_checks import check_vectors
from knowledge.embedding import Embedder
from knowledge.errors import ConfigurationError
from knowledge.search import require_embedder
from knowledge.serving import LiveSnapshot
from knowledge.snapshots import SnapshotStore

THRESHOLDS = SETS / "thresholds.yaml"
DEMAND = "demand"  # the source of cases that come from tutorial briefs
_MAY_MISS = 0.5  # share of them that a page may leave open: not every question behind a need is the same one
_SHOWN = 5  # of one kind of cause; the run folder has them all


class Thresholds(BaseModel):
    """What a release has to reach: rules with their decisions, and the least mean of each metric."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    required_rules: dict[str, str]
    at_least: dict[str, float]
    must_hold_at_least: int = Field(ge=0)

    @classmethod
    def read(cls, path: Path = THRESHOLDS) -> Thresholds:
        """Return the thresholds in a YAML file. Raises `ConfigurationError`."""
        try:
            found = cls.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, yaml.YAMLError, ValidationError) as error:
            message = f"The thresholds in {path} can't be used: {error}"
            raise ConfigurationError(message) from error
        unknown = sorted(found.at_least.keys() - METRICS.keys())
        if unknown:
            message = f"The thresholds in {path} name a metric that there is not: {unknown[0]}."
            raise ConfigurationError(message)
        return found


class GateReport(BaseModel):
    """The gate's decision. `causes` is empty when the candidate may go live; `notes` says what limits the decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    snapshot: str
    suite: str
    run: str
    baseline: str | None
    passed: bool
    causes: tuple[Cause, ...]
    notes: tuple[str, ...]
    scores: dict[str, float]
    comparison: Comparison | None

    def lines(self) -> list[str]:
        """Return the decision in words, the causes first."""
        if self.passed:
            told = [f"Snapshot {self.snapshot} may go live: nothing that must hold is broken."]
        else:
            told = [f"Snapshot {self.snapshot} is refused:"]
            kinds = list(dict.fromkeys(cause.kind for cause in self.causes))
            for kind in kinds:
                texts = [cause.text for cause in self.causes if cause.kind == kind]
                told += [f"  {kind}: {text}" for text in texts[:_SHOWN]]
                if len(texts) > _SHOWN:
                    told.append(f"  {kind}: … and {len(texts) - _SHOWN} more")
        if self.comparison:
            flips = f"{len(self.comparison.flips_to_worse)} turns worse, {len(self.comparison.flips_to_better)} better"
            told.append(f"Against {self.baseline}: {self.comparison.verdict} ({self.comparison.shared} cases; {flips}).")
        return [*told, *self.notes]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What is to be judged: a snapshot, by a suite, into a run folder."""

    snapshot: str
    suite: str
    cases: list[Case]
    out: Path | None = None


def judge(
    settings: EvalSettings, embedder: Embedder, candidate: Candidate, baseline: Baseline | None, *,
    thresholds: Thresholds | None = None, notes: tuple[str, ...] = (), progress: Progress | None = None,
) -> GateReport:  # fmt: skip
    """Score a snapshot and decide. Raises `SnapshotError`, `RunError`, `ConfigurationError` when it can't be judged."""
    thresholds = thresholds or Thresholds.read()
    store = SnapshotStore(settings.home)
    causes = broken(
        store.documents(candidate.snapshot),
        outline_of(store, candidate.snapshot),
        baseline.outline if baseline else None,
        candidate.cases,
        thresholds.required_rules,
    )
    causes += _vectors(store, candidate.snapshot, embedder)
    plan = Plan(suite=candidate.suite, cases=candidate.cases, snapshot=candidate.snapshot, out=candidate.out)
    folder = run(settings, embedder, plan, progress=progress)
    summary, results = folder.summary(), folder.results()
    comparison = baseline.compared_with(folder) if baseline else None
    causes += _scored(results, summary, comparison, thresholds)
    report = GateReport(
        snapshot=candidate.snapshot,
        suite=candidate.suite,
        run=folder.info().id,
        baseline=baseline.name if baseline else None,
        passed=not causes,
        causes=tuple(causes),
        notes=notes + (comparison.notes if comparison else ("There is nothing to compare with: thresholds only.",)),
        scores={name: figure.mean for name, figure in summary.metrics.items()},
        comparison=comparison,
    )
    folder.write(GATE, report)
    if comparison:
        folder.write(COMPARISON, comparison)
    return report


def _vectors(store: SnapshotStore, snapshot_id: str, embedder: Embedder) -> list[Cause]:
    live = LiveSnapshot(store.pinned(snapshot_id), "sales")
    with closing(live), live.lease() as snapshot:
        require_embedder(snapshot, embedder)
        return check_vectors(snapshot.index, embedder)


def _scored(results: list[CaseResult], summary: Summary, comparison: Comparison | None, thresholds: Thresholds) -> list[Cause]:
    """Return what the scores forbid."""
    return [
        *_must_hold(results, thresholds.must_hold_at_least),
        *_breaches(results, comparison),
        *_crashes(results),
        *_below(summary, thresholds.at_least),
        *_worse(comparison),
        *_unanswered(results),
    ]


def _must_hold(results: list[CaseResult], at_least: int) -> list[Cause]:
    held = [result for result in results if result.must_hold]
    causes = [
        Cause(
            kind="must hold",
            text=f"{result.case_id}: {turn.question!r}: {failure.metric}: expected {failure.expected}; found {failure.found}",
        )
        for result in held
        for turn in result.turns
        for failure in turn.failures[:1]
    ]
    if len(held) < at_least:
        text = f"only {len(held)} cases that must hold were asked, {at_least} are required"
        causes.append(Cause(kind="must hold", text=text))
    return causes


def _breaches(results: list[CaseResult], comparison: Comparison | None) -> list[Cause]:
    """Things that may never happen, unless they happened before: then the live version is as bad."""
    worse = {(flip.case_id, flip.turn, flip.metric) for flip in comparison.flips_to_worse} if comparison else set()
    compared = comparison is not None
    return [
        Cause(kind="breach", text=f"{result.case_id}.{turn.number}: {failure.metric}: {failure.found}")
        for result in results
        for turn in result.turns
        for failure in turn.failures
        if METRICS[failure.metric].gating == "zero" and (not compared or (result.case_id, turn.number, failure.metric) in worse)
    ]


def _crashes(results: list[CaseResult]) -> list[Cause]:
    return [Cause(kind="crash", text=f"{result.case_id}: {result.crash}") for result in results if result.crash]


def _below(summary: Summary, at_least: dict[str, float]) -> list[Cause]:
    return [
        Cause(kind="threshold", text=f"{name} is {summary.metrics[name].mean:.3f}, at least {least:.3f} is required")
        for name, least in at_least.items()
        if name in summary.metrics and summary.metrics[name].n and summary.metrics[name].mean < least
    ]


def _worse(comparison: Comparison | None) -> list[Cause]:
    return [
        Cause(
            kind="regression",
            text=f"{row.metric} fell from {row.before:.3f} to {row.after:.3f} ({row.dimension} {row.value}, {row.cases} cases, "
            f"95 % of {row.low:+.3f} to {row.high:+.3f})",
        )
        for row in (comparison.rows if comparison else ())
        if row.verdict == "worse" and METRICS[row.metric].gating != "shown"
    ]


def _unanswered(results: list[CaseResult]) -> list[Cause]:
    """Return the pages that were written for customers' questions and do not answer most of them."""
    by_page: dict[str, list[CaseResult]] = {}
    for result in results:
        if result.slices.get("source") == DEMAND:
            by_page.setdefault(result.slices.get("topic", ""), []).append(result)
    causes = []
    for page, asked in by_page.items():
        open_questions = [result for result in asked if not result.passed]
        if len(open_questions) > len(asked) * _MAY_MISS:
            first = open_questions[0].turns[0].question if open_questions[0].turns else open_questions[0].case_id
            text = f"the page {page!r} leaves {len(open_questions)} of {len(asked)} customers' questions open, such as {first!r}"
            causes.append(Cause(kind="demand", text=text))
    return causes


def stored_run(settings: EvalSettings, snapshot: str, cases: list[Case]) -> RunFolder | None:
    """Return a finished run of this snapshot by these cases, this program and these settings; the newest, if there is one."""
    wanted = (snapshot, case_set(cases), code_fingerprint(), settings_without_secrets(settings))
    for path in sorted((settings.home / "runs").glob(f"*/{RUN}"), reverse=True):
        folder = RunFolder(path.parent)
        with suppress(RunError):
            info = folder.info()
            if info.finished and (info.snapshot, info.case_set, info.code, info.settings) == wanted:
                return folder
    return None
