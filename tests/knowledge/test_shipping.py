"""The vectors that ship with the corpus: complete, no more than it needs, and the same file for the same pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.embedding import BundledEmbedder, FakeEmbedder
from knowledge.embedding_cache import vector_key, write_vectors
from knowledge.errors import DocumentError
from knowledge.settings import SHIPPED_CORPUS
from knowledge.shipping import models, ship, stale, texts
from tests.knowledge.factories import corpus, page, section, write

FINGERPRINT = FakeEmbedder.fingerprint


def keys(folder: Path) -> list[str]:
    questions, passages = texts(folder)
    return [vector_key(FINGERPRINT, text, asks=True) for text in questions] + [vector_key(FINGERPRINT, text) for text in passages]


def shipped(folder: Path, *names: str) -> Path:
    write_vectors(folder / "vectors.npz", {name: FakeEmbedder().embed_query(name) for name in names})
    return folder


@pytest.fixture
def shipping(tmp_path: Path) -> Path:
    return corpus(tmp_path / "corpus", {"a.md": page(section("Foam."), questions=["Is it foam?"]), "b.md": page(id="b")})


def test_every_text_that_is_embedded_is_shipped_once(shipping: Path) -> None:
    questions, passages = texts(shipping)

    assert questions == ["Is it foam?"]
    assert passages == [
        "Comfortable seats — About the seats\nFoam.",
        "Comfortable seats — About the seats\nThe foam of the seats is thick.",
    ]


def test_vectors_of_all_passages_are_up_to_date(shipping: Path) -> None:
    shipped(shipping, *keys(shipping))

    assert stale(shipping, FINGERPRINT) == (set(), set())


def test_a_passage_without_a_vector_is_lacking(shipping: Path) -> None:
    shipped(shipping, *keys(shipping)[1:])

    assert stale(shipping, FINGERPRINT) == ({keys(shipping)[0]}, set())


def test_a_vector_without_a_passage_is_too_many(shipping: Path) -> None:
    shipped(shipping, *keys(shipping), "another")

    assert stale(shipping, FINGERPRINT) == (set(), {"another"})


def test_vectors_of_another_embedder_are_stale(shipping: Path) -> None:
    shipped(shipping, *keys(shipping))

    lacking, unneeded = stale(shipping, "another:embedder")

    assert (len(lacking), len(unneeded)) == (3, 3)


def test_a_corpus_with_a_bad_page_ships_nothing(shipping: Path) -> None:
    write(shipping / "pages/bad.md", b"")

    with pytest.raises(DocumentError, match=r"bad\.md:1: the file is empty"):
        texts(shipping)


def test_shipping_again_embeds_nothing_and_writes_the_same_file(shipping: Path) -> None:
    first = ship(shipping), (shipping / "vectors.npz").read_bytes()

    second = ship(shipping), (shipping / "vectors.npz").read_bytes()

    assert (first[0], second[0]) == (3, 0)
    assert first[1] == second[1]
    assert stale(shipping, BundledEmbedder().fingerprint) == (set(), set())


def test_the_shipped_vectors_are_those_of_the_shipped_pages() -> None:
    lacking, unneeded = stale(SHIPPED_CORPUS, BundledEmbedder().fingerprint)

    assert not lacking, f"{len(lacking)} passages have no vector: run 'make vectors'"
    assert not unneeded, f"{len(unneeded)} vectors have no passage: run 'make vectors'"


def test_the_models_that_ship_are_those_of_the_shipped_corpus_and_no_more() -> None:
    wanted = set(models(SHIPPED_CORPUS, BundledEmbedder().fingerprint))

    assert {path.name for path in (SHIPPED_CORPUS / "learnt").iterdir()} == wanted, "run 'make vectors'"
