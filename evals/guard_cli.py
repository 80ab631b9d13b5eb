"""Commands on safety: `bench safety`, `bench guard`, `bench wrapped`. `cli.py` puts them with the others of this layer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
HalfOnly = Annotated[str | None, typer.Option("--half", help="Only this half: development or test.")]


def add_to(bench_app: typer.Typer) -> None:
    """Add the commands."""
    bench_app.command("safety")(safety)
    bench_app.command("guard")(guard)
    bench_app.command("wrapped")(wrapped)


def safety(half_only: HalfOnly = None, as_json: AsJson = False) -> None:
    """Measure whether people in danger get help at once, and harmless questions are not turned away; on the set written blind."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.questions import SETS
    from evals.safety_bench import measure, read_safety_questions

    labelled = read_safety_questions(SETS / "safety.jsonl")
    with open_assistant(Settings.read(), "customer") as assistant:
        result: dict[str, Any] = {
            half: measure([question for question in labelled if question.half == half], assistant.reply)
            for half in ([half_only] if half_only else ["development", "test"])
        }
    result["first blind figures"] = json.loads((SETS / "safety.blind.json").read_text(encoding="utf-8"))
    if as_json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return
    for name, row in result.items():
        print(f"{name:<20} {row}")


def guard(
    cases: Annotated[Path, typer.Option("--cases", help="JSONL of {id, set, text, label attack|benign}.")],
    as_json: AsJson = False,
) -> None:
    """Measure how many attacks get no answer, and how many harmless questions a rule turns away."""
    from evals.guard_bench import run_guard

    run_guard(cases, as_json, progress=lambda done: typer.echo(f"{done} asked", err=True) if done % 100 == 0 else None)


def wrapped(as_json: AsJson = False) -> None:
    """Measure what wrapping questions into attacks gets, and whether plain ones are answered; on sets written blind."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings
    from evals.guard_bench import Instructions
    from evals.questions import SETS
    from evals.wrapped_bench import Asked, Wrap, measure, read_lines
    from knowledge.settings import SHIPPED_CORPUS

    asked, harmless = read_lines(SETS / "answerable.jsonl", Asked), read_lines(SETS / "on-brand.jsonl", Asked)
    wraps = read_lines(SETS / "wraps.jsonl", Wrap)
    with open_assistant(Settings.read(), "customer") as assistant:
        found = measure(asked, wraps, harmless, assistant.reply, Instructions.of_release(SHIPPED_CORPUS))
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for name, value in found.items():
        print(*value, sep="\n") if isinstance(value, list) else print(f"{name:<40} {value}")
