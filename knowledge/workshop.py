"""A child process that builds the vectors of a snapshot and verifies what was built.

Chroma holds Python's lock while it builds, so the rest of a snapshot is made beside it, here; and it ends the process on some
damage, which is a verdict on a child and would be the end of a server. `python -m knowledge.workshop` is the child: a job as a
line of JSON on stdin, how it ended as a line on stdout, one after the other.
"""

from __future__ import annotations

import ctypes
import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from knowledge.embedding import Vectors
from knowledge.errors import BrandAssistantError, SnapshotError

_SECONDS = 600  # for one job
_REASON = 600  # characters of what a dying child said
_DIE_WITH_PARENT = 1  # include/uapi/linux/prctl.h: PR_SET_PDEATHSIG


class Workshop:
    """The child, as a context: it begins with its first job, or beforehand by `begin`, and ends with the context.

    `meanwhile` is done once, here, when there is nothing left to do but to wait for the child.
    """

    def __init__(self, meanwhile: Callable[[], None] | None = None) -> None:
        self._meanwhile = meanwhile
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  closed with the child
        self._child: subprocess.Popen[str] | None = None
        self._turns = ThreadPoolExecutor(1)
        self._building: list[Future[str | None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._child:
            self._child.kill()
        self._turns.shutdown()
        if self._child:
            self._child.communicate()
        self._said.close()

    def begin(self) -> subprocess.Popen[str]:
        """Return the child, which loads what it needs while the caller goes on. Raises `OSError`."""
        if self._child is None:
            pipe = subprocess.PIPE
            command = [sys.executable, "-m", "knowledge.workshop"]
            self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._said, text=True)  # noqa: S603  our own module
        return self._child

    def build(self, folder: Path, ids: list[str], vectors: Vectors, *, base: Path | None = None) -> None:
        """Begin what `VectorStore.build` does, over there, after what was begun before. Raises `OSError`; see `finish`."""
        handed = folder.with_name(f"{folder.name}.npz")
        with handed.open("wb") as file:
            np.savez(file, ids=np.array(ids, dtype=np.str_), vectors=vectors)
        job = {"build": str(folder), "handed": str(handed), "base": str(base) if base else None}
        self._building.append(self._turns.submit(self._do, self.begin(), job))

    def finish(self) -> None:
        """Wait for all that was begun. Raises `SnapshotError` when any of it could not be built."""
        if self._meanwhile:
            self._meanwhile()
        for refusal in [begun.result() for begun in self._building]:
            if refusal is not None:
                message = f"The vectors of the new snapshot can't be built ({refusal})."
                raise SnapshotError(message)

    def verify(self, folder: Path) -> None:
        """Do what `verification.verify` does, over there. Raises `SnapshotError`."""
        refusal = self._turns.submit(self._do, self.begin(), {"verify": str(folder)}).result()
        if refusal is not None:
            message = f"The new snapshot failed its verification ({refusal}). It was discarded; the live one is unchanged."
            raise SnapshotError(message)

    def _do(self, child: subprocess.Popen[str], job: dict[str, str | None]) -> str | None:
        """Return why a job could not be done, or None when it was."""
        assert child.stdin is not None  # noqa: S101  they are pipes
        assert child.stdout is not None  # noqa: S101
        too_late = threading.Timer(_SECONDS, child.kill)
        too_late.start()
        try:
            child.stdin.write(json.dumps(job) + "\n")
            child.stdin.flush()
            told = child.stdout.readline()
        except BrokenPipeError:
            told = ""
        finally:
            too_late.cancel()
        refusal: str | None = json.loads(told)["refusal"] if told else self._how_it_ended(child)
        return refusal

    def _how_it_ended(self, child: subprocess.Popen[str]) -> str:
        status = child.wait()
        self._said.seek(0)
        said = " ".join(self._said.read().decode(errors="replace").split())[-_REASON:]
        return said or f"exit status {status}; a job has {_SECONDS} seconds"


def main() -> None:
    """Do the jobs that come in until there are no more."""
    from knowledge.vector_store import VectorStore
    from knowledge.verification import verify

    _end_with_parent()
    for line in sys.stdin:
        job = json.loads(line)
        refusal = None
        try:
            if "verify" in job:
                verify(Path(job["verify"]))
            else:
                with np.load(job["handed"], allow_pickle=False) as handed:
                    ids, vectors = handed["ids"].tolist(), handed["vectors"]
                Path(job["handed"]).unlink()
                VectorStore.build(Path(job["build"]), ids, vectors, base=Path(job["base"]) if job["base"] else None)
        except (BrandAssistantError, OSError) as error:
            refusal = str(error)
        print(json.dumps({"refusal": refusal}), flush=True)


def _end_with_parent() -> None:
    """Have the kernel end this process with its parent, where it can: the next writer clears away what a dead one left."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


if __name__ == "__main__":
    main()
