"""Command `brief`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def brief_command(
    vehicle: Annotated[str, typer.Argument(help='The car, such as "C5 Aircross" or "C3 2019".')],
    customer: Annotated[str, typer.Option(help="The customer in a few words; neither shown nor kept.")] = "",
    minutes: Annotated[int, typer.Option(help="1, 2 or 5.")] = 2,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
    form: Annotated[str, typer.Option("--format", help="text, json, md, html or pdf.")] = "text",
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
    with open_assistant(Settings.read(), "sales") as assistant:
        made = render(brief(assistant, request), form)
    if out:
        out.write_bytes(made.encode() if isinstance(made, str) else made)
        print(f"Written to {out}.", file=sys.stderr)
    elif isinstance(made, bytes):
        sys.stdout.buffer.write(made)
    else:
        print(made)
