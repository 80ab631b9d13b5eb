"""Commands `brief`, `compare` and `practice`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer


def brief_command(
    vehicle: Annotated[str, typer.Argument(help='The car, such as "C5 Aircross" or "C3 2019".')],
    customer: Annotated[str, typer.Option(help="The customer in a few words; neither shown nor kept.")] = "",
    minutes: Annotated[int, typer.Option(help="1, 2 or 5.")] = 2,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    form: Annotated[str, typer.Option("--format", help="text, json, md, html, pdf; social or email for the customer.")] = "text",
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Write what a seller needs before walking up to a customer."""
    from assistant.bootstrap import open_assistant
    from assistant.briefing.composing import brief
    from assistant.briefing.model import BriefingRequest
    from assistant.briefing.rendering import FORMATS, render
    from assistant.settings import Settings

    form = "json" if as_json else form
    if minutes not in (1, 2, 5):
        message = f"{minutes} minutes are not offered; choose 1, 2 or 5"
        raise typer.BadParameter(message)
    if form not in FORMATS:
        message = f"format {form!r} is not known; choose {', '.join(FORMATS)}"
        raise typer.BadParameter(message)
    request = BriefingRequest(vehicle=vehicle, customer=customer, minutes=minutes, language=language)  # type: ignore[arg-type]  # checked above
    settings = Settings.read()
    with open_assistant(settings, "sales") as assistant:
        made = render(brief(assistant, request), form, public_url=settings.public_url)
    if out:
        out.write_bytes(made.encode() if isinstance(made, str) else made)
        print(f"Written to {out}.", file=sys.stderr)
    elif isinstance(made, bytes):
        sys.stdout.buffer.write(made)
    else:
        print(made)


def compare_command(
    one: Annotated[str, typer.Argument(help='A Citroën, such as "C5 Aircross 2020".')],
    other: Annotated[str, typer.Argument(help='Another, or what the customer drives ("VW Tiguan with DCC").')],
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Put two cars side by side, from the pages; nothing is ranked."""
    from assistant.bootstrap import open_assistant
    from assistant.briefing.comparing import compare
    from assistant.briefing.rendering import source_rows
    from assistant.settings import Settings

    with open_assistant(Settings.read(), "sales") as assistant:
        made = compare(assistant, one, other, language=language)
    if as_json:
        print(json.dumps(made.as_json(), ensure_ascii=False, indent=1))
        return
    for title, said in made.columns:
        print(title.upper())
        for statement in said:
            print(f"{statement.text} [{statement.citations[0]}]")
        print()
    for number, row in enumerate(source_rows(made.citations, made.phrases), start=1):
        print(f"[{number}] {row}")


def practice_command(
    vehicle: Annotated[str, typer.Argument(help='The car, such as "C5 Aircross 2022".')],
    reply: Annotated[
        str | None, typer.Option(help="Your reply; without it the worry is shown and the reply read from stdin.")
    ] = None,
    turn: Annotated[int, typer.Option(min=0, help="Which of the worries.")] = 0,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Answer a customer's worry, and see what the pages would have said."""
    from assistant.bootstrap import open_assistant
    from assistant.briefing.composing import PRICES
    from assistant.briefing.practice import practise
    from assistant.settings import Settings

    with open_assistant(Settings.read(), "sales") as assistant:
        asked = practise(assistant, vehicle, language=language, turn=turn)
        if reply is None:
            print(f"{asked.car} — « {asked.worry} »", file=sys.stderr)
            reply = sys.stdin.readline()
        if not reply.strip():
            print(json.dumps(asked.as_json(), ensure_ascii=False, indent=1) if as_json else asked.worry)
            return
        judged = practise(assistant, vehicle, language=language, reply=reply, turn=turn)
    if as_json:
        print(json.dumps(judged.as_json(), ensure_ascii=False, indent=1))
        return
    print(f"« {judged.worry} »\n{judged.score:.0%}")
    rows = [*(("+", row) for row in judged.used), *(("-", row) for row in judged.missed)]
    rows += [("✗", f"{said}: {why}") for said, why in (*judged.claims_made, *judged.tone)]
    rows += [("✗", judged.phrases["hand-over"] if rule in PRICES else rule) for rule in judged.rules]
    print("\n".join(f"  {mark} {row}" for mark, row in rows))
    print(f"{judged.phrases['reply-opening']}\n  {' '.join(judged.better)}")
    print("\n".join(f"  [{number}] {row}" for number, row in enumerate(judged.sources, start=1)))
