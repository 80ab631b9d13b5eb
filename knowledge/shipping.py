"""Rebuilds what ships with the corpus, so that a first start need neither embed nor train: `make vectors`.

Vectors of unchanged passages are kept, so this embeds only what is new. `stale` says what a rebuild would change; what was
learnt from the questions is trained again when they change.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from knowledge.centres import PASSAGES, Centres
from knowledge.classifier import Classifier
from knowledge.embedding import BundledEmbedder, Vectors
from knowledge.embedding_cache import EmbeddingCache, read_vectors, vector_key, write_vectors
from knowledge.errors import DocumentError
from knowledge.index import entries_of, questions_by_page, texts_by_kind
from knowledge.ingest import LEXICON, PAGES, VECTORS, texts_to_embed
from knowledge.learnt import SHIPPED, Model, shipped_name
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.settings import SHIPPED_CORPUS
from knowledge.snapshots import AUDIENCES, classifier_examples
from knowledge.topics import Topics


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
    ship_models(corpus, embedder.fingerprint)
    return cache.embedded


def models(corpus: Path, fingerprint: str) -> dict[str, tuple[type[Model], dict[str, list[str]], Vectors]]:
    """Return what is learnt from the corpus by the name it ships under: the kind of model, its examples and their vectors."""
    documents = list(load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES).documents)
    stored = read_vectors(corpus / VECTORS)

    def vectors_of(examples: dict[str, list[str]]) -> Vectors:
        keys = [vector_key(fingerprint, text, asks=label != PASSAGES) for label, rows in examples.items() for text in rows]
        return np.stack([stored[key] for key in keys]).astype(np.float32)

    wanted: list[tuple[type[Model], dict[str, list[str]]]] = [(Classifier, classifier_examples(documents, corpus))]
    for audience in AUDIENCES:
        visible = [document for document in documents if document.front.audience in ("customer", audience)]
        entries = [entry for document in visible for entry in entries_of(document)]
        wanted.append((Topics, {page: list(places) for page, places in questions_by_page(entries).items()}))
        if audience == AUDIENCES[0]:
            wanted.append((Centres, {kind: list(places) for kind, places in texts_by_kind(entries).items()}))
    found = [(kind, examples, vectors_of(examples)) for kind, examples in wanted if len(examples) > 1]
    return {shipped_name(*one): one for one in found}


def ship_models(corpus: Path, fingerprint: str) -> None:
    """Write the models of the corpus that do not ship yet, and take away those that nothing needs any more."""
    folder = corpus / SHIPPED.name
    folder.mkdir(exist_ok=True)
    wanted = models(corpus, fingerprint)
    for name, (kind, examples, vectors) in wanted.items():
        if not (folder / name).exists() and (model := kind.train(examples, vectors)):
            with tempfile.TemporaryDirectory() as scratch:
                model.write(Path(scratch))
                shutil.copyfile(Path(scratch) / kind.stored, folder / name)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()


def _show(done: int, total: int) -> None:
    print(f"\r{done}/{total}", end="", file=sys.stderr)


if __name__ == "__main__":
    try:
        print(f"{ship(SHIPPED_CORPUS)} texts embedded.")
    except DocumentError as error:
        sys.exit(str(error))
