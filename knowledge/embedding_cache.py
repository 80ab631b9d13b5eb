"""Never embeds the same text twice: vectors kept by embedder, kind (question or passage) and text.

Two layers: the vectors shipped with the corpus (`vectors.npz`, read-only), then a SQLite file in the home folder.
What a customer asks does not belong in a cache; the questions here are those that pages and exemplars hold.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import zipfile
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import numpy as np

from knowledge.embedding import Embedder, Vectors

_log = logging.getLogger(__name__)
_BATCH = 16
_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"


Progress = Callable[[int, int], None]


def vector_key(fingerprint: str, text: str, *, asks: bool = False) -> str:
    """Return the name under which the vector of `text` by that embedder is kept; `asks` when it is embedded as a question."""
    kind = "question\0" if asks else ""
    return hashlib.sha256(f"{fingerprint}\0{kind}{text}".encode()).hexdigest()


class EmbeddingCache:
    """Vectors of texts, embedded on first sight only. `embedded` counts the texts this object had to embed."""

    def __init__(self, embedder: Embedder, *, path: Path, shipped: Path | None = None) -> None:
        self._embedder = embedder
        self._path = path
        self._shipped = _shipped_vectors(shipped)
        self.embedded = 0

    def embed_passages(self, texts: list[str], *, progress: Progress | None = None) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimensions); `progress` gets (done, total) of new ones."""
        return self._embed(texts, self._embedder.embed_passages, progress, asks=False)

    def embed_questions(self, texts: list[str], *, progress: Progress | None = None) -> Vectors:
        """Return what `embed_passages` returns, for texts that are questions."""
        return self._embed(texts, self._embedder.embed_questions, progress, asks=True)

    def _embed(
        self, texts: list[str], embed: Callable[[list[str]], Vectors], progress: Progress | None, *, asks: bool
    ) -> Vectors:
        keys = [vector_key(self._embedder.fingerprint, text, asks=asks) for text in texts]
        known = {key: self._shipped[key] for key in keys if key in self._shipped}
        done = 0
        with closing(_database(self._path)) as database:
            known |= _stored(database, [key for key in keys if key not in known])
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            pending = list(new.items())
            for start in range(0, len(pending), _BATCH):
                batch = pending[start : start + _BATCH]
                vectors = embed([text for _, text in batch])
                rows = [(key, vector.tobytes()) for (key, _), vector in zip(batch, vectors, strict=True)]
                with database:
                    database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
                known |= {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
                done += len(batch)
                self.embedded += len(batch)
                if progress:
                    progress(done, len(pending))
        if not keys:
            return np.zeros((0, self._embedder.dimensions), dtype=np.float32)
        return np.array([known[key] for key in keys], dtype=np.float32)


def _shipped_vectors(path: Path | None) -> dict[str, Vectors]:
    """Return the shipped vectors; damaged ones cost time and nothing else, since they can be computed again."""
    try:
        return read_vectors(path) if path and path.exists() else {}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        _log.warning("The shipped vectors %s can't be read (%s); the passages are embedded again.", path, error)
        return {}


def _database(path: Path) -> sqlite3.Connection:
    """Open the cache; a damaged one is begun again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for damaged in (False, True):
        database = sqlite3.connect(path, timeout=30)
        try:
            database.execute(_SCHEMA)
        except sqlite3.DatabaseError as error:
            database.close()
            if damaged or isinstance(error, sqlite3.OperationalError):
                raise
            _log.warning("The cache %s is damaged (%s); it is begun again.", path, error)
            path.unlink()
        else:
            break
    return database


def _stored(database: sqlite3.Connection, keys: Iterable[str]) -> dict[str, Vectors]:
    found: dict[str, Vectors] = {}
    for key in keys:
        row = database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        if row:
            found[key] = np.frombuffer(row[0], dtype=np.float32)
    return found


def read_vectors(path: Path) -> dict[str, Vectors]:
    """Return the shipped vectors by key. They are stored as half floats: 0.1 % of a cosine at most, half the size."""
    with np.load(path, allow_pickle=False) as stored:
        vectors = stored["vectors"].astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return dict(zip(stored["keys"].tolist(), vectors, strict=True))


def write_vectors(path: Path, vectors: dict[str, Vectors]) -> None:
    """Write vectors by key, sorted, so that the same content gives the same file."""
    keys = sorted(vectors)
    with path.open("wb") as file:
        np.savez(file, keys=np.array(keys), vectors=np.array([vectors[key] for key in keys], dtype=np.float16))
