"""Groups short texts by what they are about, without being told how many groups there are.

Input: texts, their languages and vectors. Output: a group number for each text, and words that name each group. Reviews repeat
the word for what they are about and little else, so words lead: stems weighted by rarity, reduced to their main directions
(latent semantic analysis), beside the centred vector at half the weight, which joins what is said in other words or another
language. K-means for each number of groups; the silhouette (Rousseeuw 1987) chooses the number. Names are the words that are
frequent in a group and rare outside (class-based TF-IDF, as in Grootendorst 2022, arXiv 2203.05794).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import normalize

from knowledge.embedding import Vectors
from knowledge.words import STOPWORDS, stems, words

_DIRECTIONS = 20
_VECTOR_SHARE = 0.5
_MOST_GROUPS = 12
_FEWEST_TEXTS = 8  # of fewer no number of groups can be told; they stay together
_JUDGED = 3000  # texts on which the silhouette is computed at most
_SEED = 20
Groups = NDArray[np.int64]


def group(texts: Sequence[str], languages: Sequence[str], vectors: Vectors, *, most: int = _MOST_GROUPS) -> Groups:
    """Return a group number for each text, shape (len(texts),); equal input gives equal groups.

    `vectors` has one row a text. At most `most` groups; texts that are too few or too alike to part are one group.
    """
    if len(texts) < _FEWEST_TEXTS:
        return np.zeros(len(texts), dtype=np.int64)
    space = _space(texts, languages, vectors)
    distinct = len(np.unique(space.round(6), axis=0))
    best: tuple[float, Groups] = (0.0, np.zeros(len(texts), dtype=np.int64))
    for number in range(2, min(most, distinct - 1, len(texts) // 3) + 1):
        labels = KMeans(number, n_init=5, random_state=_SEED).fit_predict(space)
        score = silhouette_score(space, labels, sample_size=min(_JUDGED, len(texts)), random_state=_SEED)
        if score > best[0]:
            best = (float(score), np.asarray(labels, dtype=np.int64))
    return best[1]


def names_of(texts: Sequence[str], groups: Groups, *, count: int = 3) -> dict[int, tuple[str, ...]]:
    """Return for each group the words that tell it from the others, most telling first."""
    spoken: dict[int, Counter[str]] = {}
    for text, number in zip(texts, groups.tolist(), strict=True):
        spoken.setdefault(number, Counter()).update(word for word in set(words(text)) if _telling(word))
    everywhere = sum(spoken.values(), Counter())
    average = everywhere.total() / max(len(spoken), 1)
    return {
        number: tuple(sorted(counted, key=lambda word: (-counted[word] * math.log(1 + average / everywhere[word]), word))[:count])
        for number, counted in spoken.items()
    }


def _telling(word: str) -> bool:
    return len(word) > 3 and not word.isdigit() and word not in STOPWORDS["fr"] and word not in STOPWORDS["en"]  # noqa: PLR2004


def _space(texts: Sequence[str], languages: Sequence[str], vectors: Vectors) -> NDArray[np.float64]:
    """Return the texts as points: main directions of their words beside their centred vectors at half the weight."""
    stemmed = [stems(text, language) for text, language in zip(texts, languages, strict=True)]
    centred = normalize(vectors - vectors.mean(axis=0)) * _VECTOR_SHARE
    seen = Counter(stem for row in stemmed for stem in set(row))
    kept = {stem for stem, number in seen.items() if 2 <= number <= len(texts) / 2}  # noqa: PLR2004
    if len(kept) <= 2:  # noqa: PLR2004
        return np.asarray(centred, dtype=np.float64)
    weighted = TfidfVectorizer(analyzer=lambda row: [stem for stem in row if stem in kept], sublinear_tf=True).fit_transform(
        stemmed
    )
    directions = min(_DIRECTIONS, len(kept) - 1, len(texts) - 1)
    return np.hstack([centred, normalize(TruncatedSVD(directions, random_state=_SEED).fit_transform(weighted))])
