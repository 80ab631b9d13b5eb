"""Publishing: candidate, gate, swap. Settings in; a `Release` with the gate's report out.

A candidate that is refused stays out, is listed in the ledger with its scores and causes, and never serves. An override needs a
name and a reason, and stands in every later report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from evals.baseline import Baseline
from evals.cases import Case
from evals.demand.tutorial_brief import waiting_cases
from evals.gate import Candidate, GateReport, Thresholds, judge, stored_run
from evals.ledger import Entry, Event, Ledger, now
from evals.outline import outline_of
from evals.run_folder import RunFolder
from evals.runner import Plan, Progress, run
from evals.settings import EvalSettings
from knowledge.document import Document
from knowledge.embedding import Embedder
from knowledge.errors import BrandAssistantError, SnapshotError
from knowledge.ingest import ingest
from knowledge.snapshots import SnapshotStore


class PublishError(BrandAssistantError):
    """A release that can't be made: nothing to publish, or the ground moved while it was scored."""


@dataclass(frozen=True, kw_only=True)
class Override:
    """Who lets a refused candidate go live, and why."""

    name: str
    reason: str

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.reason.strip():
            message = "An override needs a name and a reason. Give both --override-by and --reason."
            raise PublishError(message)


@dataclass(frozen=True, kw_only=True)
class Release:
    """What became of a candidate. `report` is None when there was nothing to publish."""

    event: Event | None
    snapshot: str
    report: GateReport | None = None


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What a candidate is judged by: the suite, its cases, and the thresholds (the shipped ones when none are given)."""

    suite: str
    cases: list[Case]
    thresholds: Thresholds | None = None


def publish(
    settings: EvalSettings, embedder: Embedder, ground: Ground, *,
    override: Override | None = None, progress: Progress | None = None,
) -> Release:  # fmt: skip
    """Judge the candidate (built now when none waits) and make it live if it holds, or if somebody answers for it.

    Raises `PublishError` when another release went live meanwhile, and whatever `judge` raises; then nothing is swapped.
    """
    store = SnapshotStore(settings.home)
    waiting = store.candidate()
    if waiting is None:
        built = ingest(settings, embedder)
        if not built.candidate:
            return Release(event="published" if built.swapped else None, snapshot=built.snapshot)
        waiting = store.candidate()
    if waiting is None:
        message = "The candidate vanished while it was looked at. Run 'brand-assistant ingest' again."
        raise PublishError(message)
    live = store.live_id()
    demanded = demanded_cases(settings, store, waiting.id, live)
    ground = replace(ground, cases=[*ground.cases, *demanded])
    baseline, notes = live_baseline(settings, embedder, ground, progress=progress)
    candidate = Candidate(snapshot=waiting.id, suite=ground.suite, cases=ground.cases)
    report = judge(settings, embedder, candidate, baseline, thresholds=ground.thresholds, notes=notes, progress=progress)
    event: Event = "published" if report.passed else "overridden" if override else "refused"
    with store.writing():
        now_waiting = store.candidate()
        if store.live_id() != live or now_waiting is None or now_waiting.id != waiting.id:
            message = "Another release or ingest came in between. Nothing was swapped; run 'brand-assistant publish' again."
            raise PublishError(message)
        # The ledger first: a release that is not in it must not be possible.
        _note(settings.home, event, report, live, override)
        if event == "refused":
            store.propose(waiting.id, refused=True)
        else:
            store.swap(waiting.id)
            store.prune(settings.keep_snapshots)
    return Release(event=event, snapshot=waiting.id, report=report)


def demanded_cases(settings: EvalSettings, store: SnapshotStore, candidate: str, live: str | None) -> list[Case]:
    """Return what customers asked of the pages that a candidate brings or changes: the cases of their tutorial briefs.

    Raises `CaseError` when a file of cases was broken by hand.
    """
    before = {document.content_hash for document in _documents(store, live)}
    fresh = {document.front.id for document in store.documents(candidate) if document.content_hash not in before}
    return waiting_cases(settings.home / "reports", fresh)


def _documents(store: SnapshotStore, snapshot_id: str | None) -> list[Document]:
    """Return the documents of the live snapshot; none where nothing is live or it can't be read."""
    try:
        return store.documents(snapshot_id) if snapshot_id else []
    except SnapshotError:
        return []


def live_baseline(
    settings: EvalSettings, embedder: Embedder, ground: Ground, *, progress: Progress | None = None
) -> tuple[Baseline | None, tuple[str, ...]]:
    """Return what the live snapshot scores by these cases, from an earlier run or measured now, and what is to be said of it.

    A live snapshot that this embedder can't search lends its content only; one that is damaged, nothing.
    """
    store = SnapshotStore(settings.home)
    try:
        live = store.live_id()
        if live is None:
            return None, ("Nothing is live yet.",)
        outline = outline_of(store, live)
    except SnapshotError as error:
        return None, (f"The live version can't be read, so nothing is compared: {error}",)
    try:
        known = stored_run(settings, live, ground.cases)
        if known is None:
            plan = Plan(suite=ground.suite, cases=ground.cases, snapshot=live)
            known = run(settings, embedder, plan, progress=progress)
        return Baseline.of_run(known, outline), ()
    except SnapshotError as error:
        return Baseline.unscored(live, outline), (f"The live version can't be scored, only its content is compared: {error}",)


def named_baseline(path: Path) -> Baseline:
    """Return the baseline of a run folder that somebody names. Raises `RunError`."""
    return Baseline.of_run(RunFolder(path), None)


def _note(home: Path, event: Event, report: GateReport, live: str | None, override: Override | None) -> None:
    answered_for = override if event == "overridden" else None
    Ledger(home).add(
        Entry(
            at=now(),
            event=event,
            snapshot=report.snapshot,
            live_before=live,
            run=report.run,
            suite=report.suite,
            causes=tuple(f"{cause.kind}: {cause.text}" for cause in report.causes),
            scores=report.scores,
            name=answered_for.name if answered_for else None,
            reason=answered_for.reason if answered_for else None,
        )
    )
