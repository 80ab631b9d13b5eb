"""Retrieval alone, on the live snapshot: a question in, ranked passages out. No rules, no composing."""

from __future__ import annotations

from knowledge.embedding import Embedder
from knowledge.errors import SnapshotError
from knowledge.lexicon import Lexicon
from knowledge.retrieval import Query, RetrievedChunk, Retriever, Weights
from knowledge.serving import LiveSnapshot, Snapshot
from knowledge.vehicles import Vehicle

RETRIEVAL, LEXICON = "retrieval.yaml", "lexicon"
LANGUAGES = ("fr", "en")


class Searcher:
    """Searches the live snapshot of the audience whose folder it was handed."""

    def __init__(self, live: LiveSnapshot, embedder: Embedder) -> None:
        self._live = live
        self._embedder = embedder
        self._tools: tuple[str, Retriever, Lexicon] | None = None

    def search(
        self,
        question: str,
        *,
        k: int = 10,
        language: str | None = None,
        market: str | None = None,
        vehicle: Vehicle | None = None,
    ) -> list[RetrievedChunk]:
        """Return up to `k` passages, best first. Raises `SnapshotError`, `EmbedderError`."""
        with self._live.lease() as snapshot:
            retriever, lexicon = self._open(snapshot)
            languages = tuple(dict.fromkeys((*([language] if language else []), *LANGUAGES)))
            return retriever.retrieve(
                Query(
                    text=question,
                    vector=self._embedder.embed_query(question),
                    languages=languages,
                    market=market,
                    vehicle=vehicle,
                    features=lexicon.features_in(question),
                    roles=lexicon.roles_in(question),
                ),
                k,
            )

    def _open(self, snapshot: Snapshot) -> tuple[Retriever, Lexicon]:
        require_embedder(snapshot, self._embedder)
        if self._tools is None or self._tools[0] != snapshot.id:
            retriever = Retriever(snapshot.index, Weights.read(snapshot.release / RETRIEVAL))
            self._tools = (snapshot.id, retriever, Lexicon.read(snapshot.release / LEXICON))
        return self._tools[1:]


def require_embedder(snapshot: Snapshot, embedder: Embedder) -> None:
    """Refuse to mix vectors. Raises `SnapshotError` when the snapshot was built with another embedder."""
    if snapshot.embedder != embedder.fingerprint:
        mismatch = f"was built with {snapshot.embedder}, the settings name {embedder.fingerprint}"
        message = f"Snapshot {snapshot.id} {mismatch}. Run 'brand-assistant ingest'."
        raise SnapshotError(message)
