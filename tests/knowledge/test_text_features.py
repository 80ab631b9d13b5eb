"""Texts as numbers: what is counted is what scikit-learn's vectorizer counts, so that a model of either reads the other's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from knowledge.embedding import FakeEmbedder
from knowledge.text_features import TextFeatures
from knowledge.words import fold

TEXTS = [
    "À quoi servent les butées hydrauliques progressives ?", "how how HOW do I", "a", "ab", "", "  ", "?!", "x y z",
    "œuvre ß \u017f", "don't_do it", "\tdeux  espaces\n", "日本語 テスト", "\U0001f600 smile", "x" * 300, "\u2028line\x0bbreaks",
    "C5 C5 2019 km/h",
]  # fmt: skip
PIECES, WORDS = 2**9, 2**8


def counted_by_scikit_learn(texts: list[str]) -> csr_matrix:
    by_piece = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=PIECES, preprocessor=fold, norm=None, alternate_sign=False
    )
    by_word = HashingVectorizer(ngram_range=(1, 2), n_features=WORDS, preprocessor=fold, norm=None, alternate_sign=False)
    return hstack([by_piece.transform(texts), by_word.transform(texts)]).tocsr()


@pytest.fixture
def features() -> TextFeatures:
    return TextFeatures.learn(TEXTS, FakeEmbedder().embed_passages(TEXTS), pieces=PIECES, words=WORDS)


def test_pieces_and_words_are_weighted_as_scikit_learn_would(features: TextFeatures) -> None:
    expected = counted_by_scikit_learn(TEXTS)
    expected.data = (1 + np.log(expected.data)) * features.rarity[expected.indices]
    parts = [normalize(expected[:, :PIECES]).toarray(), normalize(expected[:, PIECES:]).toarray()]

    rows = features.of(TEXTS, FakeEmbedder().embed_passages(TEXTS)).toarray()

    assert np.allclose(rows[:, FakeEmbedder.dimensions :], np.hstack(parts), atol=1e-6)


def test_what_stands_in_one_text_only_is_left_out_and_the_rare_weighs_most(features: TextFeatures) -> None:
    seen = np.asarray((counted_by_scikit_learn(TEXTS) > 0).sum(axis=0)).ravel()

    order = np.argsort(seen, kind="stable")

    assert not features.rarity[seen <= 1].any()
    assert (np.diff(features.rarity[order][seen[order] > 1]) <= 0).all()


def test_the_vector_of_a_text_has_length_two_beside_its_words(features: TextFeatures) -> None:
    rows = features.of(TEXTS, FakeEmbedder().embed_passages(TEXTS)).toarray()

    lengths = np.linalg.norm(rows[:, : FakeEmbedder.dimensions], axis=1)

    assert np.allclose(lengths, 2.0, atol=1e-5)


def test_a_vector_that_is_the_centre_itself_is_nothing(features: TextFeatures) -> None:
    rows = features.of(["foam"], features.centre[np.newaxis, :]).toarray()

    assert not rows[0, : FakeEmbedder.dimensions].any()


def test_a_text_alone_has_the_features_that_it_has_among_others(features: TextFeatures) -> None:
    vectors = FakeEmbedder().embed_passages(TEXTS)

    together = features.of(TEXTS, vectors).toarray()
    alone = np.vstack([features.of([text], vectors[place : place + 1]).toarray() for place, text in enumerate(TEXTS)])

    assert np.allclose(together, alone, atol=1e-6)
