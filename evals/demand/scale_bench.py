"""Measures how long a large export takes: so many reviews imported and reported, in a scratch home folder.

Input: a number of reviews. They are made for the purpose and stand for nobody: each is one to four of the training remarks with
words between them that make every text another, by different people, over two quarters, in both languages. Output: seconds of
each step, the most memory the process held, and how the report's sum came out.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from evals.demand.intake import take_in
from evals.demand.remark_lexicon import SETS
from evals.demand.rendering import Renderer
from evals.demand.understanding import Progress
from evals.demand.wiring import ledger_at, report_of
from knowledge.lexicon import Lexicon

_SEED = 50
_FIRST_DAY, _DAYS = date(2026, 4, 1), 182
_MOST_REMARKS = 4
_PEOPLE_SHARE = 0.8  # some write twice
_FILLERS = {
    "fr": ("Acheté il y a {} mois.", "Déjà {} 000 km.", "Ma note : {} sur 400.", "Trajet de {} km par jour."),
    "en": ("Bought {} months ago.", "{} thousand miles so far.", "My score: {} of 400.", "I drive {} miles a day."),
}


def write_reviews(path: Path, count: int) -> None:
    """Write `count` made reviews as a CSV export; equal counts, equal files."""
    draw = random.Random(_SEED)  # noqa: S311  nothing secret
    rows = [json.loads(line) for line in (SETS / "remark-training.jsonl").read_text(encoding="utf-8").splitlines()]
    by_language = {language: [row["text"] for row in rows if row["language"] == language] for language in _FILLERS}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("text", "date", "author", "stars", "market", "language"))
        for _ in range(count):
            language = draw.choice(tuple(by_language))
            parts = draw.sample(by_language[language], draw.randint(1, _MOST_REMARKS))
            parts.insert(draw.randint(0, len(parts)), draw.choice(_FILLERS[language]).format(draw.randint(2, 400)))
            day = _FIRST_DAY + timedelta(days=draw.randrange(_DAYS))
            author = f"author {draw.randrange(max(1, int(count * _PEOPLE_SHARE)))}"
            market = "FR" if language == "fr" else "GB"
            writer.writerow((" ".join(parts), day.isoformat(), author, draw.randint(1, 5), market, language))


def bench_reviews(count: int, settings: Settings, progress: Progress | None = None) -> dict[str, Any]:
    """Return the figures for `count` reviews; `settings` say all but the home folder. Raises `EmbedderError`."""
    with tempfile.TemporaryDirectory() as scratch:
        own = settings.model_copy(update={"home": Path(scratch) / "home"})
        export = Path(scratch) / "reviews.csv"
        write_reviews(export, count)
        megabytes = export.stat().st_size / 1e6
        start = time.perf_counter()
        took = take_in(export, ledger_at(own), progress=(lambda done, of: progress("import", done, of)) if progress else None)
        imported = time.perf_counter()
        report = report_of(own, None, progress=progress)
        counted = time.perf_counter()
        renderer = Renderer(Lexicon.read(own.corpus / "lexicon"), "fr")
        page, pages = renderer.html(report), renderer.pdf(report)
        written = time.perf_counter()
    return {
        "reviews": count,
        "export, MB": round(megabytes, 1),
        "received = new + duplicates + empty": f"{took.received} = {took.new} + {took.duplicates} + {took.empty}",
        "import, s": round(imported - start, 1),
        "report, s": round(counted - imported, 1),
        "HTML and PDF, s": round(written - counted, 1),
        "all, s": round(written - start, 1),
        "remarks of the quarter": report.remarks,
        "read with vectors": report.read_fully,
        "agreement of the rest": report.agreement,
        "HTML and PDF, kB": f"{len(page.encode()) // 1000} + {len(pages) // 1000}",
        "most memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
