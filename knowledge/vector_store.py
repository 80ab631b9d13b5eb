"""Vectors on disk: the only module that knows Chroma.

Chroma is used embedded, queried with vectors only, and written once: its server is never started, its own embedding
functions are never called, and nothing is ever updated in place (see DECISIONS.md for what happens otherwise).
"""

from __future__ import annotations

import os
import shutil
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
# Twice the default's neighbours, on purpose: with 16, 0.4 % of random vectors do not find themselves, with 32 none of 25,000
# (chromadb 1.5.9). Each build is verified, so what this would miss never goes live. The threshold: what sales add to customers'
# vectors is less than the default's 1,000, and would be read from Chroma's log anew by every opening.
_GRAPH = {"hnsw": {"space": "cosine", "ef_search": 100, "ef_construction": 100, "max_neighbors": 32, "sync_threshold": 100}}


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
    def build(folder: Path, ids: list[str], vectors: Vectors, *, base: Path | None = None) -> None:
        """Write a new store; what the closed store `base` holds of it is copied. Raises `SnapshotError`.

        `vectors` has shape (len(ids), dimensions).
        """
        if base:
            shutil.copytree(base, folder)
        try:
            client = _client(folder)
            try:
                collection = client.get_or_create_collection(_COLLECTION, embedding_function=None, configuration=_GRAPH)  # type: ignore[arg-type]  # Chroma's typed dict is not exported
                known = set(collection.get(include=[])["ids"]) if base else set()
                new = np.array([place for place, name in enumerate(ids) if name not in known], dtype=int)
                for start in range(0, len(new), _BATCH):
                    batch = new[start : start + _BATCH]
                    collection.add(ids=[ids[place] for place in batch], embeddings=vectors[batch])
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

    def self_found(self, top: int, at_most: int) -> tuple[int, int]:
        """Return how many vectors are among their own `top` nearest, and how many were asked: all, or `at_most` of them, evenly.

        A vector that shares its place with another counts as found when that other is: the graph may return either.
        """
        if not self._count:
            return 0, 0
        step = -(-self._count // at_most)
        asked = self._collection.get(include=[])["ids"][::step]
        stored = self._collection.get(ids=asked, include=["embeddings"])
        ids, vectors = stored["ids"], np.asarray(stored["embeddings"], dtype=np.float32)
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
