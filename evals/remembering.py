"""An embedder that remembers the questions of one run: what an answer has embedded, ranking need not embed again."""

from __future__ import annotations

import threading

from knowledge.embedding import Embedder, Vectors


class RememberingEmbedder:
    """Wraps an embedder and keeps its fingerprint. Grows with the questions asked; made for one run and thrown away."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}
        self._turn = threading.Lock()

    @property
    def fingerprint(self) -> str:
        """See `Embedder`."""
        return self._embedder.fingerprint

    @property
    def dimensions(self) -> int:
        """See `Embedder`."""
        return self._embedder.dimensions

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        with self._turn:
            known = self._vectors.get(text)
        if known is not None:
            return known
        vector = self._embedder.embed_query(text)
        with self._turn:
            return self._vectors.setdefault(text, vector)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self._embedder.embed_questions(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self._embedder.embed_passages(texts)
