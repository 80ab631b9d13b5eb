"""A full disk: the live snapshot is unchanged, and the message says how many bytes are needed."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from knowledge.embedding import FakeEmbedder, Vectors
from knowledge.errors import SnapshotError
from knowledge.manifest import recipe_of
from knowledge.workshop import Workshop
from tests.knowledge.child import child
from tests.knowledge.conftest import NEW_TEXT, Releases
from tests.knowledge.factories import document, ingested, page, search, section, write


class Usage(NamedTuple):
    """What `shutil.disk_usage` returns."""

    total: int
    used: int
    free: int


@pytest.fixture
def changed(releases: Releases) -> Releases:
    """Releases whose corpus has something new to build."""
    write(releases.settings.corpus / "pages/seats.md", page(section("A text that needs room.")))
    return releases


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1_000, 990, 10))


def assert_unchanged(releases: Releases) -> None:
    assert releases.store.live_id() == releases.new
    assert search(releases.settings)[0].chunk.text == NEW_TEXT
    assert not list(releases.store.root.glob(".building-*"))


@pytest.mark.usefixtures("full_disk")
def test_a_disk_that_is_too_small_is_refused_with_the_bytes_needed(changed: Releases) -> None:
    with pytest.raises(SnapshotError, match=r"has 10 bytes free; this build needs [\d,]+\. Free some space"):
        ingested(changed.settings)

    assert_unchanged(changed)


@pytest.mark.usefixtures("full_disk")
def test_room_is_looked_for_before_anything_is_embedded(changed: Releases) -> None:
    class CountingEmbedder(FakeEmbedder):
        count = 0

        def embed_passages(self, texts: list[str]) -> Vectors:
            self.count += len(texts)
            return super().embed_passages(texts)

    embedder = CountingEmbedder()

    with pytest.raises(SnapshotError):
        ingested(changed.settings, embedder=embedder)

    assert embedder.count == 0


def test_the_bytes_said_to_be_needed_are_enough(changed: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1_000, 990, 10))
        with pytest.raises(SnapshotError) as caught:
            ingested(changed.settings)

    built = changed.store.folder(ingested(changed.settings).snapshot)
    needed = re.search(r"needs ([\d,]+)", str(caught.value))
    taken = sum(path.stat().st_size for path in built.rglob("*") if path.is_file())
    assert needed
    assert int(needed[1].replace(",", "")) >= taken


def test_a_disk_that_fills_up_during_the_build_is_told_with_the_bytes_needed(changed: Releases, tmp_path: Path) -> None:
    def embed(_: list[str]) -> Vectors:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    documents = [document(page(), tmp_path)]
    recipe = recipe_of(documents, embedder="fake", release={})

    with pytest.raises(SnapshotError, match=r"the disk is full\. About 5,000 bytes are needed"), Workshop() as workshop:
        changed.store.build(recipe, documents, changed.settings.corpus, embed, workshop, needed=5_000)

    assert_unchanged(changed)


@pytest.mark.skipif(os.name != "posix", reason="file size limits are POSIX only")
@pytest.mark.parametrize("limit", [1_000, 20_000, 150_000])
def test_a_write_that_fails_anywhere_is_told_as_one_of_our_errors(changed: Releases, limit: int) -> None:
    with child("ingest", changed.settings, limit=limit) as process:
        told, traceback = process.communicate()

    assert told.startswith("SnapshotError: "), traceback
    assert "bytes" in told
    assert_unchanged(changed)


def test_the_next_run_completes_once_there_is_room(changed: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1_000, 990, 10))
        with pytest.raises(SnapshotError):
            ingested(changed.settings)

    report = ingested(changed.settings)

    assert (report.candidate, report.changed) == (True, ["seats.en"])
