"""The figures behind the plots, without any drawing: results and neighbouring runs in, numbers out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from evals.run_folder import SUMMARY, CaseResult, RunError, RunFolder, Summary

TREND = ("decision", "citation_recall", "ndcg_at_10", "fact_recall")
_BINS = 10
_TOPICS, _PLACES = 14, 8  # rows and columns that fit on a page; the rest is one of each
_SMALLEST = 3  # turns; fewer say nothing
OTHERS = "…"


@dataclass(frozen=True, kw_only=True)
class TrendPoint:
    """One finished run: when it began, and the mean of each metric it has."""

    run: str
    started: datetime
    values: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Turns of one topic, language and market: how many, and how many were as expected."""

    turns: int
    passed: int


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Turns of like confidence: how many, their mean confidence, and the share that the knowledge does answer."""

    turns: int
    confidence: float
    answerable: float


def trend(folder: RunFolder) -> list[TrendPoint]:
    """Return the finished runs of the same suite beside this one, and this one, oldest first; unreadable ones are left out."""
    suite = folder.info().suite
    points = []
    for path in sorted(folder.path.resolve().parent.glob(f"*/{SUMMARY}")):
        other = RunFolder(path.parent)
        try:
            info, summary = other.info(), other.summary()
        except RunError:
            continue
        if info.suite == suite and (info.finished or info.id == folder.info().id):
            points.append(TrendPoint(run=info.id, started=info.started, values=_trended(summary)))
    return sorted(points, key=lambda point: point.started)


def _trended(summary: Summary) -> dict[str, float]:
    return {name: summary.metrics[name].mean for name in TREND if name in summary.metrics and summary.metrics[name].n}


def quality(results: Sequence[CaseResult]) -> dict[tuple[str, str], Cell]:
    """Return the cell of every (topic, "market language"); rows and columns with few turns are one of each, `OTHERS`."""
    turns = [(_topic(result), _place(result), turn.passed) for result in results for turn in result.turns]
    topics = _frequent([topic for topic, _, _ in turns], _TOPICS)
    places = _frequent([place for _, place, _ in turns], _PLACES)
    cells: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for topic, place, passed in turns:
        cells[topic if topic in topics else OTHERS, place if place in places else OTHERS].append(passed)
    return {key: Cell(turns=len(passed), passed=sum(passed)) for key, passed in cells.items()}


def _frequent(names: Sequence[str], count: int) -> set[str]:
    return {name for name, turns in Counter(names).most_common(count) if turns >= _SMALLEST}


def _place(result: CaseResult) -> str:
    return f"{result.slices.get('market', '?')} {result.slices.get('language', '?')}"


def _topic(result: CaseResult) -> str:
    return result.slices.get("topic", "unknown")


def latencies(results: Sequence[CaseResult]) -> list[float]:
    """Return the milliseconds of every answer, sorted."""
    return sorted(turn.scores["latency"] for result in results for turn in result.turns if "latency" in turn.scores)


def calibration(results: Sequence[CaseResult]) -> list[Bin]:
    """Return turns by tenths of confidence, for a reliability curve (DeGroot and Fienberg 1983).

    Counted are turns that no rule took, whose case says either answer (or ask back) or decline, and nothing else.
    """
    rows: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for result in results:
        for turn in result.turns:
            wanted = set(turn.expected.get("decision", ()))
            if turn.answer.get("rules") or not (wanted and (wanted <= {"answer", "clarify"} or wanted == {"decline"})):
                continue
            confidence = float(turn.answer.get("confidence", 0.0))
            rows[min(_BINS - 1, int(confidence * _BINS))].append((confidence, wanted != {"decline"}))
    return [
        Bin(
            turns=len(found),
            confidence=sum(confidence for confidence, _ in found) / len(found),
            answerable=sum(answerable for _, answerable in found) / len(found),
        )
        for _, found in sorted(rows.items())
    ]
