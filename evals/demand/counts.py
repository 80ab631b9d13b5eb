"""The sum of the ledger: what was received is what is shown, kept as a duplicate, removed for a legal reason, or empty."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from evals.demand.ledger import Ledger
from evals.demand.review import LedgerError, Review


@dataclass(frozen=True, kw_only=True)
class Sum:
    """Counts over the whole ledger. `tombstones` are (number, what it removed, reason); `imports` (source, rows, repeats)."""

    received: int
    shown: int
    duplicates: int
    removed: int
    empty: int
    tombstones: tuple[tuple[int, int, str], ...]
    imports: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Everything the ledger holds: the shown reviews by number, and the sum."""

    reviews: tuple[tuple[int, Review], ...]
    total: Sum


def read_ledger(ledger: Ledger) -> Kept:
    """Return the shown reviews and the sum, after checking the chain. Raises `LedgerError`, also when the sum is off."""
    counted: Counter[str] = Counter()
    reviews: list[tuple[int, Review]] = []
    tombstones: list[tuple[int, int, str]] = []
    imports: dict[int, tuple[str, int]] = {}
    repeats: Counter[int] = Counter()
    ledger.verify()
    for entry in ledger.entries():
        counted["received"] += entry.kind in ("review", "duplicate", "empty")
        if entry.body is None:
            counted["removed"] += 1
            continue
        body: dict[str, Any] = entry.body
        counted[entry.kind] += 1
        if entry.kind == "review":
            reviews.append((entry.n, Review.model_validate(body["review"])))
        elif entry.kind == "tombstone":
            tombstones.append((entry.n, body["removes"], body["reason"]))
        elif entry.kind == "import":
            imports[entry.n] = (body["source"], body["rows"])
        elif entry.kind == "repeat":
            repeats[body["of"]] += 1
    total = Sum(
        received=counted["received"], shown=counted["review"], duplicates=counted["duplicate"], removed=counted["removed"],
        empty=counted["empty"], tombstones=tuple(tombstones),
        imports=tuple((source, rows, repeats[number]) for number, (source, rows) in imports.items()),
    )  # fmt: skip
    if total.received != total.shown + total.duplicates + total.removed + total.empty or total.removed != len(tombstones):
        message = f"{ledger.path}: the sum does not add up: {total}. Restore the file from a backup."
        raise LedgerError(message)
    return Kept(reviews=tuple(reviews), total=total)
