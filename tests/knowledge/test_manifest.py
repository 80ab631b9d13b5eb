"""The manifest names what a snapshot was made of, and notices every file that is not as it was built."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import SnapshotError
from knowledge.manifest import MANIFEST, SCHEMA, Manifest, Recipe, hash_tree
from knowledge.snapshots import SnapshotStore
from tests.knowledge.factories import bare_snapshot, write

RECIPE = Recipe(embedder="e", documents={"a.en": "1", "b.en": "2"}, release={"rules.yaml": "3"})


def test_the_same_recipe_has_the_same_id_in_any_order() -> None:
    other = Recipe(embedder="e", documents={"b.en": "2", "a.en": "1"}, release={"rules.yaml": "3"})

    assert other.id == RECIPE.id


@pytest.mark.parametrize(
    "change",
    [{"embedder": "f"}, {"documents": {"a.en": "1"}}, {"release": {"rules.yaml": "4"}}, {"schema_version": 99}],
    ids=["embedder", "documents", "release", "schema"],
)
def test_every_part_of_the_recipe_changes_the_id(change: dict[str, object]) -> None:
    assert RECIPE.model_copy(update=change).id != RECIPE.id


def test_files_are_hashed_by_their_path_with_forward_slashes(tmp_path: Path) -> None:
    write(tmp_path / "a" / "b.txt", "hello")

    hashes = hash_tree(tmp_path)

    assert hashes == {"a/b.txt": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"}


def test_a_manifest_of_another_schema_is_refused_with_both_numbers(store: SnapshotStore) -> None:
    folder = store.folder(bare_snapshot(store, "a"))
    text = (folder / MANIFEST).read_text().replace(f'"schema_version":{SCHEMA}', '"schema_version":99')
    write(folder / MANIFEST, text)

    with pytest.raises(SnapshotError, match=f"has schema 99, this version reads {SCHEMA}"):
        Manifest.read(folder)


def test_a_manifest_whose_recipe_was_changed_is_refused(store: SnapshotStore) -> None:
    folder = store.folder(bare_snapshot(store, "a"))
    write(folder / MANIFEST, (folder / MANIFEST).read_text().replace('"embedder":"none"', '"embedder":"some"'))

    with pytest.raises(SnapshotError, match="does not match its own manifest"):
        Manifest.read(folder)
