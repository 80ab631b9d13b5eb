"""One writer at a time: the second is refused by the holder's name, and a dead holder holds nothing."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotLockedError
from knowledge.index import Index
from knowledge.verification import verify
from tests.knowledge.child import child
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import ingested, page, section, settings_for, write

PATIENCE = 10.0  # seconds; the rule is two, and this machine may be busy


def test_a_second_ingest_is_refused_naming_the_holder_while_it_still_runs(releases: Releases) -> None:
    with child("hold", releases.settings) as holder:
        start = time.monotonic()
        with pytest.raises(SnapshotLockedError, match=rf"Another ingest is running \(process {holder.pid}, since 20"):
            ingested(releases.settings)
        waited = time.monotonic() - start
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
        live = releases.store.checked(releases.new)

    assert live.id == releases.new


def test_the_lock_of_a_killed_holder_is_free(releases: Releases) -> None:
    with child("hold", releases.settings) as holder:
        holder.kill()
        holder.wait()

    report = ingested(releases.settings)

    assert report.snapshot == releases.new


def test_the_lock_is_free_after_an_ingest_that_failed(releases: Releases) -> None:
    class Broken(FakeEmbedder):
        fingerprint = "fake:broken"

        def embed_passages(self, texts: list[str]) -> None:  # type: ignore[override]
            raise ConnectionError

    with pytest.raises(ConnectionError):
        ingested(releases.settings, embedder=Broken())

    assert ingested(releases.settings).snapshot == releases.new


@pytest.mark.parametrize(
    "races", [1, pytest.param(50, marks=[pytest.mark.campaign, pytest.mark.timeout(3_600)])], ids=["once", "fifty times"]
)
def test_of_two_ingests_at_once_one_is_done_and_nothing_is_damaged(tmp_path_factory: pytest.TempPathFactory, races: int) -> None:
    settings = settings_for(tmp_path_factory.mktemp("races"))
    refused = 0

    for race in range(races):
        write(settings.corpus / "pages/seats.md", page(section(f"Race number {race}.")))
        with child("ingest", settings) as one, child("ingest", settings) as other:
            told = [process.communicate()[0] for process in (one, other)]
        done = [text for text in told if text.startswith("live ")]
        refused += len([text for text in told if text.startswith("SnapshotLockedError: Another ingest is running")])

        assert done
        assert len(done) + refused >= 2
        verify(settings.home / "snapshots" / done[0].split()[1])

    print(f"\nN = {races} races, {refused} refused, 0 damaged")


def test_verification_refuses_an_index_that_lacks_an_entry(releases: Releases) -> None:
    folder = releases.store.folder(releases.new)
    manifest = releases.store.checked(releases.new)
    entries = {audience: (*ids, "one.more") for audience, ids in manifest.entries.items()}
    write(folder / "manifest.json", manifest.model_copy(update={"entries": entries}).model_dump_json())

    with pytest.raises(Exception, match="the index holds 1 entries, the manifest 2"):
        verify(folder)


def test_verification_opens_a_private_copy(releases: Releases) -> None:
    folder = releases.store.folder(releases.new)

    verify(folder)

    assert releases.store.checked(releases.new)
    assert Index  # the import that a plain opening would need
