"""Wires the reading of remarks: the one place that says which lexicon, model and cache it is made of."""

from __future__ import annotations

from contextlib import closing

from assistant.bootstrap import open_for_scoring, open_records
from assistant.settings import Settings
from evals.demand.features import FEATURE_MODEL
from evals.demand.kinds import KindModel
from evals.demand.ledger import Ledger
from evals.demand.quarterly import Knowledge, Quarter, report_quarter
from evals.demand.records_source import collect
from evals.demand.review import DemandError
from evals.demand.understanding import Progress, RemarkReader
from knowledge.embedding import Embedder, make_embedder
from knowledge.embedding_cache import EmbeddingCache
from knowledge.ingest import ingest
from knowledge.lexicon import Lexicon
from knowledge.snapshots import SnapshotStore
from knowledge.topics import Topics


def ledger_at(settings: Settings) -> Ledger:
    """Return the ledger of reviews of this home folder."""
    return Ledger(settings.home / "reviews")


def make_reader(settings: Settings, embedder: Embedder) -> RemarkReader:
    """Return the reader of remarks. Raises `DemandError` when the shipped model was learnt with another embedder."""
    model = KindModel.read()
    if model.embedder != embedder.fingerprint:
        message = (
            f"Remarks are read with {model.embedder}, but the settings say {embedder.fingerprint}. "
            "Set BRAND_ASSISTANT_EMBEDDER=bundled for this command, or run 'python -m evals.demand.fitting'."
        )
        raise DemandError(message)
    cache = EmbeddingCache(embedder, path=settings.home / "cache" / "vectors.sqlite")
    return RemarkReader(Lexicon.read(settings.corpus / "lexicon"), model, cache, topics=Topics.read(FEATURE_MODEL))


def report_of(
    settings: Settings, quarter: str | None, *, embedder: Embedder | None = None, progress: Progress | None = None
) -> Quarter:
    """Return the report of a quarter by the live snapshot, asked as customers ask; what that records is thrown away.

    Ratings and unanswered questions of the assistant's own conversations are brought into the ledger first.

    Raises `DemandError`, `SnapshotError`, `EmbedderError`.
    """
    embedder = embedder or make_embedder(settings)
    with closing(open_records(settings)) as records:
        collect(records, ledger_at(settings))
    store = SnapshotStore(settings.home)
    if store.live_id() is None:
        ingest(settings, embedder)
    live = store.live_id()
    if live is None:
        message = "No snapshot is live yet. Run 'brand-assistant publish'."
        raise DemandError(message)
    pages: dict[str, set[str]] = {}
    for document in store.documents(live):
        pages.setdefault(document.front.id, set()).update(document.front.features)
    cache = EmbeddingCache(embedder, path=settings.home / "cache" / "vectors.sqlite")
    with open_for_scoring(settings, "customer", live, embedder=embedder) as assistant:
        knowledge = Knowledge(reply=assistant.reply, features_of=lambda page: frozenset(pages.get(page, ())))
        return report_quarter(
            quarter, ledger_at(settings), make_reader(settings, embedder), cache.embed_passages, knowledge, progress=progress
        )
