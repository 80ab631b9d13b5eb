"""Snapshots: one pointer swapped in one step, rollback, pruning, and whatever a crash leaves behind."""

from __future__ import annotations

import threading

import pytest

from knowledge.errors import SnapshotError
from knowledge.snapshots import SnapshotStore
from tests.knowledge.factories import bare_snapshot, write


def released(store: SnapshotStore, *names: str) -> list[str]:
    """Snapshots made live one after the other, the last one newest."""
    ids = [bare_snapshot(store, name, age=len(names) - position) for position, name in enumerate(names)]
    for snapshot_id in ids:
        store.swap(snapshot_id)
    return ids


def test_nothing_is_live_in_an_empty_home(store: SnapshotStore) -> None:
    assert (store.live_id(), store.history(), store.manifests()) == (None, [], [])


def test_a_swap_makes_a_snapshot_live_and_remembers_the_ones_before(store: SnapshotStore) -> None:
    one, two, three = released(store, "one", "two", "three")

    assert store.live_id() == three
    assert store.history() == [three, two, one]


def test_a_snapshot_that_is_not_whole_is_not_made_live(store: SnapshotStore) -> None:
    (one,) = released(store, "one")

    with pytest.raises(SnapshotError, match="no usable manifest"):
        store.swap("never-built")

    assert store.live_id() == one


def test_a_rollback_makes_the_previous_snapshot_live(store: SnapshotStore) -> None:
    _, two, _ = released(store, "one", "two", "three")

    assert store.rollback() == two
    assert store.live_id() == two


def test_a_second_rollback_comes_back(store: SnapshotStore) -> None:
    _, two = released(store, "one", "two")

    store.rollback()
    store.rollback()

    assert store.live_id() == two


def test_a_rollback_can_name_its_snapshot(store: SnapshotStore) -> None:
    one, *_ = released(store, "one", "two", "three")

    store.rollback(one)

    assert store.live_id() == one


def test_a_rollback_without_an_earlier_snapshot_says_so(store: SnapshotStore) -> None:
    released(store, "one")

    with pytest.raises(SnapshotError, match="no earlier snapshot to go back to"):
        store.rollback()


def test_a_rollback_to_an_unknown_snapshot_names_it_and_changes_nothing(store: SnapshotStore) -> None:
    _, two = released(store, "one", "two")

    with pytest.raises(SnapshotError, match="0123456789abcdef"):
        store.rollback("0123456789abcdef")

    assert store.live_id() == two


def test_manifests_are_told_newest_first(store: SnapshotStore) -> None:
    ids = [bare_snapshot(store, name, age=age) for name, age in (("old", 9), ("new", 1), ("middle", 5))]

    assert [manifest.id for manifest in store.manifests()] == [ids[1], ids[2], ids[0]]


def test_a_build_under_way_is_no_snapshot(store: SnapshotStore) -> None:
    (one,) = released(store, "one")
    building = store.root / ".building-1"
    store.folder(bare_snapshot(store, "two")).rename(building)

    assert [manifest.id for manifest in store.manifests()] == [one]


def test_pruning_deletes_the_oldest(store: SnapshotStore) -> None:
    one, two, three, four = released(store, "one", "two", "three", "four")

    deleted = store.prune(2)

    assert sorted(deleted) == sorted([one, two])
    assert [store.folder(known).exists() for known in (one, two, three, four)] == [False, False, True, True]


def test_pruning_keeps_the_live_one_however_old(store: SnapshotStore) -> None:
    one, *_ = released(store, "one", "two", "three", "four")
    store.rollback(one)

    store.prune(2)

    assert store.checked(one).id == one


def test_pruning_keeps_the_one_that_a_rollback_would_go_to(store: SnapshotStore) -> None:
    one, *_ = released(store, "one", "two", "three")
    store.rollback(one)
    store.swap(bare_snapshot(store, "four"))

    store.prune(2)

    assert store.rollback() == one


def test_pruning_forgets_nothing_when_there_is_room(store: SnapshotStore) -> None:
    released(store, "one", "two")

    assert store.prune(5) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', '{"live": "a"}', b"\xff\xfe"])
def test_an_unreadable_pointer_is_an_error_that_tells_the_cure(store: SnapshotStore, text: str | bytes) -> None:
    write(store.root / "live.json", text)

    with pytest.raises(SnapshotError, match=r"live.json can't be read .*Run 'brand-assistant ingest'"):
        store.history()


def test_readers_see_one_pointer_or_the_other_while_it_is_swapped(store: SnapshotStore) -> None:
    ids = released(store, "one", "two")
    seen: set[str | None] = set()
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.add(store.live_id())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(30):
        store.swap(ids[turn % 2])
    done.set()
    reader.join()

    assert seen <= set(ids)
    assert seen


@pytest.mark.parametrize("leftover", [".building-0a1b/customer/chunks.jsonl", ".live.json.0a1b", ".writer.json.0a1b"])
def test_what_a_killed_writer_left_is_removed_by_the_next(store: SnapshotStore, leftover: str) -> None:
    write(store.root / leftover, "half")

    with store.writing():
        remaining = [path.name for path in store.root.iterdir() if path.name.startswith((".building", ".live", ".writer"))]

    assert remaining == []


def test_a_damaged_snapshot_does_not_hide_the_others(store: SnapshotStore) -> None:
    one, two = released(store, "one", "two")
    write(store.folder(two) / "manifest.json", "{")

    assert [manifest.id for manifest in store.manifests()] == [one]
