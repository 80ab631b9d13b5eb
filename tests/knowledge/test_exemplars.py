"""Example questions by label: read from the corpus, embedded once, kept with the release."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import BrandAssistantError, SnapshotError
from knowledge.exemplars import STORED, Exemplars, exemplar_texts, write_exemplars
from knowledge.shipping import passages
from knowledge.snapshots import SnapshotStore
from tests.knowledge.factories import corpus, ingested, settings_for, write

TEXTS = {"price": ["How much does it cost?", "Any discount?"], "greeting": ["Good morning"]}
SOURCE = "price: ['How much does it cost?', 'Any discount?']\ngreeting: [Good morning]\n"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A folder with exemplars and their vectors."""
    write(tmp_path / "exemplars.yaml", SOURCE)
    write_exemplars(tmp_path, TEXTS, FakeEmbedder().embed_passages([text for rows in TEXTS.values() for text in rows]))
    return tmp_path


def test_texts_are_read_by_label(release: Path) -> None:
    assert exemplar_texts(release) == TEXTS


def test_a_corpus_without_exemplars_has_none(tmp_path: Path) -> None:
    assert exemplar_texts(tmp_path) == {}


@pytest.mark.parametrize(
    "content", ["- a", "price: cheap", "price: [", b"\xff\xfe"], ids=["a list", "a text", "broken YAML", "not UTF-8"]
)
def test_wrong_exemplars_are_refused_with_their_file(content: str | bytes, tmp_path: Path) -> None:
    write(tmp_path / "exemplars.yaml", content)

    with pytest.raises(BrandAssistantError, match=r"exemplars\.yaml"):
        exemplar_texts(tmp_path)


def test_each_label_is_as_near_as_its_nearest_exemplar(release: Path) -> None:
    near = Exemplars.read(release, more={}).nearest(FakeEmbedder().embed_query("Any discount?"))

    assert near["price"] == pytest.approx(1.0)
    assert near["greeting"] < 1.0


def test_more_vectors_can_join_with_their_labels(release: Path) -> None:
    own = FakeEmbedder().embed_passages(["Which seats are soft?"])

    near = Exemplars.read(release, more={"knowledge": own}).nearest(own[0])

    assert near["knowledge"] == pytest.approx(1.0)
    assert set(near) == {"price", "greeting", "knowledge"}


@pytest.mark.parametrize("content", [b"noise" * 100, b"", None], ids=["noise", "empty", "truncated"])
def test_unreadable_vectors_are_a_snapshot_error(release: Path, content: bytes | None) -> None:
    stored = release / STORED
    write(stored, stored.read_bytes()[:-40] if content is None else content)

    with pytest.raises(SnapshotError, match="can't be read"):
        Exemplars.read(release, more={})


def test_an_ingest_keeps_the_vectors_with_the_release(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    write(settings.corpus / "exemplars.yaml", SOURCE)

    report = ingested(settings)

    folder = SnapshotStore(settings.home).folder(report.snapshot) / "release"
    kept = Exemplars.read(folder, more={})
    assert kept.labels == ("price", "price", "greeting")
    assert np.allclose(kept.vectors[2], FakeEmbedder().embed_query("Good morning"))


def test_the_vectors_of_exemplars_ship_with_the_corpus(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    write(folder / "exemplars.yaml", SOURCE)

    assert {"Any discount?", "Good morning"} <= set(passages(folder))
