"""Takes an export into the ledger: cleaned, redacted, duplicates kept as such, nothing dropped.

Input: an export. Output: counts that add up. An import that was killed goes on after the last row that is in the ledger;
the same file again adds nothing and is recorded.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from evals.demand.cleaning import sameness
from evals.demand.columns import Columns, find_columns, review_of
from evals.demand.dates import DayOrder
from evals.demand.exports import Export, read_export
from evals.demand.ledger import Entry, EntryKind, Ledger, LedgerWriter, Pseudonyms
from evals.demand.review import Review
from knowledge.words import words

_BATCH = 500
# Nobody writes twelve words like somebody else by chance: the same long text is a copy whoever signs it.
_LONG = 12
Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Intake:
    """What one import did. `received` = `new` + `duplicates` + `empty`; `resumed` rows were there already."""

    source: str
    received: int
    new: int
    duplicates: int
    empty: int
    resumed: int = 0
    repeat_of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Preview:
    """How an export would be read: columns, order of day and month, and the first reviews as they would be stored."""

    reading: str
    rows: int
    columns: Columns
    reviews: tuple[Review | None, ...]


def preview(path: Path, folder: Path, *, said: dict[str, str] | None = None, order: DayOrder | None = None) -> Preview:
    """Return how `path` would be read; nothing is stored. Raises `ExportError`."""
    export = read_export(path)
    columns = find_columns(export, said=said, order=order)
    pseudonyms = Pseudonyms(folder)
    shown = tuple(review_of(row, columns, pseudonyms) for row in export.rows[:3])
    return Preview(reading=export.reading, rows=len(export.rows), columns=columns, reviews=shown)


def take_in(
    path: Path,
    ledger: Ledger,
    *,
    said: dict[str, str] | None = None,
    order: DayOrder | None = None,
    progress: Progress | None = None,
) -> Intake:
    """Bring the export in `path` into the ledger. Raises `ExportError`, `LedgerError`.

    `progress` gets (rows done, rows in all).
    """
    export = read_export(path)
    columns = find_columns(export, said=said, order=order)
    # How the file is read is part of what it is: another mapping is another import.
    token = f"{_digest(path)}:{sorted(columns.of.items())}:{columns.order}"
    with ledger.writing() as writer:
        return _Importer(ledger, writer).run(path.name, hashlib.sha256(token.encode()).hexdigest(), export, columns, progress)


def add_reviews(reviews: list[Review], ledger: Ledger, *, source: str) -> Intake:
    """Bring reviews that are no export (ratings, unanswered questions) into the ledger; known references are left out."""
    with ledger.writing() as writer:
        return _Importer(ledger, writer).run_reviews(source, reviews)


class _Importer:
    """One import: knows what the ledger holds already."""

    def __init__(self, ledger: Ledger, writer: LedgerWriter) -> None:
        self._writer = writer
        self._folder = ledger.folder
        self._seen: dict[tuple[str, ...], int] = {}
        self._references: set[str] = set()
        self._imports: dict[str, int] = {}
        self._ended: set[int] = set()
        self._rows: dict[int, Counter[str]] = {}
        for entry in ledger.entries():
            self._note(entry)

    def _note(self, entry: Entry) -> None:
        body = entry.body
        if body is None:
            return
        if entry.kind == "import":
            self._imports[body["file"]] = entry.n
        elif entry.kind == "import-end":
            self._ended.add(body["of"])
        elif entry.kind in ("review", "duplicate", "empty"):
            self._rows.setdefault(body["of"], Counter())[entry.kind] += 1
            if entry.kind == "review":
                review = Review.model_validate(body["review"])
                self._remember(review, entry.n)

    def _remember(self, review: Review, number: int) -> None:
        for key in _keys(review):
            self._seen.setdefault(key, number)
        if review.origin != "review" and review.reference:
            self._references.add(review.reference)

    def run(self, source: str, token: str, export: Export, columns: Columns, progress: Progress | None) -> Intake:
        begun = self._imports.get(token)
        if begun in self._ended:
            self._writer.append([("repeat", {"of": begun, "source": source, "rows": len(export.rows)})])
            return Intake(source=source, received=0, new=0, duplicates=0, empty=0, repeat_of=begun)
        if begun is None:
            [begun] = self._writer.append([("import", {"file": token, "source": source, "rows": len(export.rows)})])
        done = self._rows.setdefault(begun, Counter())
        resumed, pseudonyms = done.total(), Pseudonyms(self._folder)
        for start in range(resumed, len(export.rows), _BATCH):
            rows = export.rows[start : start + _BATCH]
            self._store([review_of(row, columns, pseudonyms) for row in rows], begun)
            if progress:
                progress(start + len(rows), len(export.rows))
        return self._end(source, begun, resumed)

    def run_reviews(self, source: str, reviews: list[Review]) -> Intake:
        fresh = [review for review in reviews if review.reference not in self._references]
        if not fresh:
            return Intake(source=source, received=0, new=0, duplicates=0, empty=0)
        [begun] = self._writer.append([("import", {"file": source, "source": source, "rows": len(fresh)})])
        self._rows[begun] = Counter()
        for start in range(0, len(fresh), _BATCH):
            self._store(list(fresh[start : start + _BATCH]), begun)
        return self._end(source, begun, 0)

    def _store(self, reviews: list[Review | None], begun: int) -> None:
        """Append a batch; the numbers of its lines follow the ledger's last one."""
        bodies: list[tuple[EntryKind, dict[str, Any]]] = []
        for place, review in enumerate(reviews, start=self._writer.last + 1):
            if review is None:
                bodies.append(("empty", {"of": begun}))
                continue
            first = next((self._seen[key] for key in _keys(review) if key in self._seen), None)
            body: dict[str, Any] = {"of": begun, "review": review.model_dump(mode="json", exclude_defaults=True)}
            if first is not None:
                body["duplicate_of"] = first
            else:
                self._remember(review, place)
            bodies.append(("review" if first is None else "duplicate", body))
        self._writer.append(bodies)
        self._rows[begun].update(kind for kind, _ in bodies)

    def _end(self, source: str, begun: int, resumed: int) -> Intake:
        counts = self._rows[begun]
        self._writer.append([("import-end", {"of": begun, **counts})])
        return Intake(
            source=source,
            received=counts.total(),
            new=counts["review"],
            duplicates=counts["duplicate"],
            empty=counts["empty"],
            resumed=resumed,
        )


def _keys(review: Review) -> Iterator[tuple[str, ...]]:
    """Yield what makes two reviews the same: same reference, same words of a person or day, or the same long text."""
    if not review.text:
        if review.person:
            yield "stars", review.person, str(review.stars), _iso(review.day), review.vehicle or ""
        return
    same = sameness(review.text)
    if review.reference and review.origin == "review":
        yield "reference", review.reference, same
    if review.origin != "review":
        return
    if len(words(review.text)) >= _LONG:
        yield "text", same
    elif review.person:
        yield "person", review.person, same
    else:
        yield "day", _iso(review.day), same


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
