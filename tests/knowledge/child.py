"""What tests do in a process of its own, to hold a lock, be killed, or run out of disk there.

`python -m tests.knowledge.child VERB HOME CORPUS BYTES` prints "ready" and does the verb. An ingest waits for a line on
stdin, or its end, before it starts, so that a test knows when; it prints how it ended.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.embedding import FakeEmbedder
from knowledge.errors import BrandAssistantError
from knowledge.ingest import ingest
from knowledge.serving import LiveSnapshot
from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore

Child = subprocess.Popen[str]


def main(verb: str, settings: KnowledgeSettings, limit: int) -> None:
    store = SnapshotStore(settings.home)
    if verb == "hold":
        with store.writing():
            _tell("ready")
            sys.stdin.read()
    elif verb == "lease":
        with LiveSnapshot(store, "customer").lease():
            _tell("ready")
            sys.stdin.read()
    elif verb == "ingest":
        _tell("ready")
        sys.stdin.readline()
        if limit:  # every file above it fails to be written, as on a full disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            _tell(f"live {ingest(settings, FakeEmbedder()).snapshot}")
        except BrandAssistantError as error:
            _tell(f"{type(error).__name__}: {error}")


def _tell(text: str) -> None:
    print(text, flush=True)


def start(process: Child) -> None:
    """Let a child that is ready begin its ingest."""
    process.stdin.write("\n")
    process.stdin.flush()


@contextmanager
def child(verb: str, settings: KnowledgeSettings, *, limit: int = 0) -> Iterator[Child]:
    """A child that has come as far as "ready"; it is killed in the end."""
    command = [sys.executable, "-m", "tests.knowledge.child", verb, str(settings.home), str(settings.corpus), str(limit)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        try:
            line = process.stdout.readline()
            assert line == "ready\n", process.communicate()
            yield process
        finally:
            process.kill()


if __name__ == "__main__":
    main(sys.argv[1], KnowledgeSettings(home=Path(sys.argv[2]), corpus=Path(sys.argv[3])), int(sys.argv[4]))
