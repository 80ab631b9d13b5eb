"""The tab of customers: what they ask and how they rate it, drawn anew every half minute; the ratings with their questions."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import gradio as gr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from assistant.answer import Decision
from assistant.records import RecordedTurn, Records
from ui.staff.frame import table
from ui.staff.words import Words

_DAYS, _MOST, _PAGES, _TITLE = 90, 200, 10, 44
_EVERY_SECONDS = 30
_LABELS = 10  # days that fit under an axis
_COLOURS = ("#2f6fde", "#8a5ad6", "#c8641b", "#1f8a5b", "#b3122a")
_PLAIN: dict[str, Any] = {"show_label": False, "format": "png"}  # a plot says itself what it shows
_STARS_HELPFUL = 4  # stars from which a rating counts as helpful


def customers_tab(records: Records, words: Words) -> None:
    """Draw the tab."""
    timer = gr.Timer(_EVERY_SECONDS)
    with gr.Row():
        gr.Plot(lambda: asked_plot(records, words), label=words["asked_by_day"], every=timer, **_PLAIN)
        gr.Plot(lambda: rated_plot(records, words), label=words["rated_by_day"], every=timer, **_PLAIN)
    gr.Plot(lambda: pages_plot(records, words), label=words["asked_about"], every=timer, **_PLAIN)
    table(
        [words[name] for name in ("at", "rating", "comment", "question")], words["ratings"], every=timer,
        column_widths=["16%", "14%", "35%", "35%"], value=lambda: rating_rows(records, words),
    )  # fmt: skip


def asked_plot(records: Records, words: Words) -> Figure:
    """Draw answers by day and decision."""
    counts = Counter((turn.at.date().isoformat(), turn.answer["decision"]) for turn in customers_turns(records))
    names = {"answer": "answer_decision"}
    rows = {
        words[names.get(decision.value, decision.value)]: {day: n for (day, made), n in counts.items() if made == decision}
        for decision in Decision
    }
    return _days_plot(words["asked_by_day"], rows, words)


def rated_plot(records: Records, words: Words) -> Figure:
    """Draw ratings by day, helpful and not."""
    counts: dict[str, Counter[str]] = {words["helpful"]: Counter(), words["not_helpful"]: Counter()}
    for rating in records.ratings_since(_since()):
        good = rating.thumb == "up" if rating.thumb else (rating.stars or 0) >= _STARS_HELPFUL
        counts[words["helpful" if good else "not_helpful"]][rating.at.date().isoformat()] += 1
    return _days_plot(words["rated_by_day"], counts, words)


def pages_plot(records: Records, words: Words) -> Figure:
    """Draw the pages that answers rested on most often."""
    titles = Counter(
        title for turn in customers_turns(records) for title in {one["title"] for one in turn.answer["citations"][:1]}
    )
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    rows = titles.most_common(_PAGES)[::-1]
    axes.barh([_short(title) for title, _ in rows], [count for _, count in rows], color=_COLOURS[0])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(words["asked_about"])
    return _finished(figure, axes, words, empty=not rows)


def rating_rows(records: Records, words: Words) -> list[list[str]]:
    """Return the newest ratings with the question that was answered."""
    questions = {(turn.conversation_id, turn.turn): turn.question for turn in customers_turns(records)}
    ratings = list(records.ratings_since(_since()))[: -_MOST - 1 : -1]
    thumbs = {"up": words["helpful"], "down": words["not_helpful"]}
    return [
        [
            rating.at.isoformat(" ", "minutes")[:16],
            " ".join(filter(None, (f"{rating.stars} ★" if rating.stars else "", thumbs.get(rating.thumb or "", "")))),
            rating.comment or "",
            questions.get((rating.conversation_id, rating.turn), ""),
        ]
        for rating in ratings
    ]


def customers_turns(records: Records) -> list[RecordedTurn]:
    """Return what customers asked in the last quarter, oldest first; sellers' own questions are not among them."""
    return [turn for turn in records.turns_since(_since()) if turn.audience == "customer"]


def _since() -> datetime:
    return datetime.now(UTC) - timedelta(days=_DAYS)


def _short(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def _days_plot(title: str, rows: dict[str, Any], words: Words) -> Figure:
    """Draw stacked bars by day; `rows` maps a name to its count by day."""
    days = sorted({day for counts in rows.values() for day in counts})
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.subplots()
    floor = [0] * len(days)
    for (name, counts), colour in zip(rows.items(), _COLOURS, strict=False):
        if counts:
            heights = [counts.get(day, 0) for day in days]
            axes.bar(days, heights, bottom=floor, label=name, color=colour, width=0.6)
            floor = [low + height for low, height in zip(floor, heights, strict=True)]
    axes.set_title(title)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    if days:
        step = max(1, -(-len(days) // _LABELS))
        axes.set_xticks(range(0, len(days), step), [f"{day[8:]}.{day[5:7]}." for day in days[::step]])
        axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=3, fontsize=9)
        axes.margins(x=0.3 if len(days) == 1 else 0.05)
    return _finished(figure, axes, words, empty=not days)


def _finished(figure: Figure, axes: Any, words: Words, *, empty: bool) -> Figure:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if empty:
        axes.text(0.5, 0.5, words["none_yet"], ha="center", va="center", transform=axes.transAxes)
        axes.set_axis_off()
    return figure
