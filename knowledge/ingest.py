"""Brings source files into a new snapshot: what was added, changed, removed, left alone, and what failed.

The snapshot is a candidate: only `publish` makes it live, once the gate has let it through. In an empty home there is
nothing to compare with and nobody to serve: there the first snapshot, of the corpus that was gated before it shipped, is live.

Each document remembers the root it came from. `ingest(PATH)` syncs that root and leaves the documents of other roots as
they are; without a path it syncs the shipped corpus. A document that fails keeps its last good version.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import numpy as np

from knowledge.document import Document
from knowledge.embedding import Embedder, Vectors
from knowledge.embedding_cache import EmbeddingCache, Progress
from knowledge.errors import DocumentError, SnapshotError
from knowledge.exemplars import exemplar_texts
from knowledge.findings import Finding
from knowledge.health import findings_of
from knowledge.index import entries_of
from knowledge.learnt import SHIPPED
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.manifest import hash_tree, recipe_of
from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore
from knowledge.workshop import Workshop

PAGES, VECTORS, LEXICON = "pages", "vectors.npz", "lexicon"
# Vector, graph and text, twice (customer and sales): measured on the shipped corpus and rounded up.
_BYTES_PER_ENTRY, _BYTES_AT_LEAST = 16_384, 4_000_000


@dataclass(kw_only=True)
class IngestReport:
    """What an ingest did. The lists hold document keys, sorted; `embedded` counts passages that were not in the cache.

    `swapped`: the snapshot is live now, the first one. `candidate`: it waits for `publish`. Neither: it was live already.
    `noticed` is what the loaders said of the files, `documents` what the snapshot is made of.
    """

    snapshot: str = ""
    swapped: bool = False
    candidate: bool = False
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    failed: list[DocumentError] = field(default_factory=list)
    noticed: list[Finding] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list, repr=False)
    review_after_days: int
    embedded: int = 0
    seconds: float = 0.0

    @cached_property
    def warnings(self) -> list[Finding]:
        """What a person should look at. The pages are looked over when somebody asks: a first answer does not wait for it."""
        today = datetime.now(UTC).date()
        return self.noticed + findings_of(self.documents, today=today, review_after_days=self.review_after_days)


def ingest(
    settings: KnowledgeSettings,
    embedder: Embedder,
    paths: list[Path] | None = None,
    *,
    progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> IngestReport:
    """Sync `paths` (default: the shipped corpus) and build a snapshot: a candidate, or live where there was none.

    `progress` gets (done, total) of the passages being embedded; `meanwhile` is done once, if something is built, while only a
    child process is at work. Raises `SnapshotLockedError` when another ingest runs,
    `SnapshotError` when the snapshot can't be built; then the live one is unchanged.
    """
    start = time.perf_counter()
    store = SnapshotStore(settings.home)
    report = IngestReport(review_after_days=settings.review_after_days)
    needed = _BYTES_AT_LEAST
    try:
        with store.writing(), Workshop(meanwhile) as workshop:
            if not store.manifests():
                workshop.begin()  # somebody waits for the first one
            documents = _synced(settings, store, paths, report)
            needed += _BYTES_PER_ENTRY * sum(len(entries_of(document)) for document in documents)
            recipe = recipe_of(documents, embedder=embedder.fingerprint, release=release_files(settings.corpus))
            if not store.is_whole(recipe.id):
                store.require_room(needed)
                embed = _embedded(documents, settings, embedder, report, progress)
                store.build(recipe, documents, settings.corpus, embed, workshop, needed=needed)
            _propose(store, recipe.id, report)
            store.prune(settings.keep_snapshots)
    except (OSError, sqlite3.Error) as error:
        message = f"The snapshot could not be written ({error}). About {needed:,} bytes are needed in {settings.home}."
        raise SnapshotError(message) from error
    report.snapshot = recipe.id
    report.seconds = time.perf_counter() - start
    return report


def release_files(corpus: Path) -> dict[str, str]:
    """Return the hash of every file of a corpus that shapes answers and is no page: lexicon, rules, phrases and so on.

    Vectors and models are left out: they are made of the rest.
    """
    return {
        name: digest
        for name, digest in hash_tree(corpus).items()
        if name != VECTORS and not name.startswith((f"{PAGES}/", f"{SHIPPED.name}/", ".")) and "/." not in name
    }


def _synced(settings: KnowledgeSettings, store: SnapshotStore, paths: list[Path] | None, report: IngestReport) -> list[Document]:
    before = {document.key: document for document in _documents_before(store)}
    documents = _sync(before, _roots(settings, paths, first=not before), settings, report)
    if not documents:
        reasons = "; ".join(str(error) for error in report.failed[:3]) or "no page was found"
        message = f"Nothing to ingest: {reasons}"
        raise SnapshotError(message)
    report.documents = documents
    return documents


def _embedded(
    documents: list[Document], settings: KnowledgeSettings, embedder: Embedder, report: IngestReport, progress: Progress | None
) -> Callable[[list[str]], Vectors]:
    """Embed every text of the new snapshot once; return what looks their vectors up."""
    cache = EmbeddingCache(embedder, path=settings.home / "cache" / "vectors.sqlite", shipped=settings.corpus / VECTORS)
    questions, passages = texts_to_embed(documents, settings.corpus)
    vectors = dict(zip(questions, cache.embed_questions(questions, progress=progress), strict=True))
    vectors |= dict(zip(passages, cache.embed_passages(passages, progress=progress), strict=True))
    report.embedded = cache.embedded
    return lambda wanted: np.array([vectors[text] for text in wanted], dtype=np.float32)


def texts_to_embed(documents: list[Document], corpus: Path) -> tuple[list[str], list[str]]:
    """Return every question and every passage that a snapshot of `documents` and `corpus` holds, each once."""
    entries = [entry for document in documents for entry in entries_of(document)]
    questions = {entry.text for entry in entries if entry.asks}
    questions |= {text for rows in exemplar_texts(corpus).values() for text in rows}
    return sorted(questions), sorted({entry.text for entry in entries if not entry.asks} - questions)


def _propose(store: SnapshotStore, snapshot_id: str, report: IngestReport) -> None:
    """Make the snapshot the candidate, or live when nothing is; an unreadable pointer is written again as it was."""
    try:
        live = store.live_id()
    except SnapshotError:
        live = store.last_served()
        if live:
            store.swap(live)
    if live is None:
        store.swap(snapshot_id)
        report.swapped = True
    elif live == snapshot_id:
        store.withdraw()
    else:
        waiting = store.candidate()
        refused = waiting is not None and waiting.id == snapshot_id and waiting.refused
        store.propose(snapshot_id, refused=refused)
        report.candidate = True


def _documents_before(store: SnapshotStore) -> list[Document]:
    """Return what the last ingest left: the candidate's documents, unless it was refused, else those of the live snapshot.

    A damaged snapshot counts as none, and is built again from its roots.
    """
    waiting = store.candidate()
    known = [waiting.id] if waiting and not waiting.refused else []
    try:
        known += store.history()
    except SnapshotError:
        known += [manifest.id for manifest in store.manifests()]
    for snapshot_id in known:
        with suppress(SnapshotError):
            return store.documents(snapshot_id)
    return []


def _roots(settings: KnowledgeSettings, paths: list[Path] | None, *, first: bool) -> list[Path]:
    """Return the roots to sync: the named ones, and the shipped pages when nothing is named or nothing is there yet."""
    shipped = settings.corpus / PAGES
    named = [path.absolute() for path in paths or []]
    return [shipped, *named] if first or not named else named


def _sync(before: dict[str, Document], roots: list[Path], settings: KnowledgeSettings, report: IngestReport) -> list[Document]:
    lexicon = Lexicon.read(settings.corpus / LEXICON)
    after = dict(before)
    for root in roots:
        # The shipped pages keep one name, so that an installation that moved still syncs them.
        name = PAGES if root == settings.corpus / PAGES else str(root)
        loaded = load(root, lexicon, root_name=name, cache=settings.home / "cache" / "readings", before=before.values())
        report.failed += loaded.failures
        report.noticed += loaded.findings
        broken = {failure.path for failure in loaded.failures}
        for key, document in before.items():
            if root.exists() and document.root == name and not _is_part_of(document.path, broken):
                after.pop(key, None)
        for document in loaded.documents:
            first = after.setdefault(document.key, document)
            if first.root != name:
                reason = f"{document.key!r} is already the id of {first.path} from {first.root}"
                cure = "Give the page another id, or correct it where it comes from."
                report.failed.append(DocumentError(document.path, reason, cure, line=2, field="id"))
            else:
                after[document.key] = document
    report.added = sorted(after.keys() - before.keys())
    report.removed = sorted(before.keys() - after.keys())
    both = sorted(after.keys() & before.keys())
    report.changed = [key for key in both if after[key].content_hash != before[key].content_hash]
    report.unchanged = [key for key in both if after[key].content_hash == before[key].content_hash]
    return [after[key] for key in sorted(after)]


def _is_part_of(path: str, broken: set[str]) -> bool:
    """Say whether a file, or an archive that it lies in, could not be read."""
    parts = path.split("/")
    return any("/".join(parts[:length]) in broken for length in range(1, len(parts) + 1))
