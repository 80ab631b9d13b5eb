"""Commands of releases: `eval run`, `eval compare`, `eval gate`, `publish`. `cli.py` puts them with the others of this layer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from evals.baseline import Baseline
    from evals.comparison import Comparison
    from evals.gate import GateReport
    from evals.publishing import Ground
    from evals.run_folder import Summary
    from evals.settings import EvalSettings
    from knowledge.embedding import Embedder

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
SuiteName = Annotated[str, typer.Option("--suite", help="smoke or full.")]
eval_app = typer.Typer(help="Score, compare and gate what answers.", no_args_is_help=True)
_REFUSED, _NOT_JUDGED = 1, 2
_FLIPS_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(eval_app, name="eval")
    app.command("publish")(publish_command)
    app.command("calibrate")(calibrate_command)


def calibrate_command(as_json: AsJson = False) -> None:
    """Fit the probability that the pages answer, on examples and development halves, and show what thresholds cost."""
    from assistant.bootstrap import open_for_scoring
    from evals.calibrating import calibrate
    from knowledge.embedding_cache import EmbeddingCache
    from knowledge.exemplars import exemplar_texts
    from knowledge.ingest import VECTORS
    from knowledge.snapshots import RELEASE, SnapshotStore, classifier_examples

    settings, embedder = _opened()
    live, store = _live(settings, embedder), SnapshotStore(settings.home)
    cache = EmbeddingCache(embedder, path=settings.home / "cache" / "vectors.sqlite", shipped=settings.corpus / VECTORS)
    release = store.folder(live) / RELEASE
    examples, own = classifier_examples(store.documents(live), release), exemplar_texts(release)
    with open_for_scoring(settings, "customer", live, embedder=embedder) as assistant:
        found = calibrate(assistant, examples, own, cache.embed_questions)
    if as_json:
        print(json.dumps(found, indent=1))
        return
    print(f"{found['questions']} questions, {found['answerable']} of them answerable. Coefficients: {found['coefficients']}")
    for name, rows in {"all": found["all"], "development halves": found["development"], **found["rules"]}.items():
        print(f"\n{name}")
        print("\n".join("  " + "  ".join(f"{key} {value:.3f}" for key, value in row.items()) for row in rows))


@eval_app.command("run")
def run_command(
    suite: SuiteName = "full",
    cases: Annotated[Path | None, typer.Option("--cases", help="A JSONL or YAML file of cases in place of a suite.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The run's folder; without it, one below the home folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask cases of what is live and score the answers; a run that was killed goes on. Exit status 1 when a case crashed."""
    from evals.cases import read_cases
    from evals.runner import Plan, run
    from evals.suites import read_suite

    settings, embedder = _opened()
    live = _live(settings, embedder)
    chosen = read_cases(cases, documents=_pages(settings, live)) if cases else read_suite(suite)
    judge = _judge(settings)
    plan = Plan(suite=cases.stem if cases else suite, cases=chosen, snapshot=live, out=out, judge=judge)
    with _bar("Asking cases") as progress:
        folder = run(settings, embedder, plan, progress=progress)
    summary = folder.summary()
    if as_json:
        print(json.dumps({"run": str(folder.path), **summary.model_dump(mode="json")}, ensure_ascii=False, indent=1))
    else:
        _print_summary(summary)
        print(f"Transcripts and figures: {folder.path}")
    if summary.crashed:
        raise typer.Exit(1)


@eval_app.command("compare")
def compare_command(
    before: Annotated[Path, typer.Argument(help="The folder of the earlier run.")],
    after: Annotated[Path, typer.Argument(help="The folder of the later run.")],
    as_json: AsJson = False,
) -> None:
    """Compare two runs case by case: better, worse or noise, by metric and slice, with the turns that changed."""
    from evals.comparison import compare
    from evals.run_folder import RunFolder

    comparison = compare(RunFolder(before), RunFolder(after))
    print(comparison.model_dump_json(indent=1) if as_json else "\n".join(_comparison_lines(comparison)))


@eval_app.command("gate")
def gate_command(
    suite: SuiteName = "smoke",
    shipped: Annotated[bool, typer.Option("--baseline", help="Compare with the scores that ship with the program.")] = False,
    against: Annotated[Path | None, typer.Option("--against", help="Compare with this run folder.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="The run's folder; without it, one below the home folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge the candidate, or what is live when none waits. Exit status 0: may go live, 1: refused, 2: could not be judged."""
    from evals.gate import Candidate, judge
    from evals.publishing import named_baseline
    from knowledge.errors import BrandAssistantError
    from knowledge.snapshots import SnapshotStore

    try:
        ground = _ground(suite)
        settings, embedder = _opened()
        live = _live(settings, embedder)
        waiting = SnapshotStore(settings.home).candidate()
        with _bar("Asking cases") as progress:
            notes: tuple[str, ...] = ()
            baseline: Baseline | None
            if against:
                baseline = named_baseline(against)
            elif waiting and not shipped:
                baseline, notes = _live_baseline(settings, embedder, ground, progress)
            else:
                baseline = _shipped_baseline()
            candidate = Candidate(snapshot=waiting.id if waiting else live, suite=suite, cases=ground.cases, out=out)
            report = judge(settings, embedder, candidate, baseline, notes=notes, progress=progress)
    except BrandAssistantError as error:
        print(f"brand-assistant: not judged: {error}", file=sys.stderr)
        raise typer.Exit(_NOT_JUDGED) from error
    _print_report(report, as_json)
    if not report.passed:
        raise typer.Exit(_REFUSED)


def publish_command(
    suite: SuiteName = "full",
    override_by: Annotated[str, typer.Option("--override-by", help="Who answers for publishing against the gate.")] = "",
    reason: Annotated[str, typer.Option("--reason", help="Why; stands in every later report.")] = "",
    refused: Annotated[bool, typer.Option("--refused", help="Publish nothing; list the refused candidates.")] = False,
    as_json: AsJson = False,
) -> None:
    """Judge the candidate and make it live if it holds. Exit status 0: live, 1: refused, 2: could not be judged."""
    from evals.ledger import Ledger
    from evals.publishing import Override, publish
    from knowledge.errors import BrandAssistantError

    try:
        settings, embedder = _opened()
        if refused:
            _print_refused([entry.model_dump(mode="json") for entry in Ledger(settings.home).refused()], as_json)
            return
        override = Override(name=override_by, reason=reason) if override_by or reason else None
        with _bar("Asking cases") as progress:
            release = publish(settings, embedder, _ground(suite), override=override, progress=progress)
    except BrandAssistantError as error:
        print(f"brand-assistant: not judged: {error}", file=sys.stderr)
        raise typer.Exit(_NOT_JUDGED) from error
    if as_json:
        report = release.report.model_dump(mode="json") if release.report else None
        print(json.dumps({"event": release.event, "snapshot": release.snapshot, "report": report}, ensure_ascii=False, indent=1))
    else:
        if release.report:
            print("\n".join(release.report.lines()))
        print(_outcome(release.event, release.snapshot))
    if release.event == "refused":
        raise typer.Exit(_REFUSED)


def _outcome(event: str | None, snapshot: str) -> str:
    if event is None:
        return f"There is nothing to publish: {snapshot} is live already."
    if event == "refused":
        return "What was live goes on serving. To publish all the same: --override-by NAME --reason TEXT."
    against = " against the gate" if event == "overridden" else ""
    return f"Snapshot {snapshot} is live{against}."


def _opened() -> tuple[EvalSettings, Embedder]:
    from evals.settings import EvalSettings
    from knowledge.embedding import make_embedder

    settings = EvalSettings.read()
    return settings, make_embedder(settings)


def _live(settings: EvalSettings, embedder: Embedder) -> str:
    """Return the live id; in an empty home the shipped corpus is ingested first."""
    from knowledge.ingest import ingest
    from knowledge.snapshots import SnapshotStore

    return SnapshotStore(settings.home).live_id() or ingest(settings, embedder).snapshot


def _pages(settings: EvalSettings, snapshot: str) -> set[str]:
    from knowledge.snapshots import SnapshotStore

    return {document.front.id for document in SnapshotStore(settings.home).documents(snapshot)}


def _judge(settings: EvalSettings) -> Any:
    from evals.judge import ModelJudge

    return ModelJudge(settings) if settings.judge_model else None


def _ground(suite: str) -> Ground:
    from evals.publishing import Ground
    from evals.suites import read_suite

    return Ground(suite=suite, cases=read_suite(suite))


def _shipped_baseline() -> Baseline:
    from evals.baseline import Baseline

    return Baseline.shipped()


def _live_baseline(
    settings: EvalSettings, embedder: Embedder, ground: Ground, progress: Any
) -> tuple[Baseline | None, tuple[str, ...]]:
    from evals.publishing import live_baseline

    return live_baseline(settings, embedder, ground, progress=progress)


class _bar:  # noqa: N801  reads as a verb where it is used
    """A progress bar on stderr; a second run starts it again."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(file=sys.stderr), transient=True)
        self._task = self._bar.add_task(label, total=None)

    def __enter__(self) -> Any:
        self._bar.start()
        return lambda done, total: self._bar.update(self._task, completed=done, total=total)

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def _print_summary(summary: Summary) -> None:
    print(
        f"{summary.cases} cases, {summary.turns} turns: {summary.passed} passed, {summary.failed} not, {summary.crashed} crashed"
    )
    for name, figure in summary.metrics.items():
        spread = f"  p50 {figure.p50}  p95 {figure.p95} ms" if figure.p50 is not None else ""
        left = f"  ({figure.unscored} unscored)" if figure.unscored else ""
        print(f"  {name:<20} {figure.mean:>8.3f}  n={figure.n}{left}{spread}")


def _comparison_lines(comparison: Comparison) -> list[str]:
    told = [f"{comparison.verdict}: {comparison.after} against {comparison.before}, {comparison.shared} cases", *comparison.notes]
    for row in comparison.rows:
        if row.dimension == "all" or row.verdict != "noise":
            place = "" if row.dimension == "all" else f"[{row.dimension} {row.value}]"
            interval = f"{row.low:+.3f} to {row.high:+.3f}"
            told.append(
                f"  {row.verdict:<6} {row.metric:<20} {row.before:.3f} > {row.after:.3f}  {interval}  n={row.cases} {place}"
            )
    for name, flips in (("worse", comparison.flips_to_worse), ("better", comparison.flips_to_better)):
        told.append(f"{len(flips)} flips to {name}")
        told += [f"  {flip.case_id}.{flip.turn} {flip.metric}: {flip.before:g} > {flip.after:g}" for flip in flips[:_FLIPS_SHOWN]]
    return told


def _print_report(report: GateReport, as_json: bool) -> None:
    print(report.model_dump_json(indent=1) if as_json else "\n".join(report.lines()))


def _print_refused(entries: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(entries, ensure_ascii=False, indent=1))
        return
    for entry in entries:
        print(f"{entry['at'][:19]}  {entry['snapshot']}  decision {entry['scores'].get('decision', 0):.3f}")
        for cause in entry["causes"][:_FLIPS_SHOWN]:
            print(f"    {cause}")
