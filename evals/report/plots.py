"""Draws the plots of a report as inline SVG: figures in, markup out. No file, no script, no font and no address in it.

Text and axes take the colour of the page around them (`currentColor`), so a plot fits light, dark and paper.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from evals.report.curves import OTHERS, Bin, Cell, TrendPoint
from evals.report.texts import Texts

_INK = "#010203"  # replaced by currentColor: a colour that nothing else has
_LINES = ("#2f6fde", "#c8641b", "#1f8a5b", "#9b4fc0")
_MARKS = ("o", "s", "^", "D")
_QUALITY = LinearSegmentedColormap.from_list("quality", ["#d9534f", "#f0c04a", "#3f9e6b"])
_COUNTS = LinearSegmentedColormap.from_list("counts", ["#dfe8f7", "#2f6fde"])
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none", "text.parse_math": False, "font.family": "sans-serif", "font.size": 10,
    "text.color": _INK, "axes.labelcolor": _INK, "axes.edgecolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    "axes.spines.top": False, "axes.spines.right": False, "figure.facecolor": "none", "axes.facecolor": "none",
    "legend.frameon": False,
}  # fmt: skip
_LABELS = 8  # dates that fit under an axis


def trend_plot(points: Sequence[TrendPoint], texts: Texts) -> str:
    """Return metrics over runs, oldest first."""
    with _style("trend"):
        figure = Figure(figsize=(7.2, 3.4), layout="constrained")
        axes = figure.subplots()
        names = list(dict.fromkeys(name for point in points for name in point.values))
        for name, colour, mark in zip(names, _LINES, _MARKS, strict=False):
            places = [place for place, point in enumerate(points) if name in point.values]
            values = [100 * points[place].values[name] for place in places]
            axes.plot(places, values, color=colour, marker=mark, label=texts.metrics.get(name, name))
        step = max(1, len(points) // _LABELS)
        axes.set_xticks(range(0, len(points), step), [f"{point.started:%d.%m. %H:%M}" for point in points[::step]])
        axes.set_ylabel("%")
        axes.set_ylim(top=101)
        axes.margins(x=0.1)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2)
        return _svg(figure)


def decision_plot(decisions: dict[str, dict[str, int]], texts: Texts) -> str:
    """Return the matrix of expected (rows) and made (columns) decisions, with counts."""
    merged: dict[str, Counter[str]] = {}
    for expected, counts in decisions.items():
        merged.setdefault("|".join(sorted(expected.split("|"), key=[*texts.decisions].index)), Counter()).update(counts)
    decisions = {name: dict(row) for name, row in sorted(merged.items(), key=lambda item: item[0].count("|"))}
    made = [name for name in texts.decisions if any(name in row for row in decisions.values())]
    grid = [[row.get(name, 0) for name in made] for row in decisions.values()]
    rows = [" / ".join(texts.decisions.get(part, part) for part in name.split("|")) for name in decisions]
    columns = [texts.decisions[name] for name in made]
    shares = [[value / max(1, sum(row)) for value in row] for row in grid]
    with _style("decisions"):
        figure = Figure(figsize=(7.2, 1.3 + 0.42 * len(rows)), layout="constrained")
        axes = figure.subplots()
        _grid(axes, shares, _COUNTS, columns, rows)
        axes.set_xlabel(texts.made)
        axes.set_ylabel(texts.expected)
        for i, row in enumerate(grid):
            for j, value in enumerate(row):
                ink = "#ffffff" if shares[i][j] > 0.6 else "#10203a"  # noqa: PLR2004  where white reads better
                axes.text(j, i, str(value), ha="center", va="center", color=ink)
        return _svg(figure)


def quality_plot(cells: dict[tuple[str, str], Cell], texts: Texts) -> str:
    """Return the share of turns as expected by topic (rows), market and language (columns), each with its number of turns."""
    topics, places = _by_turns(cells, 0), _by_turns(cells, 1)
    with _style("quality"):
        figure = Figure(figsize=(7.2, 1.1 + 0.36 * len(topics)), layout="constrained")
        axes = figure.subplots()
        shares = [[_share(cells.get((topic, place))) for place in places] for topic in topics]
        rows, columns = ([texts.others if name == OTHERS else name for name in names] for names in (topics, places))
        _grid(axes, shares, _QUALITY, columns, rows)
        for i, topic in enumerate(topics):
            for j, place in enumerate(places):
                cell = cells.get((topic, place))
                if cell:
                    label = f"{100 * cell.passed / cell.turns:.0f} % ({cell.turns})"
                    axes.text(j, i, label, ha="center", va="center", color="#10203a", fontsize=7)
        return _svg(figure)


def _by_turns(cells: dict[tuple[str, str], Cell], axis: int) -> list[str]:
    """Return the names along one axis, those with most turns first and the others last."""
    totals = Counter[str]()
    for key, cell in cells.items():
        totals[key[axis]] += cell.turns
    return sorted(totals, key=lambda name: (name == OTHERS, -totals[name], name))


def latency_plot(milliseconds: Sequence[float], marks: tuple[float, float], texts: Texts) -> str:
    """Return the distribution of answer times; `marks` are the median and the 95th percentile."""
    with _style("latency"):
        figure = Figure(figsize=(7.2, 2.8), layout="constrained")
        axes = figure.subplots()
        axes.hist(milliseconds, bins=40, color=_LINES[0])
        for value, colour, name in zip(marks, (_LINES[2], _LINES[1]), (texts.median, texts.p95), strict=True):
            axes.axvline(value, color=colour, linewidth=2, label=f"{name} {value:.0f} ms")
        axes.set_xlabel(texts.milliseconds)
        axes.set_ylabel(texts.answers)
        axes.legend()
        return _svg(figure)


def calibration_plot(bins: Sequence[Bin], texts: Texts) -> str:
    """Return how often the knowledge did answer against how sure the assistant was; on the diagonal they agree."""
    with _style("calibration"):
        figure = Figure(figsize=(7.2, 3.6), layout="constrained")
        axes = figure.subplots()
        axes.plot([0, 100], [0, 100], color=_INK, linestyle=":", linewidth=1, label=texts.perfect)
        sure, right = [100 * one.confidence for one in bins], [100 * one.answerable for one in bins]
        axes.plot(sure, right, color=_LINES[0], marker="o", label=texts.measured)
        for one, x, y in zip(bins, sure, right, strict=True):
            axes.annotate(str(one.turns), (x, y), textcoords="offset points", xytext=(7, -11), fontsize=8)
        axes.set_xlabel(texts.confidence)
        axes.set_ylabel(texts.answerable)
        axes.legend()
        return _svg(figure)


def _style(name: str) -> Any:
    # The salt makes the ids inside each drawing its own, and the same from one report to the next.
    style: Any = {**_STYLE, "svg.hashsalt": name}
    return rc_context(style)


def _grid(axes: Any, shares: list[list[float]], colours: Any, columns: Sequence[str], rows: Sequence[str]) -> None:
    """Draw shares as coloured cells, centred on whole numbers, the first row on top; cells, not a picture: it stays one file."""
    edges = [[place - 0.5 for place in range(len(names) + 1)] for names in (columns, rows)]
    axes.pcolormesh(*edges, np.ma.masked_invalid(shares), cmap=colours, vmin=0, vmax=1, edgecolors="face")
    axes.invert_yaxis()
    axes.set_xticks(range(len(columns)), columns)
    axes.set_yticks(range(len(rows)), rows)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _share(cell: Cell | None) -> float:
    return cell.passed / cell.turns if cell else float("nan")


def _svg(figure: Figure) -> str:
    """Return the drawing as an element that scales with its column; matplotlib escapes the text in it."""
    buffer = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    markup = buffer.getvalue()
    return markup[markup.index("<svg") :].replace(_INK, "currentColor")
