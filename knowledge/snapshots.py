"""Snapshots: whole releases in folders that never change, one pointer to the live one, one writer at a time.

    <home>/snapshots/
        live.json                     the pointer: {"live": id, "previous": [id, …]}
        candidate.json                {"candidate": id, "refused": bool}: built, and not live until it is published
        served.log                    every id that was made live, one a line
        <id>/manifest.json            written last
        <id>/documents.jsonl          what it was made of, for the next ingest
        <id>/release/                 lexicon, rules, prompts, overlays, phrases
        <id>/customer/, <id>/sales/   the indexes

A build fills a hidden folder, is verified in a child process, and is renamed into place; killing it at any moment
changes nothing that serves. Readers never open these folders: `serving.py` gives each a private copy.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import filelock

from knowledge.classifier import Classifier
from knowledge.document import Audience, Document
from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError, SnapshotLockedError
from knowledge.exemplars import INNOCENT, SILENT, exemplar_texts
from knowledge.index import Index, entries_of
from knowledge.learnt import learn_into
from knowledge.manifest import MANIFEST, Manifest, Recipe, file_hash, hash_tree
from knowledge.workshop import Workshop

RELEASE, DOCUMENTS = "release", "documents.jsonl"
AUDIENCES: tuple[Audience, ...] = ("customer", "sales")
_BUILDING = ".building-"
_LOCK_SECONDS = 1.0


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A snapshot that is built and verified, and not live; `refused` when the gate has turned it down."""

    id: str
    refused: bool


class SnapshotStore:
    """The snapshots below one home folder."""

    def __init__(self, home: Path) -> None:
        self.root = home / "snapshots"
        self._pointer = self.root / "live.json"
        self._candidate = self.root / "candidate.json"
        self._served = self.root / "served.log"

    def folder(self, snapshot_id: str) -> Path:
        """Return where a snapshot lies."""
        return self.root / snapshot_id

    def history(self) -> list[str]:
        """Return the live id followed by those that were live before, latest first; empty before the first build."""
        try:
            pointer = json.loads(self._pointer.read_text(encoding="utf-8"))
            return [pointer["live"], *pointer["previous"]]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            message = f"The pointer {self._pointer} can't be read ({error}). Run 'brand-assistant ingest' to write it again."
            raise SnapshotError(message) from error

    def live_id(self) -> str | None:
        """Return the id of the live snapshot, or None before the first build."""
        return next(iter(self.history()), None)

    def last_served(self) -> str | None:
        """Return the id that was made live last and is whole still, whatever became of the pointer."""
        try:
            served = self._served.read_text(encoding="utf-8").split("\n")
        except OSError:
            return None
        for snapshot_id in reversed([line for line in served if line]):
            with suppress(SnapshotError):
                return self.checked(snapshot_id).id
        return None

    def candidate(self) -> Candidate | None:
        """Return the snapshot that waits to be published, or None. A damaged note counts as none: an ingest writes it again."""
        try:
            note = json.loads(self._candidate.read_text(encoding="utf-8"))
            found = Candidate(id=note["candidate"], refused=note["refused"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return found if self.folder(found.id).exists() else None

    def propose(self, snapshot_id: str, *, refused: bool = False) -> None:
        """Make a snapshot the candidate; `refused` once the gate has turned it down. The caller holds the lock."""
        _write_whole(self._candidate, json.dumps({"candidate": snapshot_id, "refused": refused}))

    def withdraw(self) -> None:
        """Have no candidate any more. The caller holds the lock."""
        self._candidate.unlink(missing_ok=True)

    def pinned(self, snapshot_id: str) -> SnapshotStore:
        """Return a view of this store in which one snapshot is the only live one: how a candidate is scored."""
        return _Pinned(self.root.parent, snapshot_id)

    def manifests(self) -> list[Manifest]:
        """Return the manifests of all usable snapshots, newest first."""
        found = []
        for path in self.root.glob(f"[!.]*/{MANIFEST}"):
            with suppress(SnapshotError):
                found.append(Manifest.read(path.parent))
        return sorted(found, key=lambda manifest: manifest.created, reverse=True)

    def checked(self, snapshot_id: str) -> Manifest:
        """Return the manifest of a snapshot whose files are all as they were built. Raises `SnapshotError`."""
        folder = self.folder(snapshot_id)
        manifest = Manifest.read(folder)
        manifest.check(folder)
        return manifest

    def is_whole(self, snapshot_id: str) -> bool:
        """Say whether a snapshot is there, with all its files as they were built."""
        try:
            self.checked(snapshot_id)
        except SnapshotError:
            return False
        return True

    def documents(self, snapshot_id: str) -> list[Document]:
        """Return the documents that a snapshot was made of."""
        try:
            lines = (self.folder(snapshot_id) / DOCUMENTS).read_text(encoding="utf-8").split("\n")
            return [Document.model_validate_json(line) for line in lines if line]
        except (OSError, ValueError) as error:
            message = f"The documents of snapshot {snapshot_id} can't be read ({error})."
            raise SnapshotError(message) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's lock; leftovers of a writer that died are removed.

        Raises `SnapshotLockedError` within two seconds when another process holds it, naming that process. The lock
        is the operating system's: it is free again the moment its holder dies.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        holder = self.root / "writer.json"
        try:
            with filelock.FileLock(self.root / "writer.lock", timeout=_LOCK_SECONDS):
                _write_whole(holder, json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat("T", "seconds")}))
                self._remove_leftovers()
                yield
        except filelock.Timeout as error:
            known = json.loads(holder.read_text(encoding="utf-8")) if holder.exists() else {}
            who = f"process {known.get('pid', 'unknown')}, since {known.get('since', 'unknown')}"
            message = f"Another ingest is running ({who}). Wait for it to end, or stop it, and try again."
            raise SnapshotLockedError(message) from error

    def _remove_leftovers(self) -> None:
        """Delete what a writer that died left behind."""
        for leftover in self.root.glob(f"{_BUILDING}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        for pattern in (".live.json.*", ".writer.json.*", ".candidate.json.*"):
            for leftover in self.root.glob(pattern):
                leftover.unlink(missing_ok=True)

    def require_room(self, needed: int) -> None:
        """Raise `SnapshotError` when the disk has less than `needed` bytes free."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            reason = f"The disk of {self.root} has {free:,} bytes free; this build needs {needed:,}"
            message = f"{reason}. Free some space and try again."
            raise SnapshotError(message)

    def build(
        self,
        recipe: Recipe,
        documents: list[Document],
        release: Path,
        embed: Callable[[list[str]], Vectors],
        workshop: Workshop,
        *,
        needed: int,
    ) -> None:
        """Build, verify and keep a snapshot; the caller holds the lock. The live one stays live.

        `release` is the folder whose files `recipe.release` names; `needed` the bytes the build may take. Raises
        `SnapshotError` when the disk is too small, or the built index fails its verification.
        """
        folder = self.root / f"{_BUILDING}{uuid.uuid4().hex}"
        try:
            try:
                _fill(folder, recipe, documents, release, embed, workshop)
            except SnapshotError as error:
                message = f"{error} About {needed:,} bytes are needed in {self.root}."
                raise SnapshotError(message) from error
            with ThreadPoolExecutor(1) as beside:
                flushed = beside.submit(_sync, folder)
                workshop.verify(folder)
                flushed.result()
            shutil.rmtree(self.folder(recipe.id), ignore_errors=True)  # a damaged one of the same content
            folder.rename(self.folder(recipe.id))
            _sync_folder(self.root)
        except OSError as error:
            reason = "the disk is full" if error.errno == errno.ENOSPC else str(error)
            message = f"The snapshot could not be written: {reason}. About {needed:,} bytes are needed in {self.root}."
            raise SnapshotError(message) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def swap(self, snapshot_id: str) -> None:
        """Make a snapshot live, in one atomic step. Raises `SnapshotError` when it is not whole."""
        self.checked(snapshot_id)
        try:
            before = self.history()
        except SnapshotError:  # an unreadable pointer is written again; what is on disk stands in for its history
            before = [manifest.id for manifest in self.manifests()]
        previous = [known for known in before if known != snapshot_id and self.folder(known).exists()]
        _write_whole(self._pointer, json.dumps({"live": snapshot_id, "previous": previous}))
        with self._served.open("a", encoding="utf-8") as file:
            file.write(f"{snapshot_id}\n")
        waiting = self.candidate()
        if waiting and waiting.id == snapshot_id:
            self.withdraw()

    def rollback(self, to: str | None = None) -> str:
        """Make the previous live snapshot live again, or the one named; return its id. Raises `SnapshotError`."""
        history = self.history()
        target = to or next(iter(history[1:]), None)
        if target is None:
            message = "There is no earlier snapshot to go back to. See 'brand-assistant index list'."
            raise SnapshotError(message)
        self.swap(target)
        return target

    def prune(self, keep: int) -> list[str]:
        """Delete all but the `keep` newest snapshots; the live one, the one before it and the candidate stay.

        Returns the deleted ids.
        """
        waiting = self.candidate()
        needed = {*self.history()[:2], *([waiting.id] if waiting else [])}
        newest = [manifest.id for manifest in self.manifests()]
        kept = needed | set([known for known in newest if known not in needed][: max(0, keep - len(needed))])
        doomed = [known for known in newest if known not in kept]
        for snapshot_id in doomed:
            shutil.rmtree(self.folder(snapshot_id), ignore_errors=True)
        return doomed


class _Pinned(SnapshotStore):
    """One snapshot as if it were the live one; nothing is written."""

    def __init__(self, home: Path, snapshot_id: str) -> None:
        super().__init__(home)
        self._id = snapshot_id

    def history(self) -> list[str]:
        """Return the one snapshot."""
        return [self._id]


def _fill(
    folder: Path,
    recipe: Recipe,
    documents: list[Document],
    release: Path,
    embed: Callable[[list[str]], Vectors],
    workshop: Workshop,
) -> None:
    folder.mkdir()
    for name in recipe.release:
        (folder / RELEASE / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(release / name, folder / RELEASE / name)
    changed = [name for name, expected in recipe.release.items() if file_hash(folder / RELEASE / name) != expected]
    if changed:
        message = f"{changed[0]} changed while it was being ingested. Run the ingest again."
        raise SnapshotError(message)
    with (folder / DOCUMENTS).open("w", encoding="utf-8") as file:
        file.writelines(document.model_dump_json() + "\n" for document in documents)
    entries = _build_indexes(folder, documents, embed, exemplar_texts(release).get(SILENT, []), workshop)
    _train_classifier(folder, documents, release, embed)
    workshop.finish()
    manifest = Manifest(id=recipe.id, created=datetime.now(UTC), recipe=recipe, entries=entries, files=hash_tree(folder))
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")


def _train_classifier(folder: Path, documents: list[Document], release: Path, embed: Callable[[list[str]], Vectors]) -> None:
    examples = classifier_examples(documents, release)
    if examples:
        vectors = embed([text for rows in examples.values() for text in rows])
        learn_into(folder / RELEASE, Classifier, examples, vectors)


def classifier_examples(documents: list[Document], release: Path) -> dict[str, list[str]]:
    """Return the release's example questions by label; what pages answer is innocent by definition. None of one label alone."""
    examples = exemplar_texts(release)
    asked = {entry.text for document in documents for entry in entries_of(document) if entry.asks}
    if examples and (asked or INNOCENT in examples):
        examples[INNOCENT] = sorted({*examples.get(INNOCENT, []), *asked})
    return examples if len(examples) > 1 else {}


def _build_indexes(
    folder: Path, documents: list[Document], embed: Callable[[list[str]], Vectors], silent: list[str], workshop: Workshop
) -> dict[Audience, tuple[str, ...]]:
    """Build an index for each audience on the one before; return the ids of their entries. Sales sees all that customers see."""
    entries: dict[Audience, tuple[str, ...]] = {}
    base: Path | None = None
    for audience in AUDIENCES:
        visible = [document for document in documents if document.front.audience in ("customer", audience)]
        entries[audience] = tuple(Index.build(folder / audience, visible, embed, silent=silent, base=base, store=workshop.build))
        base = folder / audience
    return entries


def _write_whole(path: Path, text: str) -> None:
    """Replace a file so that readers see the old text or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # other systems can't open a folder to flush it
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
