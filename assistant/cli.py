"""Commands of the assistant: `ask`. Put together with the others in `ui/cli.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

if TYPE_CHECKING:
    from assistant.answer import Answer
    from assistant.assistant import Assistant


def add_to(app: typer.Typer) -> None:
    """Add the commands of this layer."""
    from assistant.briefing.cli import brief_command, compare_command, practice_command
    from assistant.records.cli import records_app, user_app

    app.command("ask")(ask)
    app.command("brief")(brief_command)
    app.command("compare")(compare_command)
    app.command("practice")(practice_command)
    app.add_typer(user_app, name="user")
    app.add_typer(records_app, name="records")
    app.add_typer(markets_app, name="markets")


markets_app = typer.Typer(help="What differs by market.", no_args_is_help=True)


@markets_app.callback()
def _markets() -> None:
    """Keep `drift` a subcommand although it is the only one."""


@markets_app.command("drift")
def drift(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False) -> None:
    """Show which fields each market changes, and what the operator should know of it."""
    from assistant.markets import Markets
    from assistant.settings import Settings

    markets = Markets.read(Settings.read().corpus / "markets")
    changes = markets.drift()
    if as_json:
        rows = {
            code: {name: {"base": base, "market": own} for name, (base, own) in fields.items()}
            for code, fields in changes.items()
        }
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for code, fields in changes.items():
        shown = "; ".join(f"{name}: {base!r} → {own!r}" for name, (base, own) in fields.items()) or "nothing"
        print(f"{code}  {shown}")
        for problem in markets.problems(code):
            print(f"    {problem}")


def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in any language.")] = None,
    audience: Annotated[str, typer.Option(help="customer or sales.")] = "customer",
    channel: Annotated[str, typer.Option(help="website, store or social.")] = "website",
    language: Annotated[str | None, typer.Option(help="Language to answer in; without it, that of the question.")] = None,
    market: Annotated[str | None, typer.Option(help="Market, such as FR.")] = None,
    vehicle: Annotated[str | None, typer.Option(help='The car, such as "C5 Aircross 2019".')] = None,
    conversation: Annotated[str | None, typer.Option(help="Go on with this conversation.")] = None,
    batch: Annotated[Path | None, typer.Option(help="Answer a JSONL file of conversations instead.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the batch's answers go; without it, to stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Ask one question, or a file of conversations."""
    if (question is None) == (batch is None):
        message = "give either a question or --batch FILE"
        raise typer.BadParameter(message)
    if batch:
        from assistant.batch import run_batch

        run_batch(batch, out)
        return
    from assistant.answer import Channel, Question
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings

    if audience not in ("customer", "sales"):
        message = f"audience {audience!r} is not known; choose customer or sales"
        raise typer.BadParameter(message)
    if channel not in get_args(Channel):
        message = f"channel {channel!r} is not known; choose {', '.join(get_args(Channel))}"
        raise typer.BadParameter(message)
    asked = Question(
        text=question or "", language=language, market=market, vehicle=vehicle, conversation_id=conversation,
        channel=channel,  # type: ignore[arg-type]  # checked above
    )  # fmt: skip
    with open_assistant(Settings.read(), "sales" if audience == "sales" else "customer") as assistant:
        if as_json:
            print(json.dumps(assistant.reply(asked).as_json(), ensure_ascii=False, indent=1))
        else:
            _print_streamed(assistant, asked)


def _print_streamed(assistant: Assistant, asked: Any) -> None:
    from assistant.answer import Delta, Done

    for event in assistant.stream(asked):
        if isinstance(event, Delta):
            print(event.text, end="", flush=True)
        elif isinstance(event, Done):
            print()
            _print_rest(event.answer)


def _print_rest(answer: Answer) -> None:
    for choice in answer.choices:
        print(f"  · {choice}")
    if answer.citations:
        print("\nSources")
    for citation in answer.citations:
        labels = "; ".join(source.label for source in citation.chunk.sources)
        print(f"  [{citation.n}] {citation.chunk.title} — {citation.chunk.section} ({labels})")
    print(f"\n--conversation {answer.conversation_id}", file=sys.stderr)
