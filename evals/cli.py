"""Commands of the evaluation: `bench`. Put together with the others in `ui/cli.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from evals import guard_cli, release_cli, serving_cli
from evals.demand import cli as demand_cli

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
HalfOnly = Annotated[str | None, typer.Option("--half", help="Only this half: development or test.")]
bench_app = typer.Typer(help="Measure speed and retrieval.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this layer."""
    release_cli.add_to(app)
    demand_cli.add_to(app, bench_app)
    guard_cli.add_to(bench_app)
    serving_cli.add_to(bench_app)
    app.add_typer(bench_app, name="bench")


@bench_app.command("latency")
def latency(
    load: Annotated[bool, typer.Option("--load", help="Also crowds, cold start, memory, ingest, synthetic indexes.")] = False,
    large: Annotated[bool, typer.Option("--large", help="With --load: also a synthetic index of 100,000 vectors.")] = False,
    plot: Annotated[Path | None, typer.Option("--plot", help="With --load: draw the figures into this SVG file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Time answers without a model, and embedding their questions, in the same run."""
    if load:
        from evals.load_report import draw, measure_load, written

        figures = measure_load(large=large, progress=lambda step: typer.echo(step, err=True))
        if plot:
            draw(figures, plot)
        print(json.dumps(figures, indent=1) if as_json else written(figures))
        return
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.latency import measure_latency
    from evals.questions import SETS, read_questions
    from knowledge.embedding import make_embedder

    settings = Settings.read()
    embedder = make_embedder(settings)
    questions = [question.question for question in read_questions(SETS / "retrieval.jsonl")]
    with open_assistant(settings, "customer", embedder=embedder) as assistant:
        measured = measure_latency(assistant, embedder, questions)
    rows = {"answer": measured.answer, "embedding": measured.embedding, "ratio": measured.ratio}
    rows |= {f"step {name}": value for name, value in measured.steps.items()}
    if as_json:
        table = {name: {"p50": round(value.p50, 2), "p95": round(value.p95, 2)} for name, value in rows.items()}
        print(json.dumps({"questions": measured.questions, **table}, indent=1))
        return
    print(f"{measured.questions} questions, milliseconds (ratio: answer over embedding)\n{'':<18}{'p50':>8}{'p95':>8}")
    for name, value in rows.items():
        print(f"{name:<18}{value.p50:>8.2f}{value.p95:>8.2f}")


@bench_app.command("questions")
def questions(
    cases: Annotated[Path | None, typer.Option("--set", help="A labelled JSONL file; without it, the shipped set.")] = None,
    half_only: HalfOnly = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="List the development questions whose page did not come first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure how often the right page comes first, and among the first five, on a labelled set."""
    from evals.questions import SETS, measure, read_questions
    from knowledge.embedding import make_embedder
    from knowledge.search import Searcher
    from knowledge.serving import LiveSnapshot
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore

    settings = KnowledgeSettings.read()
    path = cases or SETS / "retrieval.jsonl"
    labelled = read_questions(path)
    live = LiveSnapshot(SnapshotStore(settings.home), "customer")
    searcher = Searcher(live, make_embedder(settings))
    result: dict[str, Any] = {}
    try:
        for half in _halves(half_only):
            chosen = [question for question in labelled if question.half == half]
            hits = measure(chosen, lambda text: [item.chunk.document_id for item in searcher.search(text, k=60)])
            result[half] = {"questions": hits.questions, "first": round(hits.first, 4), "in_five": round(hits.in_five, 4)}
            if misses and half == "development":
                result["misses"] = [
                    {"id": question.id, "question": question.question, "relevant": list(question.relevant), "found": list(found)}
                    for question, found in hits.misses
                ]
    finally:
        live.close()
    blind = path.with_suffix(".blind.json")
    if blind.exists():
        result["first blind figures"] = json.loads(blind.read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, row in result.items():
        if isinstance(row, list):
            for miss in row:
                print(f"  {miss['id']} {miss['question']}\n      wanted {miss['relevant']}, found {miss['found']}")
        else:
            print(f"{name:<20} {row}")


@bench_app.command("content")
def content(
    half_only: HalfOnly = None,
    failures: Annotated[bool, typer.Option("--failures", help="List the development questions that went wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure whether the pages answer what drivers ask: right page, required facts, wrong facts; on the set written blind."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.content_bench import ask, failed, figures, read_content_questions
    from evals.questions import SETS
    from knowledge.embedding import make_embedder
    from knowledge.search import Searcher
    from knowledge.serving import LiveSnapshot
    from knowledge.snapshots import SnapshotStore

    settings = Settings.read()
    embedder = make_embedder(settings)
    labelled = read_content_questions(SETS / "content.jsonl")
    result: dict[str, Any] = {}
    with open_assistant(settings, "customer", embedder=embedder) as assistant:
        live = LiveSnapshot(SnapshotStore(settings.home), "customer")
        searcher = Searcher(live, embedder)
        for half in _halves(half_only):
            asked = [
                ask(question, lambda text: [item.chunk.document_id for item in searcher.search(text, k=60)], assistant.reply)
                for question in labelled
                if question.half == half
            ]
            result[half] = figures(asked)
            if failures and half == "development":
                result["failures"] = [failed(one) for one in asked if one.lacking or one.wrong or not one.found]
        live.close()
    blind = SETS / "content.blind.json"
    if blind.exists():
        result["first blind figures"] = json.loads(blind.read_text(encoding="utf-8"))
    if as_json or failures:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, row in result.items():
        print(f"{name:<20} {row}")


@bench_app.command("grounding")
def grounding(
    cases: Annotated[Path, typer.Option("--cases", help="JSONL of {id, set, task, source, claim, label}.")],
    as_json: AsJson = False,
) -> None:
    """Measure how well support and contradiction are told apart, set by set."""
    from evals.grounding_bench import run

    run(cases, as_json)


@bench_app.command("paraphrases")
def paraphrases(
    half_only: HalfOnly = None,
    failures: Annotated[bool, typer.Option("--failures", help="List development paraphrases withheld, mutations shown.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure whether the pages' sentences in other words are let through, and sentences with one thing changed withheld."""
    from evals.paraphrases import accepted, open_check, read_paraphrases, read_retellings, rejected, retold, shipped_mutations
    from evals.questions import SETS
    from knowledge.settings import SHIPPED_CORPUS

    halves = _halves(half_only)
    found, mutations = shipped_mutations(SHIPPED_CORPUS)
    check = open_check(SHIPPED_CORPUS)
    path = SETS / "paraphrases.jsonl"
    table, withheld = accepted([one for one in read_paraphrases(path) if one.half in halves], found, check)
    changed, shown = rejected(mutations, check)
    told = retold(read_retellings(SETS / "weak-retellings.jsonl"), found, check)
    result = {"paraphrases": table, "mutations": changed, "retold as a weak model does": told}
    result["first blind figures"] = json.loads(path.with_suffix(".blind.json").read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, rows in result.items():
        print(name)
        for row, value in rows.items():
            print(f"  {row:<21} {value}")
    if failures:
        for one, reasons in withheld:
            if one.half == "development":
                print(f"withheld: {one.id} {', '.join(reasons)}\n    {one.paraphrase}\n    {one.source}")
        for mutation in shown:
            print(f"shown: {mutation.language} {mutation.kind}\n    {mutation.claim}\n    {mutation.original}")


@bench_app.command("briefings")
def briefings(as_json: AsJson = False) -> None:
    """Make a briefing for every car, customer, language and length, and say what holds; check the cushions against the table."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.briefings import measure_all
    from evals.questions import SETS

    with open_assistant(Settings.read(), "sales") as assistant:
        result = measure_all(assistant)
    result["first blind figures"] = json.loads((SETS / "cushions.blind.json").read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, value in result.items():
        rows = value.items() if isinstance(value, dict) else [("", value)]
        print("\n".join(f"{f'{name} {key}':<44} {row}" for key, row in rows))


@bench_app.command("retrieval")
def retrieval(
    dataset: Annotated[Path, typer.Option("--dataset", help="A folder with corpus.jsonl and queries.jsonl.")],
    vectors: Annotated[Path | None, typer.Option("--vectors", help="Keep vectors in this file between runs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure vectors, words and the product's own search on any labelled set of passages and queries."""
    from evals.retrieval_bench import run_retrieval

    run_retrieval(dataset, as_json, vectors=vectors)


@release_cli.eval_app.command("report")
def report(
    run: Annotated[Path, typer.Argument(help="The folder of a run.")],
    out: Annotated[Path | None, typer.Option("--out", help="Where to write; without it, into the run's folder.")] = None,
    language: Annotated[str, typer.Option("--language", help="fr or en.")] = "fr",
) -> None:
    """Write the report of a run: one HTML file that works offline, with JSON and JUnit beside it."""
    from evals.report import write_report
    from evals.report.texts import report_language

    print(write_report(run, out or run, report_language(language)))


@bench_app.command("conversations")
def conversations(
    cases: Annotated[Path | None, typer.Option("--set", help="A labelled JSONL file; without it, the shipped set.")] = None,
    half_only: HalfOnly = None,
    failures: Annotated[bool, typer.Option("--failures", help="List the development turns that were not right.")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure decisions, languages, rules and cars on labelled conversations, by slice."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.conversations import read_conversations, score_conversation, shares
    from evals.questions import SETS
    from knowledge.embedding import make_embedder

    settings = Settings.read()
    embedder = make_embedder(settings)
    path = cases or SETS / "conversations.jsonl"
    labelled = read_conversations(path)
    result: dict[str, Any] = {}
    with (
        open_assistant(settings, "customer", embedder=embedder) as customer,
        open_assistant(settings, "sales", embedder=embedder) as sales,
    ):
        for half in _halves(half_only):
            scores = [
                score
                for conversation in labelled
                if conversation.half == half
                for score in score_conversation(conversation, (sales if conversation.audience == "sales" else customer).reply)
            ]
            result[half] = shares(scores)
            if failures and half == "development":
                _print_failures(scores)
    blind = path.with_suffix(".blind.json")
    if blind.exists():
        result["first blind figures"] = json.loads(blind.read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for half, table in result.items():
        print(half)
        for name, row in table.items():
            print(f"  {name:<20} {row}")


@bench_app.command("generative")
def generative(
    count: Annotated[int, typer.Option("--count", min=1, help="How many of the labelled questions.")] = 120,
    tiny: Annotated[bool, typer.Option("--tiny", help="Ask the tiny model that 'make model' installs.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write every answer into this JSONL file.")] = None,
    unjudged_to: Annotated[
        Path | None,
        typer.Option("--unjudged", help="Write the sentences that wait for a person's judgement into this JSONL file."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer labelled questions with a chat model and without it; count what a person found unsupported in its words."""
    from contextlib import nullcontext

    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.generative import chosen, patient_settings, read_judgements, summary, tell, unjudged
    from evals.questions import SETS
    from evals.tiny_model import tiny_model
    from knowledge.embedding import make_embedder

    settings = Settings.read()
    if settings.chat_model is None and not tiny:
        message = "BRAND_ASSISTANT_CHAT_MODEL names no model, and --tiny is not there; see docs/models.md"
        raise typer.BadParameter(message)
    embedder = make_embedder(settings)
    told = []
    with (
        tiny_model() if tiny else nullcontext("") as address,
        open_assistant(patient_settings(settings, address) if tiny else settings, "customer", embedder=embedder) as teller,
        open_assistant(settings.model_copy(update={"chat_model": None}), "customer", embedder=embedder) as quoter,
    ):
        for row in tell(chosen(count), teller.reply, quoter.reply):
            told.append(row)
            typer.echo(f"{len(told):>4} {row.composer:<11} {row.seconds:>6.1f} s  {row.question[:80]}", err=True)
    judgements = read_judgements(SETS / "told.jsonl")
    if out:
        out.write_text("".join(f"{row.model_dump_json()}\n" for row in told), encoding="utf-8")
    if unjudged_to:
        waiting = [{"text": one.text, "sources": one.sources, "unsupported": None} for one in unjudged(told, judgements)]
        unjudged_to.write_text("".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in waiting), encoding="utf-8")
    result = summary(told, judgements)
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, value in result.items():
        print(f"{name:<40} {value}")


def _halves(only: str | None) -> tuple[str, ...]:
    if only not in (None, "development", "test"):
        message = f"half {only!r} is not known; choose development or test"
        raise typer.BadParameter(message)
    return (only,) if only else ("development", "test")


def _print_failures(scores: list[Any]) -> None:
    from evals.conversations import ASPECTS

    for score in scores:
        wrong = [aspect for aspect in ASPECTS if getattr(score, aspect) is False]
        if wrong:
            turn, answer = score.turn, score.answer
            print(f"{score.conversation.id}.{score.number} [{score.conversation.slice}] {turn.question}")
            print(f"    wrong: {', '.join(wrong)}")
            print(f"    expected {turn.expect.model_dump(mode='json', exclude_defaults=True)}")
            cited = [citation.chunk.id for citation in answer.citations]
            languages = f"{answer.question_language} > {answer.language}"
            print(f"    got {answer.decision.value} {answer.rules} {languages} {answer.vehicle} {cited}")
            print(f"    {answer.text[:160]!r} {answer.confidence:.2f}")
