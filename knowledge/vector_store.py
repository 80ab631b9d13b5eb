"""Vectors on disk: the only module that knows Chroma.

Chroma is used embedded, queried with vectors only, and written once: its server is never started, its own embedding
functions are never called, and nothing is ever updated in place (see DECISIONS.md for what happens otherwise).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import cast

os.environ["ANONYMIZED_TELEMETRY"] = "False"

import chromadb
import numpy as np
from chromadb.api.client import Client
from chromadb.config import Settings
from chromadb.errors import ChromaError

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError

_COLLECTION = "entries"
_BATCH = 5_000
_QUERY_BATCH = 200
_SAME = 1e-6  # cosine distance of equal vectors, with rounding
# Generous on purpose: with the defaults 0.4 % of random vectors do not find themselves (chromadb 1.5.9). Each build is
# verified vector by vector, so what this would miss never goes live.
_GRAPH = {"hnsw": {"space": "cosine", "ef_search": 200, "ef_construction": 200, "max_neighbors": 32}}


def _client(folder: Path) -> Client:
    settings = Settings(anonymized_telemetry=False, allow_reset=False)
    return cast("Client", chromadb.PersistentClient(str(folder), settings=settings))


class VectorStore:
    """A closed set of unit vectors by id."""

    def __init__(self, folder: Path) -> None:
        """Open what `build` wrote. The folder is written to by opening it: hand over a private copy.

        Raises `SnapshotError` when Chroma can't read it.
        """
        try:
            self._open = _client(folder)
            self._collection = self._open.get_collection(_COLLECTION, embedding_function=None)
            self._count = self._collection.count()
        except (ChromaError, ValueError, OSError) as error:
            message = f"The vectors in {folder} can't be read ({error}). Run 'brand-assistant ingest' to build them again."
            raise SnapshotError(message) from error

    @staticmethod
    def build(folder: Path, ids: list[str], vectors: Vectors) -> None:
        """Write a new store. `vectors` has shape (len(ids), dimensions). Raises `SnapshotError`."""
        try:
            client = _client(folder)
            try:
                collection = client.create_collection(_COLLECTION, embedding_function=None, configuration=_GRAPH)  # type: ignore[arg-type]  # Chroma's typed dict is not exported
                for start in range(0, len(ids), _BATCH):
                    collection.add(ids=ids[start : start + _BATCH], embeddings=vectors[start : start + _BATCH])
            finally:
                client.close()
        except (ChromaError, ValueError) as error:
            message = f"The vectors can't be written to {folder} ({error})."
            raise SnapshotError(message) from error

    def nearest(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return up to `k` (id, cosine) pairs, nearest first."""
        if not self._count:
            return []
        found = self._collection.query(
            query_embeddings=np.asarray([vector], dtype=np.float32), n_results=min(k, self._count), include=["distances"]
        )
        distances = found["distances"]
        assert distances is not None  # noqa: S101  asked for above
        return [(name, 1.0 - float(distance)) for name, distance in zip(found["ids"][0], distances[0], strict=True)]

    def ids(self) -> set[str]:
        """Return every id in the store."""
        return set(self._collection.get(include=[])["ids"])

    def vectors(self, ids: list[str]) -> Vectors:
        """Return the vectors of `ids`, in any order, shape (len(ids), dimensions)."""
        found = self._collection.get(ids=ids, include=["embeddings"])["embeddings"]
        return np.asarray(found, dtype=np.float32).reshape(len(ids), -1)

    def self_found(self, top: int, at_most: int) -> tuple[int, int]:
        """Return how many vectors are among their own `top` nearest, and how many were asked: all, or `at_most` of them, evenly.

        A vector that shares its place with another counts as found when that other is: the graph may return either.
        """
        stored = self._collection.get(include=["embeddings"])
        step = max(1, -(-len(stored["ids"]) // at_most))
        ids, vectors = stored["ids"][::step], np.asarray(stored["embeddings"], dtype=np.float32)[::step]
        found = 0
        for start in range(0, len(ids), _QUERY_BATCH):
            batch = vectors[start : start + _QUERY_BATCH]
            near = self._collection.query(query_embeddings=batch, n_results=min(top, self._count), include=["distances"])
            distances = near["distances"]
            assert distances is not None  # noqa: S101  asked for above
            for name, names, far in zip(ids[start : start + _QUERY_BATCH], near["ids"], distances, strict=True):
                found += name in names or far[0] < _SAME
        return found, len(ids)

    def close(self) -> None:
        """Let go of the files."""
        self._open.close()
