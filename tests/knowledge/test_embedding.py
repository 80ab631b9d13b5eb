"""Embedders give unit vectors, the same ones from every thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from knowledge.embedding import BundledEmbedder, Embedder, FakeEmbedder, make_embedder
from knowledge.errors import ConfigurationError
from knowledge.settings import KnowledgeSettings

TEXTS = ["The foam is thick.", "À quoi servent les butées ?", "Adaptive cruise control", "", "x", "30 km/h"]


@pytest.fixture(scope="module", params=[BundledEmbedder, FakeEmbedder], ids=["bundled", "fake"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    return request.param()


def test_vectors_have_length_one(embedder: Embedder) -> None:
    vectors = [*embedder.embed_passages(TEXTS), *map(embedder.embed_query, TEXTS)]

    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)


def test_vectors_have_the_shape_and_type_that_was_promised(embedder: Embedder) -> None:
    passages, query = embedder.embed_passages(TEXTS), embedder.embed_query(TEXTS[0])

    assert (passages.shape, passages.dtype) == ((len(TEXTS), embedder.dimensions), np.float32)
    assert (query.shape, query.dtype) == ((embedder.dimensions,), np.float32)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    vectors = embedder.embed_passages([])

    assert vectors.shape == (0, embedder.dimensions)


def test_four_threads_get_the_vectors_that_one_gets(embedder: Embedder) -> None:
    expected = [embedder.embed_query(text) for text in TEXTS] * 8

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(embedder.embed_query, TEXTS * 8))

    assert np.array_equal(found, expected)


def test_passages_and_queries_may_be_embedded_at_once(embedder: Embedder) -> None:
    passages, query = embedder.embed_passages(TEXTS[:3]), embedder.embed_query(TEXTS[0])

    with ThreadPoolExecutor(4) as threads:
        futures = [threads.submit(embedder.embed_passages, TEXTS[:3]) for _ in range(4)]
        queries = [threads.submit(embedder.embed_query, TEXTS[0]) for _ in range(4)]

    assert all(np.allclose(future.result(), passages, atol=1e-5) for future in futures)
    assert all(np.array_equal(future.result(), query) for future in queries)


def test_the_order_of_passages_is_the_order_of_vectors(embedder: Embedder) -> None:
    together = embedder.embed_passages(TEXTS)

    assert all(
        np.allclose(embedder.embed_passages([text])[0], vector, atol=1e-3) for text, vector in zip(TEXTS, together, strict=True)
    )


def test_the_bundled_embedder_tells_a_query_from_a_passage() -> None:
    embedder = BundledEmbedder()

    query, passage = embedder.embed_query("Is the foam thick?"), embedder.embed_passages(["Is the foam thick?"])[0]

    assert 0.5 < float(query @ passage) < 0.999


def test_the_bundled_embedder_puts_a_paraphrase_nearer_than_another_subject() -> None:
    embedder = BundledEmbedder()

    query = embedder.embed_query("Comment activer le régulateur de vitesse ?")
    near, far = embedder.embed_passages(
        ["Switch on the cruise control with the thumbwheel.", "The 2CV was shown in Paris in 1948."]
    )

    assert query @ near > query @ far


def test_the_bundled_embedder_is_the_default() -> None:
    embedder = make_embedder(KnowledgeSettings())

    assert embedder.fingerprint == BundledEmbedder().fingerprint


def test_the_openai_embedder_needs_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAND_ASSISTANT_EMBEDDER", "openai")

    with pytest.raises(ConfigurationError, match="needs OPENAI_API_KEY"):
        make_embedder(KnowledgeSettings.read())


def test_the_openai_embedder_is_made_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAND_ASSISTANT_EMBEDDER", "openai")
    monkeypatch.setenv("BRAND_ASSISTANT_EMBEDDING_MODEL", "e5")
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    embedder = make_embedder(KnowledgeSettings.read())

    assert embedder.fingerprint == "openai:e5@http://127.0.0.1:9/v1"
