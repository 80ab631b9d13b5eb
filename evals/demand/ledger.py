"""The ledger of reviews: append-only lines, each chained to the one before by its hash, so that nothing vanishes unseen.

A line is {n, kind, at, digest, previous, hash, body}: `digest` is that of the body with its salt, `hash` covers everything
but the body. A legal removal blanks the body and leaves its digest, so the chain stays whole, and adds a numbered tombstone
with the reason. Input: bodies. Output: numbered entries. The file is written by one process at a time.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import filelock
from pydantic import BaseModel, ConfigDict, ValidationError

from evals.demand.review import LedgerError

EntryKind = Literal["import", "import-end", "repeat", "review", "duplicate", "empty", "tombstone", "decision"]
_FIRST = "0" * 64


class Entry(BaseModel):
    """One line. `body` is None after a legal removal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    n: int
    kind: EntryKind
    at: datetime
    digest: str
    previous: str
    hash: str
    body: dict[str, Any] | None


class Pseudonyms:
    """Turns who wrote into a keyed hash, the same for the same person; the key never leaves the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "person.key"
        if not path.exists():
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secrets.token_bytes(32))
        self._key = path.read_bytes()

    def of(self, person: str) -> str:
        """Return the pseudonym of a name, address or number."""
        return hmac.new(self._key, person.casefold().encode(), hashlib.sha256).hexdigest()[:24]


class Ledger:
    """Reads and writes one ledger file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self._lock = filelock.FileLock(folder / "ledger.lock", timeout=5)

    @contextmanager
    def writing(self) -> Iterator[LedgerWriter]:
        """Lend the only writer. Raises `LedgerError` when another process writes, or when the last line is damaged."""
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            message = f"{self.path} is being written by another process. Wait until it ends."
            raise LedgerError(message) from error
        try:
            yield LedgerWriter(self)
        finally:
            self._lock.release()

    def entries(self) -> Iterator[Entry]:
        """Yield every entry in order, verifying the chain. Raises `LedgerError` naming the first line that is wrong.

        A last line without an end is the trace of a killed writer; it was never acknowledged and is left out.
        """
        previous = _FIRST
        for number, line in enumerate(self._lines(), start=1):
            try:
                entry = Entry.model_validate_json(line)
            except ValidationError as error:
                raise _broken(self.path, number, "it can't be read") from error
            if entry.n != number:
                raise _broken(self.path, number, f"it is numbered {entry.n}: a line is missing or was moved")
            if entry.previous != previous or entry.hash != _hash(entry.n, entry.kind, entry.at, entry.digest, previous):
                raise _broken(self.path, number, "its hash does not follow from the line before")
            if entry.body is not None and _digest(entry.body) != entry.digest:
                raise _broken(self.path, number, "its content was changed")
            previous = entry.hash
            yield entry

    def verify(self) -> int:
        """Return how many entries there are, all checked: the chain, and a tombstone for every blank. Raises `LedgerError`."""
        blank, buried, count = set(), set(), 0
        for entry in self.entries():
            count += 1
            if entry.body is None:
                blank.add(entry.n)
            elif entry.kind == "tombstone":
                buried.add(entry.body["removes"])
        if blank - buried:
            raise _broken(self.path, min(blank - buried), "its content is gone and no tombstone says why")
        return count

    def _lines(self) -> Iterator[str]:
        if not self.path.exists():
            return
        with self.path.open("r", encoding="utf-8", newline="\n") as file:
            for line in file:
                if line.endswith("\n"):
                    yield line

    def replace(self, blanked: Iterable[int]) -> None:
        """Write the file again without the bodies of the entries numbered `blanked`; in one atomic step."""
        gone = set(blanked)
        fresh = self.path.with_suffix(".fresh")
        with fresh.open("w", encoding="utf-8", newline="\n") as file:
            for entry in self.entries():
                kept = entry.model_copy(update={"body": None}) if entry.n in gone else entry
                file.write(_line(kept))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


class LedgerWriter:
    """Appends entries; nothing counts as written before `append` has returned."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._drop_torn_line()
        self._n, self._previous = 0, _FIRST
        pending: set[int] = set()
        for entry in ledger.entries():
            self._n, self._previous = entry.n, entry.hash
            if entry.kind == "tombstone" and entry.body:
                pending.add(entry.body["removes"])
        if any(entry.n in pending and entry.body for entry in ledger.entries()):
            ledger.replace(pending)  # a removal that was killed between its two steps

    @property
    def last(self) -> int:
        """Number of the last entry; 0 in an empty ledger."""
        return self._n

    def append(self, bodies: Iterable[tuple[EntryKind, dict[str, Any]]]) -> list[int]:
        """Write entries in one go, flushed to the disk; return their numbers. Raises `LedgerError` when the disk refuses."""
        lines, numbers = [], []
        n, previous = self._n, self._previous
        for kind, body in bodies:
            n += 1
            salted = {**body, "salt": secrets.token_hex(8)}
            at, digest = datetime.now(UTC), _digest(salted)
            entry = Entry(
                n=n, kind=kind, at=at, digest=digest, previous=previous,
                hash=_hash(n, kind, at, digest, previous), body=salted,
            )  # fmt: skip
            previous = entry.hash
            lines.append(_line(entry))
            numbers.append(n)
        try:
            with self._ledger.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write("".join(lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            message = (
                f"{self._ledger.path} can't be written ({error}). Make room, then import again: it goes on where it stopped."
            )
            raise LedgerError(message) from error
        self._n, self._previous = n, previous
        return numbers

    def remove(self, number: int, *, reason: str, by: str) -> int:
        """Blank the content of a review for a legal reason and return the number of the tombstone left for it.

        Raises `LedgerError` when there is no such review or it is removed already.
        """
        entry = next((entry for entry in self._ledger.entries() if entry.n == number), None)
        if entry is None or entry.kind not in ("review", "duplicate") or entry.body is None:
            message = f"There is no review numbered {number} to remove. `demand list --reviews` shows the numbers."
            raise LedgerError(message)
        [tombstone] = self.append([("tombstone", {"removes": number, "reason": reason, "by": by})])
        self._ledger.replace([number])
        return tombstone

    def _drop_torn_line(self) -> None:
        """Cut off what a killed writer left of its last line."""
        path = self._ledger.path
        if not path.exists():
            return
        with path.open("rb+") as file:
            content_end = file.seek(0, os.SEEK_END)
            position = content_end
            while position:
                step = min(65_536, position)
                file.seek(position - step)
                found = file.read(step).rfind(b"\n")
                if found >= 0:
                    position = position - step + found + 1
                    break
                position -= step
            if position < content_end:
                file.truncate(position)


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _hash(n: int, kind: str, at: datetime, digest: str, previous: str) -> str:
    return hashlib.sha256(f"{n}|{kind}|{at.isoformat()}|{digest}|{previous}".encode()).hexdigest()


def _line(entry: Entry) -> str:
    return entry.model_dump_json() + "\n"


def _broken(path: Path, number: int, what: str) -> LedgerError:
    cure = "Restore the file from a backup; what follows that line can't be trusted."
    return LedgerError(f"{path}, line {number}: {what}. {cure}")
