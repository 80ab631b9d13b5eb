"""Rebuilds the vectors that ship with the corpus, so that a first start need not embed it: `make vectors`.

Vectors of unchanged passages are kept, so this embeds only what is new. `stale` says what a rebuild would change.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from knowledge.embedding import BundledEmbedder
from knowledge.embedding_cache import EmbeddingCache, read_vectors, vector_key, write_vectors
from knowledge.errors import DocumentError
from knowledge.ingest import LEXICON, PAGES, VECTORS, texts_to_embed
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.settings import SHIPPED_CORPUS


def texts(corpus: Path) -> tuple[list[str], list[str]]:
    """Return every question and every passage of a corpus, each once, sorted. Raises the first `DocumentError`."""
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    if loaded.failures:
        raise loaded.failures[0]
    return texts_to_embed(loaded.documents, corpus)


def _keys(fingerprint: str, questions: list[str], passages: list[str]) -> list[str]:
    asked = [vector_key(fingerprint, text, asks=True) for text in questions]
    return asked + [vector_key(fingerprint, text) for text in passages]


def stale(corpus: Path, fingerprint: str) -> tuple[set[str], set[str]]:
    """Return the keys that the shipped vectors lack, and those that no passage needs any more."""
    wanted = set(_keys(fingerprint, *texts(corpus)))
    shipped = set(read_vectors(corpus / VECTORS)) if (corpus / VECTORS).exists() else set()
    return wanted - shipped, shipped - wanted


def ship(corpus: Path) -> int:
    """Write the vectors of the corpus; return how many had to be embedded."""
    embedder = BundledEmbedder()
    questions, passages = texts(corpus)
    with tempfile.TemporaryDirectory() as scratch:
        cache = EmbeddingCache(embedder, path=Path(scratch) / "cache.sqlite", shipped=corpus / VECTORS)
        vectors = [*cache.embed_questions(questions, progress=_show), *cache.embed_passages(passages, progress=_show)]
    keys = _keys(embedder.fingerprint, questions, passages)
    write_vectors(corpus / VECTORS, dict(zip(keys, vectors, strict=True)))
    return cache.embedded


def _show(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="", file=sys.stderr)


if __name__ == "__main__":
    try:
        print(f"{ship(SHIPPED_CORPUS)} texts embedded.")
    except DocumentError as error:
        sys.exit(str(error))
