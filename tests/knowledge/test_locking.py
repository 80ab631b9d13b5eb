"""One writer at a time: the second is refused by the holder's name, and a dead holder holds nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge.embedding import FakeEmbedder, Vectors
from knowledge.errors import EmbedderError, SnapshotLockedError
from knowledge.snapshots import SnapshotStore
from knowledge.verification import verify
from tests.knowledge.child import child, start
from tests.knowledge.conftest import NEW_TEXT, Releases
from tests.knowledge.factories import ingested, page, search, section, settings_for, write

PATIENCE = 10.0  # seconds; the rule is two, and this machine may be busy


def test_a_second_ingest_is_refused_naming_the_holder_while_it_still_runs(releases: Releases) -> None:
    with child("hold", releases.settings) as holder:
        begun = time.monotonic()
        with pytest.raises(SnapshotLockedError, match=rf"Another ingest is running \(process {holder.pid}, since 20"):
            ingested(releases.settings)
        waited = time.monotonic() - begun
        still_running = holder.poll() is None

    assert still_running
    assert waited < PATIENCE


def test_a_second_ingest_on_the_command_line_ends_with_status_one_and_one_line(releases: Releases) -> None:
    environment = {"BRAND_ASSISTANT_HOME": str(releases.settings.home), "BRAND_ASSISTANT_CORPUS": str(releases.settings.corpus)}

    with child("hold", releases.settings) as holder, pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        second = subprocess.run([sys.executable, "-m", "ui", "ingest"], capture_output=True, text=True, check=False)

    assert (second.returncode, second.stdout) == (1, "")
    assert f"process {holder.pid}" in second.stderr
    assert len(second.stderr.strip().splitlines()) == 1


def test_a_rollback_is_refused_while_an_ingest_runs(releases: Releases) -> None:
    with child("hold", releases.settings), pytest.raises(SnapshotLockedError), releases.store.writing():
        releases.store.rollback()

    assert releases.store.live_id() == releases.new


def test_searching_goes_on_while_an_ingest_runs(releases: Releases) -> None:
    with child("hold", releases.settings):
        found = search(releases.settings)

    assert found[0].chunk.text == NEW_TEXT


def test_the_lock_of_a_killed_holder_is_free(releases: Releases) -> None:
    with child("hold", releases.settings) as holder:
        holder.kill()
        holder.wait()

    report = ingested(releases.settings)

    assert report.snapshot == releases.new


def test_the_lock_is_free_after_an_ingest_that_failed(releases: Releases) -> None:
    class Broken(FakeEmbedder):
        fingerprint = "fake:broken"

        def embed_passages(self, texts: list[str]) -> Vectors:
            raise EmbedderError(texts[0])

    with pytest.raises(EmbedderError):
        ingested(releases.settings, embedder=Broken())

    assert ingested(releases.settings).snapshot == releases.new


@pytest.mark.parametrize(
    "races", [1, pytest.param(50, marks=[pytest.mark.campaign, pytest.mark.timeout(3_600)])], ids=["once", "fifty times"]
)
def test_of_two_ingests_at_once_one_is_done_and_nothing_is_damaged(tmp_path: Path, races: int) -> None:
    settings = settings_for(tmp_path)
    refused = 0

    for race in range(races):
        write(settings.corpus / "pages/seats.md", page(section(f"Race number {race}.")))
        with child("ingest", settings) as one, child("ingest", settings) as other:
            start(one)
            start(other)
            ends = [process.communicate()[0].partition(" ")[0] for process in (one, other)]

        assert sorted(ends) in (["SnapshotLockedError:", "live"], ["live", "live"])
        refused += "SnapshotLockedError:" in ends
        verify(settings.home / "snapshots" / str(SnapshotStore(settings.home).live_id()))

    print(f"\n{datetime.now(UTC):%Y-%m-%d}: N = {races} races of two ingests, {refused} refused, 0 damaged")
