"""Hands out the live snapshot of one audience, and follows the pointer without a restart.

Whoever serves customers is handed `LiveSnapshot(store, "customer")` and has no way to the sales folder. Each opening
works on a private copy, because Chroma writes to a folder by opening it.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import filelock

from knowledge.document import Audience
from knowledge.errors import SnapshotError
from knowledge.index import Index
from knowledge.manifest import MANIFEST, Manifest
from knowledge.snapshots import RELEASE, SnapshotStore

_log = logging.getLogger(__name__)


class Snapshot:
    """One opened snapshot: the index of one audience, and the release files. Closed when its last reader is done."""

    def __init__(self, store: SnapshotStore, snapshot_id: str, audience: Audience, serving: Path) -> None:
        """Copy, open. Raises `SnapshotError` when any file differs from the manifest."""
        manifest: Manifest = store.checked(snapshot_id)
        serving.mkdir(parents=True, exist_ok=True)
        self.id = snapshot_id
        self.embedder = manifest.recipe.embedder
        self.created = manifest.created
        self._folder = Path(tempfile.mkdtemp(prefix=f"{snapshot_id}-", dir=serving))
        self._alive = filelock.FileLock(self._folder.with_suffix(".lock"), thread_local=False)
        self._alive.acquire()
        source = store.folder(snapshot_id)
        try:
            shutil.copytree(source / audience, self._folder / audience)
            shutil.copytree(source / RELEASE, self._folder / RELEASE)
            self.index = Index(self._folder / audience)
        except (OSError, SnapshotError) as error:
            self._remove()
            message = f"Snapshot {snapshot_id} can't be opened: {error}"
            raise SnapshotError(message) from error
        self.release = self._folder / RELEASE

    def close(self) -> None:
        """Let go of the index and delete the private copy."""
        self.index.close()
        self._remove()

    def _remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._alive.release()
        Path(self._alive.lock_file).unlink(missing_ok=True)


class LiveSnapshot:
    """The live snapshot of one audience. `problem` says why an older one serves, if it does."""

    def __init__(self, store: SnapshotStore, audience: Audience) -> None:
        self._store = store
        self._serving = store.root.parent / "serving"
        self.audience: Audience = audience
        self.problem: str | None = None
        self._turn = threading.Lock()
        self._readers: Counter[Snapshot] = Counter()
        self._open: Snapshot | None = None
        self._wanted: tuple[str | None, int] | None = None
        _remove_leftovers(self._serving)

    @contextmanager
    def lease(self) -> Iterator[Snapshot]:
        """Lend the live snapshot for one answer: it stays whole and open until the answer is done.

        Raises `SnapshotError` when there is no usable snapshot at all.
        """
        with self._turn:
            snapshot = self._current()
            self._readers[snapshot] += 1
        try:
            yield snapshot
        finally:
            with self._turn:
                self._readers[snapshot] -= 1
                self._retire(snapshot)

    def close(self) -> None:
        """Close the open snapshot; answers under way finish on it first."""
        with self._turn:
            snapshot, self._open, self._wanted = self._open, None, None
            if snapshot:
                self._retire(snapshot)

    def _current(self) -> Snapshot:
        try:
            wanted = self._pointed_at()
            # A live snapshot whose manifest is gone was damaged, not replaced.
            if self._open and (wanted == self._wanted or (self._open.id == wanted[0] and not wanted[1])):
                return self._open
            replaced, self._open, self._wanted = self._open, self._first_usable(), wanted
        except SnapshotError as error:
            if self._open is None:
                raise
            # What is open goes on serving, whatever became of the disk.
            self.problem = str(error)
            return self._open
        if replaced:
            self._retire(replaced)
        return self._open

    def _pointed_at(self) -> tuple[str | None, int]:
        """Return the live id and when its manifest was written: the same id can be built again after damage."""
        live = self._store.live_id()
        manifest = self._store.folder(live or "") / MANIFEST
        return live, manifest.stat().st_mtime_ns if manifest.exists() else 0

    def _first_usable(self) -> Snapshot:
        """Open the live snapshot, or the latest earlier one that is whole."""
        history = self._store.history()
        if not history:
            message = "There is no snapshot yet. Run 'brand-assistant ingest' to build the first one."
            raise SnapshotError(message)
        self.problem = None
        for snapshot_id in history:
            try:
                return Snapshot(self._store, snapshot_id, self.audience, self._serving)
            except SnapshotError as error:
                self.problem = self.problem or str(error)
                _log.error("%s", error)
        message = f"No snapshot can be opened. The live one: {self.problem} Run 'brand-assistant ingest'."
        raise SnapshotError(message)

    def _retire(self, snapshot: Snapshot) -> None:
        if snapshot is not self._open and not self._readers[snapshot]:
            del self._readers[snapshot]
            snapshot.close()


def _remove_leftovers(serving: Path) -> None:
    """Delete the private copies of processes that died: their lock is free."""
    for lock in serving.glob("*.lock"):
        with suppress(filelock.Timeout, OSError), filelock.FileLock(lock, timeout=0):
            shutil.rmtree(lock.with_suffix(""), ignore_errors=True)
            lock.unlink(missing_ok=True)
