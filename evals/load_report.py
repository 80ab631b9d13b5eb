"""Runs every part of `bench latency --load`, writes it as a table, and draws it: settings in, figures out."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from assistant.bootstrap import open_assistant
from assistant.settings import Settings
from evals.latency import measure_latency
from evals.load_bench import (
    CROWDS,
    LARGE,
    SIZES,
    cold_start_seconds,
    measure_crowd,
    measure_streaming,
    measure_synthetic_index,
    peak_megabytes,
)  # fmt: skip
from evals.questions import SETS, read_questions
from knowledge.embedding import make_embedder
from knowledge.snapshots import SnapshotStore

_SAMPLE = 48  # passages embedded for the speed of ingesting


def measure_load(*, large: bool, progress: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Return every figure as plain values; `large` adds an index of 100,000 vectors. Raises what opening an assistant raises."""
    settings = Settings.read()
    embedder = make_embedder(settings)
    questions = [question.question for question in read_questions(SETS / "retrieval.jsonl")][:100]
    with open_assistant(settings, "customer", embedder=embedder) as assistant:
        progress("answers, one at a time")
        alone = measure_latency(assistant, embedder, questions)
        streamed = measure_streaming(assistant, questions)
        crowds = []
        for conversations in CROWDS:
            progress(f"{conversations} conversations at once")
            crowds.append(asdict(measure_crowd(assistant, questions, conversations)))
    megabytes = peak_megabytes()
    progress("cold start")
    whole, opened = cold_start_seconds(questions[0])
    progress("embedding")
    passages = _passages(settings)
    start = time.perf_counter()
    embedder.embed_passages(passages)
    speed = len(passages) / (time.perf_counter() - start)
    indexes = []
    for size in (*SIZES, LARGE) if large else SIZES:
        progress(f"synthetic index of {size} vectors")
        indexes.append(asdict(measure_synthetic_index(size)))
    return {
        "questions": len(questions),
        "answer_ms": asdict(alone.answer),
        "embedding_ms": asdict(alone.embedding),
        "ratio": asdict(alone.ratio),
        "steps_ms": {name: asdict(value) for name, value in alone.steps.items()},
        "first_text_ms": asdict(streamed.first),
        "last_text_ms": asdict(streamed.last),
        "crowds": crowds,
        "cold_start_seconds": {"from process start to first answer": whole, "without starting Python": opened},
        "peak_memory_mb": megabytes,
        "passages_embedded_per_second": speed,
        "synthetic_indexes": indexes,
    }


def _passages(settings: Settings) -> list[str]:
    """Return passages of the live snapshot, evenly taken, as they are embedded."""
    store = SnapshotStore(settings.home)
    live = store.live_id()
    assert live is not None  # noqa: S101  an assistant was opened on it
    chunks = (store.folder(live) / "customer" / "chunks.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = [json.loads(line) for line in chunks[:: max(1, len(chunks) // _SAMPLE)]]
    return [f"{chunk['title']} — {chunk['section']}\n{chunk['text']}" for chunk in chosen]


def written(figures: dict[str, Any]) -> str:
    """Return the figures as lines to read."""
    lines = [f"{figures['questions']} questions, milliseconds{'':<8}{'p50':>9}{'p95':>9}"]
    lines += [
        f"{name.removesuffix('_ms').replace('_', ' '):<34}{figures[name]['p50']:>9.2f}{figures[name]['p95']:>9.2f}"
        for name in ("first_text_ms", "last_text_ms", "answer_ms", "embedding_ms", "ratio")
    ]
    for crowd in figures["crowds"]:
        label = f"{crowd['conversations']} at once, {crowd['answers_per_second']:.1f} answers/s"
        lines.append(f"{label:<34}{crowd['answer']['p50']:>9.2f}{crowd['answer']['p95']:>9.2f}")
    for one in figures["synthetic_indexes"]:
        label = f"synthetic, {one['vectors']:,} vectors"
        tail = f"  recall@10 {one['recall_at_10']:.3f}, built in {one['build_seconds']:.1f} s"
        lines.append(f"{label:<34}{one['ask']['p50']:>9.2f}{one['ask']['p95']:>9.2f}{tail}")
    for name, seconds in figures["cold_start_seconds"].items():
        lines.append(f"cold start, {name}: {seconds:.1f} s")
    lines.append(
        f"peak memory {figures['peak_memory_mb']:.0f} MB; {figures['passages_embedded_per_second']:.1f} passages embedded/s"
    )
    return "\n".join(lines)


def draw(figures: dict[str, Any], path: Path) -> None:
    """Write an SVG of times with crowds and with the size of a synthetic index."""
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "load", "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        crowds, indexes = figure.subplots(1, 2)
        sides = (
            (crowds, figures["crowds"], "conversations", "answer", "conversations at once", "answer (ms)"),
            (indexes, figures["synthetic_indexes"], "vectors", "ask", "vectors (synthetic)", "search (ms)"),
        )
        for axes, rows, across, spread, label, up in sides:
            for part, style in (("p50", "o-"), ("p95", "s--")):
                axes.plot([row[across] for row in rows], [row[spread][part] for row in rows], style, label=part)
            axes.set_xscale("log")
            axes.set_xticks([row[across] for row in rows], [f"{row[across]:,}" for row in rows])
            axes.set_xlabel(label)
            axes.set_ylabel(up)
            axes.set_ylim(bottom=0)
            axes.legend(frameon=False)
        buffer = io.StringIO()
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata={"Date": None})
        path.write_text(buffer.getvalue(), encoding="utf-8")
