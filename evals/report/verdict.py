"""What a run means, in sentences: figures in, a headline and a few lines in the reader's language out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from evals.comparison import Comparison
from evals.gate import GateReport
from evals.metrics import METRICS
from evals.report.texts import Texts
from evals.run_folder import CaseResult, RunInfo, Summary

_GOOD_FROM = 0.9  # share of conversations as expected; below it the report says "not yet"
_SMALLEST = 10  # questions; fewer make no weakest point
_DIMENSIONS = ("language", "kind", "topic")
Tone = Literal["good", "mixed", "bad"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """The headline with its colour, and the sentences under it, most important first."""

    tone: Tone
    headline: str
    lines: tuple[str, ...]


def judged(
    info: RunInfo,
    summary: Summary,
    results: Sequence[CaseResult],
    texts: Texts,
    *,
    gate: GateReport | None,
    comparison: Comparison | None,
) -> Judged:
    """Return the verdict on a run; a gate's refusal outweighs every figure."""
    breaches = _breaches(results)
    share = percent(summary.passed / summary.cases if summary.cases else 0.0)
    if gate and not gate.passed:
        tone, headline = "bad", texts.refused
    elif breaches:
        tone, headline = "bad", texts.bad
    elif summary.cases and summary.passed / summary.cases >= _GOOD_FROM and not summary.crashed:
        tone, headline = "good", texts.good.format(share=share)
    else:
        tone, headline = "mixed", texts.mixed.format(share=share)
    counts = {name: getattr(summary, name) for name in ("cases", "turns", "passed", "failed", "crashed")}
    lines = [] if info.finished else [texts.unfinished]
    lines.append(texts.counts.format(**counts))
    if breaches:
        kinds = ", ".join(f"{texts.metrics.get(name, name)} ({count})" for name, count in breaches.most_common())
        lines.append(texts.broken_promises.format(count=breaches.total(), kinds=kinds))
    if summary.crashed:
        lines.append(texts.crashed.format(count=summary.crashed))
    lines += [_compared(comparison, texts), *_weakest(results, texts), _next_step(results, texts)]
    return Judged(tone=tone, headline=headline, lines=tuple(lines))  # type: ignore[arg-type]  # the three literals above


def percent(share: float) -> str:
    """Return a share as people write it, with a space that does not break."""
    return f"{100 * share:.1f}\u00a0%"


def _breaches(results: Sequence[CaseResult]) -> Counter[str]:
    return Counter(
        failure.metric
        for result in results
        for turn in result.turns
        for failure in turn.failures
        if failure.metric in METRICS and METRICS[failure.metric].gating == "zero"
    )


def _compared(comparison: Comparison | None, texts: Texts) -> str:
    if comparison is None:
        return texts.nothing_compared
    rows = [row for row in comparison.rows if row.dimension == "all"]
    worse = [texts.metrics.get(row.metric, row.metric) for row in rows if row.verdict == "worse"]
    better = sum(row.verdict == "better" for row in rows)
    if worse:
        return texts.compared_worse.format(before=comparison.before, names=", ".join(worse))
    if better:
        return texts.compared_better.format(before=comparison.before, better=better, all=len(rows))
    return texts.compared_noise.format(before=comparison.before)


def _weakest(results: Sequence[CaseResult], texts: Texts) -> list[str]:
    found: list[tuple[float, int, str, str]] = []
    for dimension in _DIMENSIONS:
        rows: dict[str, list[bool]] = {}
        for result in results:
            value = result.slices.get(dimension, "")
            rows.setdefault(value, []).extend(turn.passed for turn in result.turns)
        found += [
            (sum(passed) / len(passed), len(passed), dimension, value)
            for value, passed in rows.items()
            if len(passed) >= _SMALLEST
        ]
    if not found or min(found)[0] == 1.0:
        return []
    share, turns, dimension, value = min(found)
    names = {"language": texts.language, "kind": texts.kind, "topic": texts.topic}
    label = texts.kinds.get(value, value)
    return [texts.weakest.format(dimension=names[dimension].lower(), value=label, share=percent(share), turns=turns)]


def _next_step(results: Sequence[CaseResult], texts: Texts) -> str:
    wrong = Counter(
        (failure.metric, result.slices.get("topic", ""))
        for result in results
        for turn in result.turns
        for failure in turn.failures
    )
    metrics = Counter[str]()
    for (metric, _), count in wrong.items():
        metrics[metric] += count
    if not metrics:
        return texts.nothing_next
    metric, count = metrics.most_common(1)[0]
    topics = Counter({topic: n for (name, topic), n in wrong.items() if name == metric})
    return texts.next_step.format(metric=texts.metrics.get(metric, metric), count=count, topic=topics.most_common(1)[0][0])
