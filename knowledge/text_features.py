"""A question as numbers that a linear model can learn from: its vector beside its words and pieces of words.

Input: texts with their vectors. Output: a sparse matrix, one row a text. The vectors are centred (E5's share most of their
length); words and pieces are hashed and weighted by rarity, so that a question is known by what it says as well as by its words.
"""

from __future__ import annotations

# Who only opens an index needs no matrices: scipy is loaded where it is used. scikit-learn's own vectorizer would do the same
# as `_counts`, and takes a second to load before the first answer.
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import mmh3
import numpy as np
from numpy.typing import NDArray

from knowledge.embedding import Vectors
from knowledge.words import fold

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_PIECE = (2, 3, 4)  # characters
_WORD = re.compile(r"\w\w+")
_NOTHING = 1e-9
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

        weighted = _counts(texts, self.pieces, self.words)
        weighted.data = (1 + np.log(weighted.data)).astype(np.float32) * self.rarity[weighted.indices]
        own = vectors - self.centre
        own = own / np.maximum(np.linalg.norm(own, axis=1, keepdims=True), _NOTHING) * _VECTOR_SHARE
        return hstack([csr_matrix(own), _unit(weighted[:, : self.pieces]), _unit(weighted[:, self.pieces :])]).tocsr()

    def alike(self, rows: csr_matrix) -> NDArray[np.float32]:
        """Return the inner products of every two rows that `of` returned, shape (texts, texts)."""
        # The vectors' part is dense and the rest nearly empty: each is quick by itself, both together are not.
        dimensions = len(self.centre)
        vectors, counted = rows[:, :dimensions].toarray(), rows[:, dimensions:]
        products: NDArray[np.float32] = vectors @ vectors.T + (counted @ counted.T).toarray()
        return products


def _counts(texts: list[str], pieces: int, words: int) -> csr_matrix:
    """Return how often each hashed piece and word stands in each text, shape (texts, pieces + words)."""
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    ends = [0]
    for text in texts:
        folded = fold(text)
        columns += [abs(mmh3.hash(piece)) % pieces for piece in _pieces_of(folded)]
        columns += [pieces + abs(mmh3.hash(word)) % words for word in _words_of(folded)]
        ends.append(len(columns))
    counts = csr_matrix((np.ones(len(columns)), columns, ends), shape=(len(texts), pieces + words))
    counts.sum_duplicates()
    return counts


def _pieces_of(text: str) -> Iterator[str]:
    """Yield the pieces of each word with a space on either side; a word shorter than a piece is one piece, once."""
    for word in text.split():
        padded = f" {word} "
        for size in _PIECE:
            yield from (padded[start : start + size] for start in range(max(1, len(padded) - size + 1)))
            if len(padded) <= size:
                break


def _words_of(text: str) -> Iterator[str]:
    """Yield the words of two letters or more, then every two that follow each other."""
    found = _WORD.findall(text)
    yield from found
    yield from (f"{one} {other}" for one, other in pairwise(found))


def _unit(rows: csr_matrix) -> csr_matrix:
    """Bring rows to length 1, in place; empty ones stay as they are."""
    lengths = np.sqrt(rows.power(2).sum(axis=1)).A1
    rows.data /= np.repeat(np.maximum(lengths, _NOTHING), np.diff(rows.indptr))
    return rows
