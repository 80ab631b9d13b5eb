"""Compares two runs case by case: two run folders in, a `Comparison` with one word per metric and slice out.

For each metric and slice the unit is the case: the mean over its turns of new minus old, on turns that both runs scored. The
interval is a percentile bootstrap over cases (Efron and Tibshirani 1993, chapter 13; seeded). The word comes from a sign-flip
test of the same differences (Fisher's randomization test; exact for few changes), held to a family-wise error of one per cent
by Holm's method (Holm 1979): half of it for the figures over all cases, half for the slices. So "better" and "worse" are told
only where chance would hardly ever do it anywhere in the table, and everything else is "noise". Latency is left out: it depends
on what else the machine does, and `bench latency` measures it in one run.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from evals.metrics import METRICS
from evals.run_folder import CaseResult, RunFolder, TurnResult

Verdict = Literal["better", "worse", "noise"]
ALL = "all"
_FAMILY_ERROR = 0.01
_DIMENSIONS = ("kind", "audience", "language", "market", "topic")
_SMALLEST_SLICE = 10  # cases; fewer can't show anything at this error
_RESAMPLES = 2_000
_EXACT_UP_TO = 16  # 65,536 sign patterns
_SAME = 1e-9


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Row(_Kept):
    """One metric in one slice (`dimension` "all": everything). `low` and `high` bound the difference at 95 %."""

    metric: str
    dimension: str
    value: str
    cases: int
    changed: int
    before: float
    after: float
    low: float
    high: float
    p: float
    verdict: Verdict


class Flip(_Kept):
    """One turn that passed a metric before and fails it now, or the other way round."""

    case_id: str
    turn: int
    metric: str
    before: float
    after: float


class Comparison(_Kept):
    """What changed from one run to another. `notes` says what was left out and why."""

    before: str
    after: str
    shared: int
    notes: tuple[str, ...]
    verdict: Verdict
    rows: tuple[Row, ...]
    flips_to_worse: tuple[Flip, ...]
    flips_to_better: tuple[Flip, ...]

    def row(self, metric: str, dimension: str = ALL, value: str = ALL) -> Row | None:
        """Return one row, or None when nothing could be compared there."""
        return next((row for row in self.rows if (row.metric, row.dimension, row.value) == (metric, dimension, value)), None)


@dataclass(frozen=True, kw_only=True)
class _Pair:
    """One case in both runs."""

    before: CaseResult
    after: CaseResult


def compare(before: RunFolder, after: RunFolder) -> Comparison:
    """Return what changed from `before` to `after`, on the cases that both asked and that are the same. Raises `RunError`."""
    notes, shared = _shared(before, after)
    return compare_results(
        [result for result in before.results() if result.case_id in shared],
        [result for result in after.results() if result.case_id in shared],
        names=(before.info().id, after.info().id),
        seed=after.info().seed,
        notes=notes,
    )


def compare_results(
    before: list[CaseResult], after: list[CaseResult], *, names: tuple[str, str], seed: int, notes: tuple[str, ...] = ()
) -> Comparison:
    """Return what changed between results of the same cases; see `compare`."""
    old = {result.case_id: result for result in before}
    pairs = [_Pair(before=old[result.case_id], after=result) for result in after if result.case_id in old]
    crashed = [pair for pair in pairs if pair.before.crash or pair.after.crash]
    if crashed:
        notes = (*notes, f"{len(crashed)} cases crashed in one of the runs; only the turns that ended in both are compared.")
    rows = _rows(pairs, np.random.default_rng(seed))
    flips = [flip for pair in pairs for flip in _flips(pair)]
    overall = {row.verdict for row in rows if row.dimension == ALL}
    return Comparison(
        before=names[0],
        after=names[1],
        shared=len(pairs),
        notes=notes,
        verdict="worse" if "worse" in overall else "better" if "better" in overall else "noise",
        rows=tuple(rows),
        flips_to_worse=tuple(flip for flip in flips if flip.after < flip.before),
        flips_to_better=tuple(flip for flip in flips if flip.after > flip.before),
    )


def _shared(before: RunFolder, after: RunFolder) -> tuple[tuple[str, ...], set[str]]:
    """Return what is said about the case sets, and the ids of the cases that are the same in both."""
    old = {case.id: case for case in before.cases()}
    new = {case.id: case for case in after.cases()}
    same = {name for name in old.keys() & new.keys() if old[name].turns == new[name].turns}
    if same == old.keys() == new.keys():
        return (), same
    rewritten = len(old.keys() & new.keys()) - len(same)
    told = f"only in the first: {len(old.keys() - new.keys())}; only in the second: {len(new.keys() - old.keys())}"
    return (f"The case sets differ; compared on the {len(same)} cases they share ({told}; rewritten: {rewritten}).",), same


def _rows(pairs: list[_Pair], chance: np.random.Generator) -> list[Row]:
    tested: list[tuple[Row, bool]] = []
    for metric in METRICS:
        if metric == "latency":
            continue
        cells: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        for pair in pairs:
            values = _means(pair, metric)
            if values is None:
                continue
            cells[ALL, ALL].append(values)
            for dimension in _DIMENSIONS:
                cells[dimension, pair.after.slices.get(dimension, "unknown")].append(values)
        for (dimension, value), both in sorted(cells.items()):
            if dimension == ALL or len(both) >= _SMALLEST_SLICE:
                tested.append((_row(metric, (dimension, value), both, chance), dimension == ALL))
    overall = _judged([row for row, is_all in tested if is_all])
    return overall + _judged([row for row, is_all in tested if not is_all])


def _means(pair: _Pair, metric: str) -> tuple[float, float] | None:
    """Return the case's mean before and after, over the turns that both runs scored; None when there is none."""
    both = [
        (one.scores[metric], other.scores[metric])
        for one, other in zip(pair.before.turns, pair.after.turns, strict=False)
        if metric in one.scores and metric in other.scores
    ]
    if not both:
        return None
    return sum(one for one, _ in both) / len(both), sum(other for _, other in both) / len(both)


def _row(metric: str, place: tuple[str, str], both: list[tuple[float, float]], chance: np.random.Generator) -> Row:
    old, new = np.array([one for one, _ in both]), np.array([other for _, other in both])
    differences = new - old
    changed = int(np.count_nonzero(np.abs(differences) > _SAME))
    low = high = 0.0
    if changed:
        drawn = chance.integers(0, len(differences), size=(_RESAMPLES, len(differences)))
        low, high = np.quantile(differences[drawn].mean(axis=1), [0.025, 0.975])
    return Row(
        metric=metric, dimension=place[0], value=place[1], cases=len(both), changed=changed,
        before=round(float(old.mean()), 4), after=round(float(new.mean()), 4),
        low=round(float(low), 4), high=round(float(high), 4), p=sign_flip_p(differences), verdict="noise",
    )  # fmt: skip


def sign_flip_p(differences: NDArray[np.float64]) -> float:
    """Return how often random signs would make the sum of these differences as large as it is, or larger, either way.

    Exact up to sixteen changes; above, by the normal distribution with the same variance.
    """
    changed = differences[np.abs(differences) > _SAME]
    if not len(changed):
        return 1.0
    total = abs(float(changed.sum()))
    if len(changed) > _EXACT_UP_TO:
        return math.erfc(total / math.sqrt(2 * float((changed**2).sum())))
    patterns = (np.arange(2 ** len(changed))[:, None] >> np.arange(len(changed))) & 1
    sums = np.abs((2 * patterns - 1) @ changed)
    return float(np.mean(sums >= total - _SAME))


def _judged(rows: list[Row]) -> list[Row]:
    """Return the rows with their words, by Holm's method at half of the family-wise error."""
    words: dict[int, Verdict] = {}
    for rank, place in enumerate(sorted(range(len(rows)), key=lambda place: rows[place].p)):
        if rows[place].p > _FAMILY_ERROR / 2 / (len(rows) - rank):
            break
        words[place] = "better" if rows[place].after > rows[place].before else "worse"
    return [row.model_copy(update={"verdict": words.get(place, "noise")}) for place, row in enumerate(rows)]


def _flips(pair: _Pair) -> list[Flip]:
    return [
        Flip(case_id=pair.after.case_id, turn=other.number, metric=metric, before=one.scores[metric], after=other.scores[metric])
        for one, other in zip(pair.before.turns, pair.after.turns, strict=False)
        for metric in _judged_metrics(one, other)
        if (one.scores[metric] >= 1.0) != (other.scores[metric] >= 1.0)
    ]


def _judged_metrics(one: TurnResult, other: TurnResult) -> list[str]:
    """Return the metrics with a right and a wrong that both turns have; marks and ranks have no such line."""
    graded = {"latency", "ndcg_at_10", "mrr", "recall_at_5", "citation_precision", "refusal_precision"}
    graded |= {"judge_grounding", "judge_helpfulness"}
    return [metric for metric in METRICS if metric not in graded and metric in one.scores and metric in other.scores]
