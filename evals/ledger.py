"""The ledger of releases: what was published, refused or let through against the gate, one line each, never rewritten.

Input: what the gate decided. Output: the entries, newest last; the refused ones are the kill log, with scores and reasons.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from evals.run_folder import Override

Event = Literal["published", "refused", "overridden"]


class Entry(BaseModel):
    """One decision on one candidate. `name` and `reason` are those of the person who overrode the gate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime
    event: Event
    snapshot: str
    live_before: str | None
    run: str
    suite: str
    causes: tuple[str, ...] = ()
    scores: dict[str, float] = {}
    name: str | None = None
    reason: str | None = None


class Ledger:
    """The ledger below one home folder."""

    def __init__(self, home: Path) -> None:
        self._path = home / "releases" / "ledger.jsonl"

    def add(self, entry: Entry) -> None:
        """Write one entry, and have it on disk before returning."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(entry.model_dump_json() + "\n")
            file.flush()
            os.fsync(file.fileno())

    def entries(self) -> list[Entry]:
        """Return every entry, oldest first; a line torn by a power cut is left out."""
        if not self._path.exists():
            return []
        found = []
        for line in self._path.read_text(encoding="utf-8", errors="replace").split("\n"):
            try:
                found.append(Entry.model_validate_json(line))
            except ValidationError:
                continue
        return found

    def refused(self) -> list[Entry]:
        """Return the kill log."""
        return [entry for entry in self.entries() if entry.event == "refused"]

    def overrides(self) -> tuple[Override, ...]:
        """Return the releases that went live against the gate."""
        return tuple(
            Override(at=entry.at, snapshot=entry.snapshot, name=entry.name or "", reason=entry.reason or "", causes=entry.causes)
            for entry in self.entries()
            if entry.event == "overridden"
        )


def now() -> datetime:
    """Return the time an entry is written."""
    return datetime.now(UTC)
