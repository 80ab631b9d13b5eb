"""Are the vectors of a snapshot those of its texts, and do they mean anything? An open index and an embedder in, `Cause`s out.

The questions that pages say they answer are the probe: embedded again they must meet their own stored vectors, and the nearest
other entry should be of the same page far more often than chance would have it.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from evals.invariants import Cause
from knowledge.document import WHOLE_PAGE
from knowledge.embedding import Embedder
from knowledge.index import QUESTION_MARK, Index

_PROBES = 40
_NEAR = 6
_SAME_TEXT = 0.98  # half floats in the shipped vectors cost less than 0.001
_MOSTLY = 0.9
_MEANS_SOMETHING = 0.3  # share of probes; measured on the shipped pages
_ABOVE_CHANCE = 2.0  # times what noise reaches: the share of all entries that a probe's own page holds


def check_vectors(index: Index, embedder: Embedder) -> list[Cause]:
    """Return what is wrong with the vectors of `index`, as this embedder sees it; nothing when pages list no questions."""
    asked = [(key, number, text) for key, texts in sorted(index.questions.items()) for number, text in enumerate(texts, start=1)]
    probes = asked[:: max(1, len(asked) // _PROBES)][:_PROBES]
    if not probes:
        return []
    vectors = embedder.embed_questions([text for _, _, text in probes])
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.isfinite(vectors).all() or (lengths == 0).any():
        return [Cause(kind="vectors", text="the embedder gives vectors that are no numbers, or nothing but zeros")]
    known, related = 0, 0
    for (key, number, _), vector in zip(probes, vectors, strict=True):
        near = index.nearest(vector, _NEAR)
        known += any(cosine >= _SAME_TEXT for _, cosine in near)
        others = [_page(name) for name, _ in near if name != f"{key}{QUESTION_MARK}{WHOLE_PAGE}:{number}"]
        related += _page(key) in others[:1]
    if known < _MOSTLY * len(probes):
        text = (
            f"only {known} of {len(probes)} questions meet their own stored vector: the embedder is not the one that built this"
        )
        return [Cause(kind="vectors", text=text)]
    pages = Counter(_page(name) for name in index.vectors.ids())
    chance = sum(pages[_page(key)] for key, _, _ in probes) / (len(probes) * pages.total())
    if related < max(_MEANS_SOMETHING, _ABOVE_CHANCE * chance) * len(probes) and len(pages) > 1:
        text = (
            f"the nearest neighbour is of the same page for only {related} of {len(probes)} questions: the vectors mean nothing"
        )
        return [Cause(kind="vectors", text=text)]
    return []


def _page(entry_id: str) -> str:
    """Return the page of an entry (`page.language.section.part`, or `page.language?section:number`)."""
    return entry_id.partition(".")[0]
