"""Commands that measure a real server: `bench server` over HTTP, `bench widget` in a browser."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def add_to(bench_app: typer.Typer) -> None:
    """Add the commands."""
    bench_app.command("server")(server)
    bench_app.command("widget")(widget)


def server(
    conversations: Annotated[int, typer.Option(min=1, help="Conversations that stay open.")] = 200,
    at_once: Annotated[int, typer.Option(min=1, help="Questions asked at the same moment.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, help="How long.")] = 120,
    as_json: AsJson = False,
) -> None:
    """Many visitors at once on a real server: errors, lost and mixed answers, times, memory. Fails when there is any fault."""
    from evals.server_bench import measure_server

    load = measure_server(conversations=conversations, at_once=at_once, seconds=seconds)
    _print(load, as_json=as_json)
    if load["errors"] or load["lost"] or load["mixed"]:
        raise typer.Exit(1)


def widget(
    questions: Annotated[int, typer.Option(min=2, help="How many questions are asked; after the last, the first again.")] = 20,
    as_json: AsJson = False,
) -> None:
    """The customer page in Chromium: bytes of the widget as served, first paint, first word and whole answer."""
    from evals.widget_bench import measure_widget

    _print(measure_widget(questions), as_json=as_json)


def _print(result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(result, indent=1))
        return
    for name, value in result.items():
        print(f"{name:<16}{value}")
