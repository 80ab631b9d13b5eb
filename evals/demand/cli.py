"""Commands of the demand: `demand import|remove|report|list|decide`, and `bench remarks|grouping|reviews`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.settings import Settings
    from evals.demand.quarterly import Quarter
    from evals.demand.rendering import Language
    from evals.demand.understanding import Progress

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
QuarterName = Annotated[str | None, typer.Option("--quarter", help="Such as 2026Q3; without it, the latest that has reviews.")]
demand_app = typer.Typer(help="What customers say, and the tutorials it asks for.", no_args_is_help=True)


def add_to(app: typer.Typer, bench_app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(demand_app, name="demand")
    bench_app.command("remarks")(bench_remarks)
    bench_app.command("grouping")(bench_grouping_command)
    bench_app.command("reviews")(bench_reviews_command)


@demand_app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="An export of reviews: .csv, .jsonl or .xlsx.")],
    column: Annotated[
        list[str] | None, typer.Option("--column", help="MEANING=COLUMN, such as text=Verbatim; repeatable.")
    ] = None,
    dates: Annotated[str | None, typer.Option("--dates", help="dmy or mdy, where 03/07/2026 could be either.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show how the file would be read; store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take reviews into the ledger: redacted, duplicates kept as such. A killed import goes on; a second one adds nothing."""
    from assistant.settings import Settings
    from evals.demand import intake
    from evals.demand.wiring import ledger_at

    if dates not in (None, "dmy", "mdy"):
        message = f"--dates {dates!r} is not known; choose dmy or mdy"
        raise typer.BadParameter(message)
    said = dict(pair.partition("=")[::2] for pair in column or [])
    ledger = ledger_at(Settings.read())
    if preview:
        shown = intake.preview(file, ledger.folder, said=said, order=dates)  # type: ignore[arg-type]
        reviews = [review.model_dump(mode="json", exclude_defaults=True) if review else None for review in shown.reviews]
        result = {"reading": shown.reading, "rows": shown.rows, "columns": shown.columns.of, "dates": shown.columns.order}
        if not shown.columns.order_known:
            result["dates"] = f"{shown.columns.order} (taken for granted: no cell decides; see --dates)"
        print(json.dumps({**result, "first": reviews}, ensure_ascii=False, indent=1))
        return
    with _bar() as progress:
        took = intake.take_in(
            file, ledger, said=said, order=dates, progress=lambda done, of: progress("import", done, of)  # type: ignore[arg-type]
        )  # fmt: skip
    if as_json:
        print(json.dumps(asdict(took), ensure_ascii=False))
    elif took.repeat_of:
        print(f"{took.source} was imported before (entry {took.repeat_of}): nothing added, and this second time is recorded.")
    else:
        print(f"{took.source}: {took.received} rows = {took.new} new + {took.duplicates} duplicates + {took.empty} empty")
        if took.resumed:
            print(f"An earlier import had stopped after {took.resumed} rows; this one went on from there.")


@demand_app.command("remove")
def remove_command(
    number: Annotated[int, typer.Argument(help="The review's number; the report's JSON names it.")],
    reason: Annotated[str, typer.Option("--reason", help="The legal reason; it is kept.")],
    by: Annotated[str, typer.Option("--by", help="Who decided; it is kept.")],
) -> None:
    """Blank one review for a legal reason; a numbered tombstone stays."""
    from assistant.settings import Settings
    from evals.demand.wiring import ledger_at

    with ledger_at(Settings.read()).writing() as writer:
        print(f"Review {number} is blank; tombstone {writer.remove(number, reason=reason, by=by)} says why.")


@demand_app.command("report")
def report_command(
    quarter: QuarterName = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder; without it, reports/demand-QUARTER below the home folder.")
    ] = None,
    language: Annotated[str, typer.Option("--language", help="fr or en.")] = "fr",
    as_json: AsJson = False,
) -> None:
    """Write the quarter's report (HTML, PDF, CSV) and a brief for each tutorial to make."""
    from assistant.settings import Settings
    from evals.demand.rendering import Renderer
    from evals.demand.tutorial_brief import write_brief
    from knowledge.lexicon import Lexicon

    if language not in ("fr", "en"):
        message = f"--language {language!r} is not known; choose fr or en"
        raise typer.BadParameter(message)
    settings = Settings.read()
    with _bar() as progress:
        report = _reported(settings, quarter, progress)
    folder = out or settings.home / "reports" / f"demand-{report.quarter}"
    folder.mkdir(parents=True, exist_ok=True)
    chosen: Language = "fr" if language == "fr" else "en"
    renderer = Renderer(Lexicon.read(settings.corpus / "lexicon"), chosen)
    (folder / "report.html").write_text(renderer.html(report), encoding="utf-8")
    (folder / "report.pdf").write_bytes(renderer.pdf(report))
    (folder / "needs.csv").write_text(renderer.csv(report), encoding="utf-8-sig", newline="")
    briefs = [str(path) for need in report.tutorials for path in write_brief(need, folder / "briefs", quarter=report.quarter)]
    if as_json:
        print(json.dumps({"folder": str(folder), "briefs": briefs, **as_object(report)}, ensure_ascii=False, indent=1))
        return
    total = report.total
    print(
        f"{report.quarter}: {total.received} received = {total.shown} shown + {total.duplicates} duplicates "
        f"+ {total.removed} removed + {total.empty} empty"
    )
    for place, need in enumerate(report.tutorials, start=1):
        print(f"{place}. {renderer.name(need)}: {need.people} people, {need.trend}, answered {need.verdict}, {need.score:.1f}")
    print(f"Report and briefs: {folder}")


@demand_app.command("list")
def list_command(quarter: QuarterName = None, as_json: AsJson = False) -> None:
    """List the needs of a quarter, ranked by demand x gap, with what was decided."""
    from assistant.settings import Settings

    with _bar() as progress:
        report = _reported(Settings.read(), quarter, progress)
    if as_json:
        print(json.dumps(as_object(report), ensure_ascii=False, indent=1))
        return
    for need in report.needs:
        decision = report.decisions.get(need.id)
        said = f"{decision.choice}: {decision.reason}" if decision else ""
        print(f"{need.id:<40} {need.people:>5} {need.trend:<6} {need.verdict:<7} {need.score:>7.1f}  {said}")


@demand_app.command("decide")
def decide_command(
    need: Annotated[str, typer.Argument(help="The need's id, as `demand list` shows it.")],
    choice: Annotated[str, typer.Argument(help="accept, merge or dismiss.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept.")],
    by: Annotated[str, typer.Option("--by", help="Who decides; it is kept.")],
    into: Annotated[str | None, typer.Option("--into", help="The need that a merged one is counted with.")] = None,
) -> None:
    """Keep a decision about a need, with its reason."""
    from pydantic import ValidationError

    from assistant.settings import Settings
    from evals.demand.decisions import NeedDecision, decide
    from evals.demand.wiring import ledger_at

    try:
        decision = NeedDecision(need=need, choice=choice, reason=reason, by=by, into=into)  # type: ignore[arg-type]
    except ValidationError as error:
        raise typer.BadParameter("; ".join(item["msg"] for item in error.errors())) from error
    print(f"Decision {decide(decision, ledger_at(Settings.read()))} is kept.")


def bench_remarks(
    half: Annotated[str | None, typer.Option("--half", help="Only this half: development or test.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well remarks are read: kind, feature, car, on the set labelled blind."""
    from assistant.settings import Settings
    from evals.demand.bench import measure, read_labelled
    from evals.demand.remark_lexicon import SETS
    from evals.demand.wiring import make_reader
    from knowledge.embedding import make_embedder

    if half not in (None, "development", "test"):
        message = f"half {half!r} is not known; choose development or test"
        raise typer.BadParameter(message)
    settings = Settings.read()
    reader = make_reader(settings, make_embedder(settings))
    result: dict[str, Any] = {}
    for name in (half,) if half else ("development", "test"):
        result[name] = measure([remark for remark in read_labelled() if remark.half == name], reader)
    result["first blind figures"] = json.loads((SETS / "remarks.blind.json").read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, table in result.items():
        print(name)
        for aspect, value in table.items():
            print(f"  {aspect:<24} {value}")


def bench_grouping_command(
    dataset: Annotated[Path, typer.Option("--dataset", help="Folder with sentences.jsonl of {id, topic, car, text}.")],
    as_json: AsJson = False,
) -> None:
    """Measure grouping by aspect beside k-means on embeddings and the steps of BERTopic."""
    from assistant.settings import Settings
    from evals.demand.grouping_bench import bench_grouping
    from knowledge.embedding import make_embedder
    from knowledge.embedding_cache import EmbeddingCache

    settings = Settings.read()
    cache = EmbeddingCache(make_embedder(settings), path=settings.home / "cache" / "vectors.sqlite")
    result = bench_grouping(dataset, cache.embed_passages)
    if as_json:
        print(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        print(f"{name:<52} {value}")


def bench_reviews_command(
    rows: Annotated[int, typer.Option("--rows", min=1, help="How many reviews to make, import and report.")] = 50_000,
    as_json: AsJson = False,
) -> None:
    """Measure how long many reviews take to import and report, in a scratch home folder."""
    from assistant.settings import Settings
    from evals.demand.scale_bench import bench_reviews

    with _bar() as progress:
        result = bench_reviews(rows, Settings.read(), progress)
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, value in result.items():
        print(f"{name:<40} {value}")


def as_object(report: Quarter) -> dict[str, Any]:
    """Return a report as JSON: the sum, the changes, and every need with its words."""
    from evals.demand.needs import asked_of
    from evals.demand.tutorial_brief import shown

    return {
        "quarter": report.quarter,
        "sum": {name: value for name, value in asdict(report.total).items() if isinstance(value, int)},
        "reviews": report.reviews,
        "remarks": report.remarks,
        "read_fully": report.read_fully,
        "agreement": report.agreement,
        "hateful": report.hateful,
        "changes": [asdict(change) for change in report.kinds],
        "tutorials": [need.id for need in report.tutorials],
        "answered": [need.id for need in report.answered],
        "needs": [
            {
                "id": need.id, "feature": need.feature, "people": need.people, "before": need.before, "trend": need.trend,
                "verdict": need.verdict, "gap": round(need.gap, 3), "score": round(need.score, 2),
                "low": need.low, "high": need.high,
                "cars": dict(need.cars),
                "decision": report.decisions[need.id].model_dump(mode="json") if need.id in report.decisions else None,
                "quotes": [
                    {"review": remark.number, "text": shown(remark.text), "evidence": list(remark.evidence)}
                    for remark in asked_of(need, 8)
                ],
            }
            for need in report.needs
        ],
    }  # fmt: skip


def _reported(settings: Settings, quarter: str | None, progress: Progress) -> Quarter:
    from evals.demand.wiring import report_of

    return report_of(settings, quarter, progress=progress)


@contextmanager
def _bar() -> Iterator[Progress]:
    """Lend a progress bar on stderr: a task for each step."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def progress(step: str, done: int, of: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=of)
            bar.update(tasks[step], completed=done, total=of)

        yield progress
