"""Each answer is given from one whole snapshot, on a private copy that is gone when nobody needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge.embedding import FakeEmbedder
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from tests.knowledge.child import child
from tests.knowledge.conftest import NEW_TEXT, OLD_TEXT, Releases
from tests.knowledge.factories import write


@pytest.fixture
def live(releases: Releases) -> Iterator[LiveSnapshot]:
    live = LiveSnapshot(releases.store, "customer")
    yield live
    live.close()


def copies(releases: Releases) -> list[Path]:
    return sorted(path for path in (releases.settings.home / "serving").iterdir() if path.is_dir())


def served(live: LiveSnapshot) -> str:
    with live.lease() as snapshot:
        return snapshot.id


def test_a_lease_lends_the_live_snapshot(live: LiveSnapshot, releases: Releases) -> None:
    assert served(live) == releases.new


def test_leases_share_one_private_copy(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as one, live.lease() as other:
        shared = one is other

    assert shared
    assert len(copies(releases)) == 1


def test_opening_changes_nothing_in_the_snapshot(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as snapshot:
        snapshot.index.vectors.nearest(FakeEmbedder().embed_query("foam"), 1)

    assert releases.store.checked(releases.new).id == releases.new


def test_a_private_copy_for_customers_has_no_sales_folder(live: LiveSnapshot, releases: Releases) -> None:
    served(live)

    (copy,) = copies(releases)
    assert sorted(path.name for path in copy.iterdir()) == ["customer", "release"]


def test_a_swap_is_followed_without_a_restart(live: LiveSnapshot, releases: Releases) -> None:
    before = served(live)
    releases.store.rollback()

    after = served(live)

    assert (before, after) == (releases.new, releases.old)


def test_a_lease_stays_whole_through_a_swap(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as snapshot:
        releases.store.rollback()
        meanwhile = served(live)
        found = snapshot.index.vectors.nearest(FakeEmbedder().embed_query(NEW_TEXT), 1)
        texts = [chunk.text for chunk in snapshot.index.chunks.values()]
        rules = (snapshot.release / "rules.yaml").read_text(encoding="utf-8")

    assert meanwhile == releases.old
    assert (len(found), texts, rules) == (1, [NEW_TEXT], "- price\n")


def test_the_old_copy_is_deleted_when_its_last_answer_is_done(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease(), live.lease():
        releases.store.rollback()
        served(live)
        during = len(copies(releases))

    assert (during, [path.name.partition("-")[0] for path in copies(releases)]) == (2, [releases.old])


def test_swaps_to_and_fro_during_an_answer_leave_no_copy_behind(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease():
        for turn in (releases.old, releases.new, releases.old):
            releases.store.swap(turn)
            served(live)
    live.close()

    assert copies(releases) == []


def test_two_copies_of_one_snapshot_are_kept_apart(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as first:
        releases.store.swap(releases.old)
        served(live)
        releases.store.swap(releases.new)
        with live.lease() as second:
            chunks = [len(snapshot.index.chunks) for snapshot in (first, second)]
            alive = [snapshot.index.vectors.nearest(FakeEmbedder().embed_query("foam"), 1) for snapshot in (first, second)]

    assert chunks == [1, 1]
    assert alive[0] == alive[1]


def test_closing_deletes_the_copy(live: LiveSnapshot, releases: Releases) -> None:
    served(live)

    live.close()

    assert list((releases.settings.home / "serving").iterdir()) == []


def test_closing_lets_an_answer_under_way_finish(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as snapshot:
        live.close()
        found = snapshot.index.vectors.nearest(FakeEmbedder().embed_query("foam"), 1)

    assert len(found) == 1
    assert copies(releases) == []


def test_every_answer_under_load_comes_from_one_whole_snapshot(live: LiveSnapshot, releases: Releases) -> None:
    searcher_texts: set[str] = set()
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set() or not asked:
            with live.lease() as snapshot:
                (found,) = snapshot.index.vectors.nearest(FakeEmbedder().embed_query("foam"), 1)
                text = snapshot.index.chunks[found[0]].text
                assert (text == NEW_TEXT) == (snapshot.id == releases.new)
            searcher_texts.add(text)
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(ask) for _ in range(4)]
        for turn in range(6):
            releases.store.swap((releases.old, releases.new)[turn % 2])
            served(live)
        done.set()
        counts = [future.result() for future in asking]

    assert min(counts) >= 1
    assert searcher_texts == {OLD_TEXT, NEW_TEXT}
    assert len(copies(releases)) == 1


def test_one_searcher_serves_several_threads_through_a_swap(live: LiveSnapshot, releases: Releases) -> None:
    searcher = Searcher(live, FakeEmbedder())

    with ThreadPoolExecutor(4) as threads:
        before = list(threads.map(lambda _: searcher.search("foam")[0].chunk.text, range(8)))
        releases.store.rollback()
        after = list(threads.map(lambda _: searcher.search("foam")[0].chunk.text, range(8)))

    assert (set(before), set(after)) == ({NEW_TEXT}, {OLD_TEXT})


def test_copies_of_a_process_that_died_are_removed(releases: Releases) -> None:
    with child("lease", releases.settings) as process:
        left = len(copies(releases))
        process.kill()
        process.wait()

    LiveSnapshot(releases.store, "customer")

    assert left == 1
    assert list((releases.settings.home / "serving").iterdir()) == []


def test_copies_of_a_process_that_lives_are_left_alone(releases: Releases) -> None:
    with child("lease", releases.settings):
        LiveSnapshot(releases.store, "customer")
        remaining = len(copies(releases))

    assert remaining == 1


def test_two_readers_in_one_process_do_not_remove_each_others_copies(live: LiveSnapshot, releases: Releases) -> None:
    with live.lease() as snapshot:
        other = LiveSnapshot(releases.store, "sales")
        served(other)
        found = snapshot.index.vectors.nearest(FakeEmbedder().embed_query("foam"), 1)
        number = len(copies(releases))
        other.close()

    assert (len(found), number) == (1, 2)


def test_a_problem_is_forgotten_when_a_whole_snapshot_serves(live: LiveSnapshot, releases: Releases) -> None:
    write(releases.store.folder(releases.new) / "release/rules.yaml", "changed")
    served(live)
    problem = live.problem
    releases.store.swap(releases.old)

    served(live)

    assert problem
    assert live.problem is None


def test_an_unreadable_pointer_does_not_stop_who_already_serves(live: LiveSnapshot, releases: Releases) -> None:
    served(live)
    write(releases.store.root / "live.json", "{")

    assert served(live) == releases.new


def test_an_open_snapshot_goes_on_serving_when_nothing_on_disk_can_be_opened(live: LiveSnapshot, releases: Releases) -> None:
    served(live)
    releases.store.swap(releases.old)
    for snapshot_id in (releases.old, releases.new):
        write(releases.store.folder(snapshot_id) / "release/rules.yaml", "changed")

    assert served(live) == releases.new
