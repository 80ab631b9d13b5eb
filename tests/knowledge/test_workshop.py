"""Vectors are built and snapshots verified in a child process, whose end is a verdict and never the end of this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotError
from knowledge.vector_store import VectorStore
from knowledge.workshop import Workshop
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import write

VECTORS = FakeEmbedder().embed_passages(["foam", "steel", "mousse"])
PATIENCE = 30.0  # seconds until a process that was killed is gone


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    with Workshop() as workshop:
        yield workshop


def ids_in(folder: Path) -> set[str]:
    store = VectorStore(folder)
    try:
        return store.ids()
    finally:
        store.close()


def test_what_was_begun_is_there_when_it_is_finished(workshop: Workshop, tmp_path: Path) -> None:
    workshop.build(tmp_path / "vectors", ["foam", "steel"], VECTORS[:2])
    workshop.finish()

    assert ids_in(tmp_path / "vectors") == {"foam", "steel"}


def test_a_store_can_be_begun_on_one_that_is_not_finished_yet(workshop: Workshop, tmp_path: Path) -> None:
    workshop.build(tmp_path / "few", ["foam", "steel"], VECTORS[:2])
    workshop.build(tmp_path / "all", ["foam", "steel", "mousse"], VECTORS, base=tmp_path / "few")
    workshop.finish()

    assert (ids_in(tmp_path / "few"), ids_in(tmp_path / "all")) == ({"foam", "steel"}, {"foam", "steel", "mousse"})


def test_nothing_but_the_store_is_left(workshop: Workshop, tmp_path: Path) -> None:
    workshop.build(tmp_path / "vectors", ["foam"], VECTORS[:1])
    workshop.finish()

    assert [path.name for path in tmp_path.iterdir()] == ["vectors"]


def test_a_store_that_can_not_be_built_is_told(workshop: Workshop, tmp_path: Path) -> None:
    write(tmp_path / "vectors", "a file where the folder should be")
    workshop.build(tmp_path / "vectors", ["foam"], VECTORS[:1])

    with pytest.raises(SnapshotError, match=r"can't be built \(.*vectors"):
        workshop.finish()


def test_after_a_failure_the_next_job_is_done(workshop: Workshop, releases: Releases, tmp_path: Path) -> None:
    write(tmp_path / "vectors", "a file where the folder should be")
    workshop.build(tmp_path / "vectors", ["foam"], VECTORS[:1])

    workshop.verify(releases.store.folder(releases.new))


def test_a_snapshot_that_is_not_sound_is_told_with_the_reason(workshop: Workshop, releases: Releases) -> None:
    write(releases.store.folder(releases.new) / "release/rules.yaml", "changed")

    with pytest.raises(SnapshotError, match=r"failed its verification \(.*rules\.yaml has changed.*It was discarded"):
        workshop.verify(releases.store.folder(releases.new))


def test_a_child_that_dies_is_a_verdict(workshop: Workshop, releases: Releases) -> None:
    os.kill(workshop.begin().pid, signal.SIGKILL)

    with pytest.raises(SnapshotError, match=r"failed its verification \(exit status -9"):
        workshop.verify(releases.store.folder(releases.new))


def test_what_is_to_be_done_meanwhile_is_done_once(tmp_path: Path) -> None:
    done: list[str] = []

    with Workshop(lambda: done.append("loaded")) as workshop:
        workshop.build(tmp_path / "vectors", ["foam"], VECTORS[:1])
        workshop.finish()

    assert done == ["loaded"]


def test_the_child_ends_with_the_context() -> None:
    with Workshop() as workshop:
        child = workshop.begin().pid

    assert not is_alive(child)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child notices when it has done its job")
def test_the_child_ends_with_a_parent_that_is_killed_in_the_middle_of_a_job(tmp_path: Path) -> None:
    source = """
import sys, numpy as np, pathlib
from knowledge.workshop import Workshop
folder = pathlib.Path(sys.argv[1])
with Workshop() as workshop:
    rows = np.random.default_rng(0).normal(size=(20_000, 384)).astype(np.float32)
    workshop.build(folder / "first", ["0"], rows[:1])
    workshop.finish()
    workshop.build(folder / "long", [str(n) for n in range(20_000)], rows)
    print(workshop.begin().pid, flush=True)
    sys.stdin.read()
"""
    command = [sys.executable, "-c", source, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        before = is_alive(child)

        parent.kill()

        assert before
        assert comes_true(lambda: not is_alive(child))


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()
