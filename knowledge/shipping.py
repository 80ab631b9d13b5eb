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
from knowledge.exemplars import exemplar_texts
from knowledge.index import entries_of
from knowledge.ingest import LEXICON, PAGES, VECTORS
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.settings import SHIPPED_CORPUS


def passages(corpus: Path) -> list[str]:
    """Return every text of a corpus that is embedded, each once, sorted. Raises the first `DocumentError`."""
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    if loaded.failures:
        raise loaded.failures[0]
    texts = {entry.text for document in loaded.documents for entry in entries_of(document)}
    return sorted(texts | {text for rows in exemplar_texts(corpus).values() for text in rows})


def stale(corpus: Path, fingerprint: str) -> tuple[set[str], set[str]]:
    """Return the keys that the shipped vectors lack, and those that no passage needs any more."""
    wanted = {vector_key(fingerprint, text) for text in passages(corpus)}
    shipped = set(read_vectors(corpus / VECTORS)) if (corpus / VECTORS).exists() else set()
    return wanted - shipped, shipped - wanted


def ship(corpus: Path) -> int:
    """Write the vectors of the corpus; return how many had to be embedded."""
    embedder = BundledEmbedder()
    texts = passages(corpus)
    with tempfile.TemporaryDirectory() as scratch:
        cache = EmbeddingCache(embedder, path=Path(scratch) / "cache.sqlite", shipped=corpus / VECTORS)
        vectors = cache.embed_passages(texts, progress=lambda done, total: print(f"\r{done}/{total}", end="", file=sys.stderr))
    keys = [vector_key(embedder.fingerprint, text) for text in texts]
    write_vectors(corpus / VECTORS, dict(zip(keys, vectors, strict=True)))
    return cache.embedded


if __name__ == "__main__":
    try:
        print(f"{ship(SHIPPED_CORPUS)} passages embedded.")
    except DocumentError as error:
        sys.exit(str(error))
