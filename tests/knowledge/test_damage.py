"""A damaged snapshot is refused at opening and named; the one before it serves."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.errors import SnapshotError
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from tests.knowledge.conftest import OLD_TEXT, Releases
from tests.knowledge.factories import write


def noise(path: Path) -> None:
    content = bytearray(path.read_bytes())
    at = len(content) // 3
    content[at : at + 4096] = random.Random(7).randbytes(min(4096, len(content) - at))  # noqa: S311  noise, no secret
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def missing(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def garbage(path: Path) -> None:
    path.write_text("{not json", encoding="utf-8")


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


DAMAGES: list[tuple[str, Callable[[Path], None]]] = [
    ("customer/vectors/chroma.sqlite3", noise),
    ("customer/vectors/chroma.sqlite3", truncated),
    ("customer/vectors/chroma.sqlite3", emptied),
    ("customer/vectors/chroma.sqlite3", missing),
    ("customer/vectors/*/data_level0.bin", noise),
    ("customer/vectors/*/data_level0.bin", missing),
    ("customer/vectors/*/header.bin", flipped),
    ("customer/vectors/*-*", missing),
    ("customer/chunks.jsonl", missing),
    ("customer/chunks.jsonl", flipped),
    ("customer/questions.json", missing),
    ("customer/words/en", missing),
    ("customer/words/en/vocab.index.json", garbage),
    ("customer", missing),
    ("sales/chunks.jsonl", missing),
    ("release/rules.yaml", flipped),
    ("release/lexicon/features.yaml", missing),
    ("documents.jsonl", truncated),
    ("manifest.json", missing),
    ("manifest.json", garbage),
    ("manifest.json", truncated),
    ("manifest.json", emptied),
    (".", missing),
]


@pytest.fixture(params=DAMAGES, ids=[f"{name} {damage.__name__}" for name, damage in DAMAGES])
def damaged(request: pytest.FixtureRequest, releases: Releases) -> Releases:
    pattern, damage = request.param
    folder = releases.store.folder(releases.new)
    for path in [folder] if pattern == "." else list(folder.glob(pattern)):
        damage(path)
    return releases


def test_a_damaged_snapshot_is_refused_by_name(damaged: Releases) -> None:
    with pytest.raises(SnapshotError, match=damaged.new):
        damaged.store.checked(damaged.new)


def test_the_snapshot_before_a_damaged_one_serves_and_the_problem_is_named(damaged: Releases) -> None:
    live = LiveSnapshot(damaged.store, "customer")

    found = Searcher(live, FakeEmbedder()).search("foam")
    problem = live.problem
    live.close()

    assert found[0].chunk.text == OLD_TEXT
    assert damaged.new in (problem or "")


def test_a_damaged_snapshot_is_not_made_live_again(releases: Releases) -> None:
    write(releases.store.folder(releases.old) / "customer/chunks.jsonl", "")

    with pytest.raises(SnapshotError, match=r"customer/chunks\.jsonl has changed since it was built"):
        releases.store.rollback()

    assert releases.store.live_id() == releases.new


def test_a_missing_file_is_named(releases: Releases) -> None:
    missing(releases.store.folder(releases.new) / "release/rules.yaml")

    with pytest.raises(SnapshotError, match=r"release/rules\.yaml is missing"):
        releases.store.checked(releases.new)


def test_when_every_snapshot_is_damaged_the_error_tells_the_cure(releases: Releases) -> None:
    for snapshot_id in (releases.old, releases.new):
        emptied(releases.store.folder(snapshot_id) / "release/rules.yaml")
    live = LiveSnapshot(releases.store, "customer")

    with pytest.raises(SnapshotError, match=r"No snapshot can be opened.*Run 'brand-assistant ingest'"), live.lease():
        pass


def test_a_sound_snapshot_has_no_problem(releases: Releases) -> None:
    live = LiveSnapshot(releases.store, "customer")

    with live.lease() as snapshot:
        served = snapshot.id
    live.close()

    assert (served, live.problem) == (releases.new, None)


def test_a_snapshot_that_is_damaged_while_it_is_open_goes_on_serving(releases: Releases) -> None:
    live = LiveSnapshot(releases.store, "customer")
    searcher = Searcher(live, FakeEmbedder())
    before = searcher.search("foam")

    missing(releases.store.folder(releases.new))
    after = searcher.search("foam")
    live.close()

    assert after == before
