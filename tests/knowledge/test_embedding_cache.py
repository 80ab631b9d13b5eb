"""The same passage is never embedded twice by the same embedder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import FakeEmbedder, Vectors
from knowledge.embedding_cache import EmbeddingCache, read_vectors, vector_key, write_vectors
from tests.knowledge.factories import write


class CountingEmbedder(FakeEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self, fingerprint: str = "fake:counting") -> None:
        self.fingerprint = fingerprint
        self.seen: list[str] = []

    def embed_passages(self, texts: list[str]) -> Vectors:
        self.seen += texts
        return super().embed_passages(texts)


def test_a_text_is_embedded_on_first_sight_only(tmp_path: Path) -> None:
    embedder = CountingEmbedder()
    cache = EmbeddingCache(embedder, path=tmp_path / "cache.sqlite")

    cache.embed_passages(["foam", "steel"])
    cache.embed_passages(["steel", "air"])

    assert embedder.seen == ["foam", "steel", "air"]
    assert cache.embedded == 3


def test_a_text_that_stands_twice_is_embedded_once(tmp_path: Path) -> None:
    embedder = CountingEmbedder()

    EmbeddingCache(embedder, path=tmp_path / "cache.sqlite").embed_passages(["foam", "foam"])

    assert embedder.seen == ["foam"]


def test_vectors_outlive_the_process(tmp_path: Path) -> None:
    EmbeddingCache(CountingEmbedder(), path=tmp_path / "cache.sqlite").embed_passages(["foam"])
    embedder = CountingEmbedder()

    EmbeddingCache(embedder, path=tmp_path / "cache.sqlite").embed_passages(["foam"])

    assert embedder.seen == []


def test_another_embedder_does_not_get_these_vectors(tmp_path: Path) -> None:
    EmbeddingCache(CountingEmbedder("one"), path=tmp_path / "cache.sqlite").embed_passages(["foam"])
    other = CountingEmbedder("two")

    EmbeddingCache(other, path=tmp_path / "cache.sqlite").embed_passages(["foam"])

    assert other.seen == ["foam"]


def test_vectors_come_in_the_order_of_the_texts_known_or_not(tmp_path: Path) -> None:
    cache = EmbeddingCache(FakeEmbedder(), path=tmp_path / "cache.sqlite")
    cache.embed_passages(["steel"])

    vectors = cache.embed_passages(["foam", "steel", "air", "foam"])

    assert np.array_equal(vectors, FakeEmbedder().embed_passages(["foam", "steel", "air", "foam"]))


def test_no_texts_give_no_vectors(tmp_path: Path) -> None:
    vectors = EmbeddingCache(FakeEmbedder(), path=tmp_path / "cache.sqlite").embed_passages([])

    assert len(vectors) == 0


def test_what_was_embedded_before_a_failure_is_kept(tmp_path: Path) -> None:
    class FailsLater(CountingEmbedder):
        def embed_passages(self, texts: list[str]) -> Vectors:
            if self.seen:
                raise ConnectionError
            return super().embed_passages(texts)

    texts = [f"text {number}" for number in range(40)]
    failing, working = FailsLater(), CountingEmbedder()
    with pytest.raises(ConnectionError):
        EmbeddingCache(failing, path=tmp_path / "cache.sqlite").embed_passages(texts)

    EmbeddingCache(working, path=tmp_path / "cache.sqlite").embed_passages(texts)

    assert failing.seen + working.seen == texts


def test_progress_ends_at_the_number_of_new_texts_in_every_call(tmp_path: Path) -> None:
    cache = EmbeddingCache(FakeEmbedder(), path=tmp_path / "cache.sqlite")
    ticks: list[tuple[int, int]] = []

    for start in (0, 20):
        cache.embed_passages([f"text {number}" for number in range(start, start + 20)], progress=lambda *tick: ticks.append(tick))

    assert [tick for tick in ticks if tick[0] >= tick[1]] == [(20, 20), (20, 20)]


def shipped(folder: Path, *texts: str) -> Path:
    embedder = FakeEmbedder()
    vectors = {vector_key(embedder.fingerprint, text): embedder.embed_query(text) for text in texts}
    write_vectors(folder / "vectors.npz", vectors)
    return folder / "vectors.npz"


def test_shipped_vectors_are_used_first(tmp_path: Path) -> None:
    embedder = CountingEmbedder(FakeEmbedder.fingerprint)
    cache = EmbeddingCache(embedder, path=tmp_path / "cache.sqlite", shipped=shipped(tmp_path, "foam"))

    vectors = cache.embed_passages(["foam", "steel"])

    assert embedder.seen == ["steel"]
    assert np.allclose(vectors, embedder.embed_passages(["foam", "steel"]), atol=1e-3)


def test_shipped_vectors_have_length_one_again(tmp_path: Path) -> None:
    vectors = read_vectors(shipped(tmp_path, "foam of the seats", "steel springs"))

    assert np.linalg.norm(list(vectors.values()), axis=1) == pytest.approx(1.0, abs=1e-6)


def test_the_same_vectors_give_the_same_file(tmp_path: Path) -> None:
    first = shipped(tmp_path, "foam", "steel").read_bytes()

    second = shipped(tmp_path, "steel", "foam").read_bytes()

    assert first == second


def test_a_damaged_cache_costs_time_and_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path / "cache.sqlite", b"noise" * 2_000)

    vectors = EmbeddingCache(FakeEmbedder(), path=path).embed_passages(["foam"])

    assert np.array_equal(vectors, FakeEmbedder().embed_passages(["foam"]))


def test_damaged_shipped_vectors_cost_time_and_nothing_else(tmp_path: Path) -> None:
    damaged = write(tmp_path / "vectors.npz", b"noise" * 2_000)

    vectors = EmbeddingCache(FakeEmbedder(), path=tmp_path / "cache.sqlite", shipped=damaged).embed_passages(["foam"])

    assert np.array_equal(vectors, FakeEmbedder().embed_passages(["foam"]))
