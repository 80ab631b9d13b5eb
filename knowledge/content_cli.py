"""Commands on pages before they are ingested: `content check|coverage`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from knowledge.document import Document
    from knowledge.lexicon import Lexicon

content_app = typer.Typer(help="Check pages, and what the facts give for each car.", no_args_is_help=True)


@content_app.command("check")
def check_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
) -> None:
    """Hold every page to the corpus's style, warnings, locked phrases and facts. Exit status 1 when something is wrong."""
    from dataclasses import asdict

    from knowledge.facts import FactList, unexplained
    from knowledge.settings import KnowledgeSettings
    from knowledge.style import problems_of

    corpus = KnowledgeSettings.read().corpus
    documents, failures, _ = _loaded(corpus)
    problems = problems_of(documents, corpus)
    told = [*failures, *(str(problem) for problem in problems), *unexplained(documents, FactList.read(corpus))]
    if as_json:
        print(json.dumps({"failures": failures, "problems": [asdict(one) for one in problems]}, ensure_ascii=False, indent=1))
    else:
        print("\n".join([*told, f"{len(documents)} pages, {len(told)} problems"]))
    if told:
        raise typer.Exit(1)


@content_app.command("coverage")
def coverage_command(
    out: Annotated[Path | None, typer.Option("--out", help="Write the table to this Markdown file instead of stdout.")] = None,
) -> None:
    """Say which facts stand on a page, and for each feature and car which parts of a tutorial the facts do not give."""
    from knowledge.facts import FactList, coverage_page
    from knowledge.settings import KnowledgeSettings

    corpus = KnowledgeSettings.read().corpus
    documents, _, lexicon = _loaded(corpus)
    page = coverage_page(documents, FactList.read(corpus), lexicon.cars.models)
    if out:
        out.write_text(page, encoding="utf-8")
        print(f"Written to {out}.", file=sys.stderr)
    else:
        print(page, end="")


def _loaded(corpus: Path) -> tuple[list[Document], list[str], Lexicon]:
    from knowledge.ingest import LEXICON, PAGES
    from knowledge.lexicon import Lexicon
    from knowledge.loading import load

    lexicon = Lexicon.read(corpus / LEXICON)
    loaded = load(corpus / PAGES, lexicon, root_name=PAGES)
    return list(loaded.documents), [str(failure) for failure in loaded.failures], lexicon
