"""Retrieval metrics of one question, by ir-measures: right pages and a ranking in, values by metric name out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import ir_measures
from ir_measures import RR, R, nDCG

_MEASURES = {nDCG @ 10: "ndcg_at_10", R @ 5: "recall_at_5", RR: "mrr"}


def score_ranking(relevant: Collection[str], ranked: Sequence[str]) -> dict[str, float]:
    """Return nDCG@10, Recall@5 and MRR of `ranked` (page ids, best first, each once)."""
    wanted = [ir_measures.Qrel("q", page, 1) for page in relevant]
    found = [ir_measures.ScoredDoc("q", page, float(-place)) for place, page in enumerate(ranked)]
    if not found:
        return dict.fromkeys(_MEASURES.values(), 0.0)
    return {_MEASURES[value.measure]: float(value.value) for value in ir_measures.iter_calc([*_MEASURES], wanted, found)}
