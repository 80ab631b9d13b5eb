"""Figures over many results: means by metric and slice, the decision matrix, counts. `CaseResult`s in, a `Summary` out.

A turn that could not be scored is counted as unscored and stands in no mean; a crashed case is counted as crashed.
"""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from evals.run_folder import CaseResult, Figure, Summary, TurnResult

_PERCENTILES = 20  # the nineteenth of twenty cuts is the 95th percentile


def summarize(results: Sequence[CaseResult]) -> Summary:
    """Return the figures of a run."""
    turns = [(result, turn) for result in results for turn in result.turns]
    by_slice: dict[str, dict[str, list[TurnResult]]] = defaultdict(lambda: defaultdict(list))
    decisions: dict[str, Counter[str]] = defaultdict(Counter)
    for result, turn in turns:
        for dimension, value in result.slices.items():
            by_slice[dimension][value].append(turn)
        expected = turn.expected.get("decision")
        if expected:
            decisions["|".join(expected)][turn.answer["decision"]] += 1
    crashed = sum(result.crash is not None for result in results)
    passed = sum(result.passed for result in results)
    return Summary(
        cases=len(results),
        turns=len(turns),
        passed=passed,
        failed=len(results) - passed - crashed,
        crashed=crashed,
        metrics=figures(turn for _, turn in turns),
        slices={
            dimension: {value: figures(rows) for value, rows in sorted(values.items())}
            for dimension, values in sorted(by_slice.items())
        },
        decisions={expected: dict(made) for expected, made in sorted(decisions.items())},
    )


def figures(turns: Iterable[TurnResult]) -> dict[str, Figure]:
    """Return the figure of every metric that any of `turns` has, or should have had."""
    values: dict[str, list[float]] = defaultdict(list)
    unscored: Counter[str] = Counter()
    for turn in turns:
        for metric, value in turn.scores.items():
            values[metric].append(value)
        unscored.update(turn.unscored.keys())
    return {name: _figure(name, values.get(name, []), unscored[name]) for name in sorted({*values, *unscored})}


def _figure(name: str, values: list[float], unscored: int) -> Figure:
    mean = round(statistics.fmean(values), 4) if values else 0.0
    if name != "latency" or len(values) < 2:  # noqa: PLR2004  a spread takes two values
        return Figure(mean=mean, n=len(values), unscored=unscored)
    p95 = round(statistics.quantiles(values, n=_PERCENTILES, method="inclusive")[-1], 2)
    return Figure(mean=mean, n=len(values), unscored=unscored, p50=round(statistics.median(values), 2), p95=p95)
