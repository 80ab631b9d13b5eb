"""A question as numbers that a linear model can learn from: its vector beside its words and pieces of words.

Input: texts with their vectors. Output: a sparse matrix, one row a text. The vectors are centred (E5's share most of their
length); words and pieces are hashed and weighted by rarity, so that a question is known by what it says as well as by its words.
"""

from __future__ import annotations

# scikit-learn takes most of a second to load, and who only opens an index needs none of it: it is loaded where it is used.
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.words import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_VECTOR_SHARE = 2.0  # length of the vector's part against 1 for the pieces and 1 for the words


@dataclass(frozen=True, kw_only=True)
class TextFeatures:
    """What was learnt of the texts that a model was trained on; `pieces` and `words` are the columns of each part."""

    pieces: int
    words: int
    centre: Vectors
    rarity: NDArray[np.float32]

    @classmethod
    def learn(cls, texts: list[str], vectors: Vectors, *, pieces: int, words: int) -> TextFeatures:
        """Return the centre of `vectors` and the rarity of each hashed word and piece among `texts`."""
        counts = _counts(texts, pieces, words)
        seen = np.asarray((counts > 0).sum(axis=0)).ravel()
        rarity = np.where(seen > 1, np.log((1 + counts.shape[0]) / (1 + seen)) + 1, 0.0)
        return cls(pieces=pieces, words=words, centre=vectors.mean(axis=0).astype(np.float32), rarity=rarity.astype(np.float32))

    def of(self, texts: list[str], vectors: Vectors) -> csr_matrix:
        """Return the features of texts with their vectors: (texts, dimensions + pieces + words)."""
        from scipy.sparse import csr_matrix, hstack
        from sklearn.preprocessing import normalize

        weighted = _counts(texts, self.pieces, self.words)
        weighted.data = (1 + np.log(weighted.data)).astype(np.float32)
        weighted = weighted.multiply(self.rarity).tocsr()
        own = normalize(vectors - self.centre) * _VECTOR_SHARE
        return hstack([csr_matrix(own), normalize(weighted[:, : self.pieces]), normalize(weighted[:, self.pieces :])]).tocsr()

    def alike(self, rows: csr_matrix) -> NDArray[np.float32]:
        """Return the inner products of every two rows that `of` returned, shape (texts, texts)."""
        # The vectors' part is dense and the rest nearly empty: each is quick by itself, both together are not.
        dimensions = len(self.centre)
        vectors, counted = rows[:, :dimensions].toarray(), rows[:, dimensions:]
        products: NDArray[np.float32] = vectors @ vectors.T + (counted @ counted.T).toarray()
        return products


def _counts(texts: list[str], pieces: int, words: int) -> csr_matrix:
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import HashingVectorizer

    by_piece = HashingVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), n_features=pieces, preprocessor=fold, norm=None, alternate_sign=False
    )
    by_word = HashingVectorizer(ngram_range=(1, 2), n_features=words, preprocessor=fold, norm=None, alternate_sign=False)
    return hstack([by_piece.transform(texts), by_word.transform(texts)]).tocsr()
