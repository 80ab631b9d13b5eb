"""Commands of the knowledge: `ingest`, `search`, `index`. Put together with the others in `ui/cli.py`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from knowledge.content_cli import content_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge.ingest import IngestReport

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
index_app = typer.Typer(help="See, list and roll back snapshots.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this layer."""
    app.command("ingest")(ingest_command)
    app.command("search")(search_command)
    app.add_typer(index_app, name="index")
    app.add_typer(content_app, name="content")


def ingest_command(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files or folders; without any, the shipped corpus.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring pages into a candidate snapshot; 'publish' makes it live. Exit status 1 when a file could not be used."""
    from knowledge.embedding import make_embedder
    from knowledge.ingest import ingest
    from knowledge.settings import KnowledgeSettings

    settings = KnowledgeSettings.read()
    with _progress("Embedding passages") as progress:
        report = ingest(settings, make_embedder(settings), paths, progress=progress)
    if as_json:
        print(json.dumps(_report_json(report), ensure_ascii=False, indent=1))
    else:
        _print_report(report)
    if report.failed:
        raise typer.Exit(1)


def search_command(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages.")] = 10,
    audience: Annotated[str, typer.Option(help="customer or sales.")] = "customer",
    language: Annotated[str | None, typer.Option(help="Preferred language of the passages.")] = None,
    market: Annotated[str | None, typer.Option(help="Only passages of this market.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find passages, without composing an answer."""
    from knowledge.embedding import make_embedder
    from knowledge.search import Searcher
    from knowledge.serving import LiveSnapshot
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore

    settings = KnowledgeSettings.read()
    live = LiveSnapshot(SnapshotStore(settings.home), _audience(audience))
    try:
        found = Searcher(live, make_embedder(settings)).search(question, k=k, language=language, market=market)
    finally:
        live.close()
    rows = [
        {
            "rank": item.rank, "score": round(item.score, 4), "document_id": item.chunk.document_id, "chunk_id": item.chunk.id,
            "title": item.chunk.title, "section": item.chunk.section, "language": item.chunk.language,
            "audience": item.chunk.audience, "text": item.chunk.text,
        }
        for item in found
    ]  # fmt: skip
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        print(f"{row['rank']:>2}  {row['score']:.3f}  {row['title']} — {row['section']}  [{row['chunk_id']}]")
        print(f"            {str(row['text']).splitlines()[0]}")


@index_app.command("status")
def status(as_json: AsJson = False) -> None:
    """Say what is live, and whether it is whole. Exit status 1 when there is none or it is damaged."""
    from knowledge.errors import SnapshotError
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore

    store = SnapshotStore(KnowledgeSettings.read().home)
    live = store.live_id()
    if live is None:
        message = "There is no snapshot yet. Run 'brand-assistant ingest' to build the first one."
        raise SnapshotError(message)
    manifest = store.checked(live)
    waiting = store.candidate()
    row = _manifest_json(manifest.id, manifest) | {"live": True, "whole": True, "embedder": manifest.recipe.embedder}
    row |= {"candidate": waiting.id if waiting else None, "refused": bool(waiting and waiting.refused)}
    print(json.dumps(row, indent=1) if as_json else "\n".join(f"{name:<10} {value}" for name, value in row.items()))


@index_app.command("list")
def list_snapshots(as_json: AsJson = False) -> None:
    """List the snapshots on disk, newest first: * is live, ? is the candidate."""
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore

    store = SnapshotStore(KnowledgeSettings.read().home)
    live = store.live_id()
    waiting = store.candidate()
    rows = [
        _manifest_json(manifest.id, manifest)
        | {"live": manifest.id == live, "candidate": waiting is not None and manifest.id == waiting.id}
        for manifest in store.manifests()
    ]
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    for row in rows:
        mark = "*" if row["live"] else "?" if row["candidate"] else " "
        print(f"{mark} {row['id']}  {row['created']}  {row['documents']} documents, {row['entries']} entries")


@index_app.command("rollback")
def rollback(to: Annotated[str | None, typer.Argument(help="A snapshot id; without one, the previous live one.")] = None) -> None:
    """Make an earlier snapshot live again; running servers follow by themselves."""
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore

    store = SnapshotStore(KnowledgeSettings.read().home)
    with store.writing():
        print(f"Live is now {store.rollback(to)}.")


@index_app.command("export")
def export(
    snapshot: Annotated[str | None, typer.Argument(help="A snapshot id; without one, the live one.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; without it, snapshot-ID.zip here.")] = None,
) -> None:
    """Write a snapshot into one file for another machine, signed with BRAND_ASSISTANT_TRANSFER_KEY if that is set."""
    from knowledge.errors import SnapshotError
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore
    from knowledge.transfer import export_snapshot

    settings = KnowledgeSettings.read()
    store = SnapshotStore(settings.home)
    wanted = snapshot or store.live_id()
    if wanted is None:
        message = "There is no snapshot yet. Run 'brand-assistant ingest' to build the first one."
        raise SnapshotError(message)
    target = out or Path(f"snapshot-{wanted}.zip")
    signed = export_snapshot(store, wanted, target, key=settings.transfer_key)
    print(f"{target}: snapshot {wanted}, {'signed' if signed else 'not signed'}.")
    if not signed:
        print("Without BRAND_ASSISTANT_TRANSFER_KEY the other machine takes it in only with --unsigned.", file=sys.stderr)


@index_app.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A file that 'index export' wrote.")],
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Accept a file whose signature is missing or can't be checked.")
    ] = False,
) -> None:
    """Take in a snapshot of another machine. A signed one that was live there goes live; any other waits for 'publish'."""
    from knowledge.settings import KnowledgeSettings
    from knowledge.snapshots import SnapshotStore
    from knowledge.transfer import import_snapshot

    settings = KnowledgeSettings.read()
    taken = import_snapshot(SnapshotStore(settings.home), source, key=settings.transfer_key, unsigned=unsigned)
    print(f"Live is now {taken.id}." if taken.live else f"{taken.id} is a candidate. 'brand-assistant publish' scores it.")


def _audience(value: str) -> Literal["customer", "sales"]:
    if value == "customer":
        return "customer"
    if value == "sales":
        return "sales"
    message = f"audience {value!r} is not known; choose customer or sales"
    raise typer.BadParameter(message)


class _progress:  # noqa: N801  reads as a verb where it is used
    """A progress bar on stderr, shown only once there is something to do."""

    def __init__(self, label: str) -> None:
        from rich.console import Console
        from rich.progress import Progress

        self._label = label
        self._bar = Progress(console=Console(file=sys.stderr), transient=True)
        self._task: Any = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._advance

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _advance(self, done: int, total: int) -> None:
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=total)
        self._bar.update(self._task, completed=done)


def _manifest_json(snapshot_id: str, manifest: Any) -> dict[str, Any]:
    return {
        "id": snapshot_id,
        "created": manifest.created.isoformat(timespec="seconds"),
        "documents": len(manifest.recipe.documents),
        "entries": {audience: len(ids) for audience, ids in manifest.entries.items()},
    }


def _report_json(report: IngestReport) -> dict[str, Any]:
    return {
        "snapshot": report.snapshot,
        "swapped": report.swapped,
        "candidate": report.candidate,
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "failed": [
            {"file": error.path, "line": error.line, "field": error.field, "reason": error.reason, "cure": error.cure}
            for error in report.failed
        ],
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
        "warnings": [asdict(finding) for finding in report.warnings],
    }


def _print_report(report: IngestReport) -> None:
    for name, keys in (("added", report.added), ("changed", report.changed), ("removed", report.removed)):
        shown = ", ".join(keys[:8]) + (" …" if len(keys) > 8 else "")
        print(f"{name:<10} {len(keys):>5}  {shown}")
    print(f"{'unchanged':<10} {len(report.unchanged):>5}")
    print(f"{'failed':<10} {len(report.failed):>5}")
    for error in report.failed:
        print(f"  {error}")
    print(f"{'warnings':<10} {len(report.warnings):>5}")
    for finding in report.warnings:
        print(f"  {finding.kind}: {finding.message}")
    state = "is live" if report.swapped else "is a candidate" if report.candidate else "was live already"
    print(f"Snapshot {report.snapshot} {state}: {report.embedded} passages embedded, {report.seconds:.1f} s.")
    if report.candidate:
        print("What is live goes on serving. 'brand-assistant publish' scores the candidate and makes it live if it holds.")
