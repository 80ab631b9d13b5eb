"""A built snapshot is opened elsewhere and must be found whole before it can serve."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import FakeEmbedder, Vectors
from knowledge.errors import SnapshotError
from knowledge.verification import verify
from tests.knowledge.conftest import Releases
from tests.knowledge.factories import ingested, page, search, section, write


def change_manifest(releases: Releases, **changes: object) -> Path:
    manifest = releases.store.checked(releases.new)
    folder = releases.store.folder(releases.new)
    write(folder / "manifest.json", manifest.model_copy(update=changes).model_dump_json())
    return folder


def test_a_sound_snapshot_passes_and_stays_as_it_is(releases: Releases) -> None:
    verify(releases.store.folder(releases.new))

    assert releases.store.checked(releases.new).id == releases.new


def test_an_index_that_lacks_an_entry_is_refused(releases: Releases) -> None:
    folder = change_manifest(releases, entries={"customer": ("seats.en.what", "gone.en.what")})

    with pytest.raises(SnapshotError, match="customer: the index holds 1 entries, the manifest 2"):
        verify(folder)


def test_an_index_with_a_chunk_too_many_is_refused(releases: Releases) -> None:
    folder = change_manifest(releases, files={})
    chunks = folder / "customer/chunks.jsonl"
    write(chunks, chunks.read_text() + chunks.read_text().replace("seats.en.what", "more.en.what"))

    with pytest.raises(SnapshotError, match="customer: the index holds"):
        verify(folder)


def test_the_child_process_tells_the_reason_in_its_last_line(releases: Releases) -> None:
    folder = releases.store.folder(releases.new)
    write(folder / "release/rules.yaml", "changed")

    child = subprocess.run([sys.executable, "-m", "knowledge.verification", folder], capture_output=True, text=True, check=False)

    assert child.returncode != 0
    assert "release/rules.yaml has changed" in child.stderr.strip().splitlines()[-1]


class ConstantEmbedder(FakeEmbedder):
    """Gives every passage the same value throughout."""

    def __init__(self, value: float) -> None:
        self.fingerprint = f"fake:constant-{value}"
        self._value = value

    def embed_passages(self, texts: list[str]) -> Vectors:
        return np.full((len(texts), self.dimensions), self._value, dtype=np.float32)


@pytest.mark.parametrize(
    ("value", "reason"), [(0.0, "vectors asked find themselves"), (float("nan"), None)], ids=["nothing", "not a number"]
)
def test_a_build_of_useless_vectors_is_discarded_and_the_live_one_stays(
    releases: Releases, value: float, reason: str | None
) -> None:
    sections = [section(f"Passage {number}.", name=f"s{number}") for number in range(40)]
    write(releases.settings.corpus / "pages/seats.md", page(*sections))

    with pytest.raises(SnapshotError, match=reason):
        ingested(releases.settings, embedder=ConstantEmbedder(value))

    assert sorted(path.parent.name for path in releases.store.root.glob("*/manifest.json")) == sorted(
        [releases.old, releases.new]
    )
    assert releases.store.live_id() == releases.new
    assert search(releases.settings)


def test_a_release_whose_weights_can_not_be_read_is_never_made_live(releases: Releases) -> None:
    write(releases.settings.corpus / "retrieval.yaml", "dense: much")

    with pytest.raises(Exception, match=r"retrieval\.yaml"):
        ingested(releases.settings)

    assert releases.store.live_id() == releases.new
