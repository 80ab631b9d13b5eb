"""The command `brand-assistant`: puts together the commands of the layers, and turns errors into words."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

import assistant.cli
import evals.cli
import knowledge.cli
from knowledge.errors import BrandAssistantError


class Surfaces(StrEnum):
    """What a server shows."""

    PUBLIC = "public"
    STAFF = "staff"
    ALL = "all"


app = typer.Typer(
    name="brand-assistant",
    help="A conversational brand assistant: cited answers, from the brand's own pages.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
knowledge.cli.add_to(app)
assistant.cli.add_to(app)
evals.cli.add_to(app)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    surfaces: Annotated[
        Surfaces, typer.Option(help="public: customers only; staff and all: the store and marketing too.")
    ] = Surfaces.ALL,
) -> None:
    """Start the web server."""
    from ui.server import run

    run(host=host, port=port, surfaces=surfaces.value)


def main() -> None:
    """Run the command line; a known error becomes one line on stderr and exit status 1."""
    try:
        app()
    except BrandAssistantError as error:
        print(f"brand-assistant: {error}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(1)


if __name__ == "__main__":
    main()
