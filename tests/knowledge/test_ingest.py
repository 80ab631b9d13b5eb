"""Ingest syncs folders into a snapshot, and tells what it did."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from knowledge import markdown
from knowledge.document import FrontMatter, Section
from knowledge.embedding import FakeEmbedder, Vectors
from knowledge.errors import ConfigurationError, SnapshotError
from knowledge.ingest import IngestReport, release_files
from knowledge.search import Searcher
from knowledge.serving import LiveSnapshot
from knowledge.settings import KnowledgeSettings
from knowledge.snapshots import SnapshotStore
from tests.knowledge.conftest import NEW_TEXT, OLD_TEXT, Releases
from tests.knowledge.factories import FEATURES, WEIGHTS, corpus, ingested, page, search, section, settings_for, write


class CountingEmbedder(FakeEmbedder):
    """Counts the passages it embedded."""

    def __init__(self) -> None:
        self.count = 0

    def embed_passages(self, texts: list[str]) -> Vectors:
        self.count += len(texts)
        return super().embed_passages(texts)


def summary(report: IngestReport) -> dict[str, list[str]]:
    return {name: getattr(report, name) for name in ("added", "changed", "removed", "unchanged")}


def built_texts(settings: KnowledgeSettings) -> dict[str, str]:
    """What the last ingest built: the candidate, or the live snapshot when none waits."""
    store = SnapshotStore(settings.home)
    waiting = store.candidate()
    built = waiting.id if waiting else str(store.live_id())
    return {document.key: document.sections[0].text for document in store.documents(built)}


def test_a_first_ingest_builds_the_corpus_and_makes_it_live(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)

    report = ingested(settings)

    assert summary(report) == {"added": ["seats.en"], "changed": [], "removed": [], "unchanged": []}
    assert (report.swapped, report.embedded, report.failed) == (True, 1, [])
    assert SnapshotStore(settings.home).live_id() == report.snapshot


def test_the_same_content_has_the_same_id_and_nothing_is_embedded_again(releases: Releases) -> None:
    embedder = CountingEmbedder()
    built = releases.store.checked(releases.new).created

    report = ingested(releases.settings, embedder=embedder)

    assert (report.snapshot, report.swapped, report.embedded, embedder.count) == (releases.new, False, 0, 0)
    assert summary(report) == {"added": [], "changed": [], "removed": [], "unchanged": ["seats.en"]}
    assert releases.store.checked(releases.new).created == built


def test_the_same_content_has_the_same_id_on_another_machine(releases: Releases, tmp_path: Path) -> None:
    elsewhere = settings_for(tmp_path / "elsewhere", {"other/name.md": page(section(NEW_TEXT))})

    report = ingested(elsewhere)

    assert report.snapshot == releases.new


def test_content_that_was_there_before_is_not_built_or_embedded_again(releases: Releases) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section(OLD_TEXT)))

    report = ingested(releases.settings)

    assert (report.snapshot, report.candidate, report.embedded) == (releases.old, True, 0)


def test_added_changed_removed_and_unchanged_pages_are_told_apart(tmp_path: Path) -> None:
    pages: dict[str, str | bytes] = {f"{name}.md": page(id=name) for name in ("stays", "goes", "changes")}
    settings = settings_for(tmp_path, pages)
    ingested(settings)
    (settings.corpus / "pages/goes.md").unlink()
    write(settings.corpus / "pages/changes.md", page(section("Another text."), id="changes"))
    write(settings.corpus / "pages/comes.md", page(section("A new text."), id="comes"))

    report = ingested(settings)

    assert summary(report) == {
        "added": ["comes.en"],
        "changed": ["changes.en"],
        "removed": ["goes.en"],
        "unchanged": ["stays.en"],
    }
    assert report.embedded == 2
    assert set(built_texts(settings)) == {"changes.en", "comes.en", "stays.en"}


def test_a_page_that_moves_is_unchanged(releases: Releases) -> None:
    (releases.settings.corpus / "pages/seats.md").rename(releases.settings.corpus / "pages/moved.md")

    report = ingested(releases.settings)

    assert (report.snapshot, report.unchanged) == (releases.new, ["seats.en"])


def test_a_page_that_fails_is_reported_and_the_rest_is_ingested(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {"good.md": page(), "empty.md": b"", "broken.md": "---\na: [\n---\n", "noise.md": b"\xff"})

    report = ingested(settings)

    assert report.added == ["seats.en"]
    assert sorted(failure.path for failure in report.failed) == ["broken.md", "empty.md", "noise.md"]


def test_a_page_that_fails_keeps_its_last_good_version(releases: Releases) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section(NEW_TEXT), status="broken"))
    write(releases.settings.corpus / "pages/more.md", page(section("More."), id="more"))

    report = ingested(releases.settings)

    assert [failure.path for failure in report.failed] == ["seats.md"]
    assert summary(report) == {"added": ["more.en"], "changed": [], "removed": [], "unchanged": ["seats.en"]}
    assert built_texts(releases.settings)["seats.en"] == NEW_TEXT


def test_a_mended_page_replaces_its_last_good_version(releases: Releases) -> None:
    path = releases.settings.corpus / "pages/seats.md"
    write(path, "broken")
    ingested(releases.settings)
    write(path, page(section("A mended text.")))

    report = ingested(releases.settings)

    assert (report.failed, report.changed) == ([], ["seats.en"])


def test_a_page_with_an_unusual_line_break_stops_nothing(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {"a.md": page(section("One line.\u2028Another."), id="a"), "b.md": page(id="b")})

    report = ingested(settings)

    assert report.added == ["a.en", "b.en"]


def test_a_named_folder_is_synced_beside_the_shipped_pages(releases: Releases, tmp_path: Path) -> None:
    write(tmp_path / "extra/news.md", page(section("News."), id="news"))

    report = ingested(releases.settings, tmp_path / "extra")

    assert summary(report) == {"added": ["news.en"], "changed": [], "removed": [], "unchanged": ["seats.en"]}


def test_pages_of_another_folder_stay_when_the_shipped_pages_are_synced(releases: Releases, tmp_path: Path) -> None:
    write(tmp_path / "extra/news.md", page(section("News."), id="news"))
    ingested(releases.settings, tmp_path / "extra")

    report = ingested(releases.settings)

    assert (report.removed, set(built_texts(releases.settings))) == ([], {"news.en", "seats.en"})


def test_a_page_of_another_folder_does_not_silently_replace_one_of_the_same_id(releases: Releases, tmp_path: Path) -> None:
    write(tmp_path / "extra/mine.md", page(section("Mine.")))

    report = ingested(releases.settings, tmp_path / "extra")

    assert [failure.path for failure in report.failed] == ["mine.md"]
    assert built_texts(releases.settings) == {"seats.en": NEW_TEXT}


def test_a_first_ingest_of_a_named_folder_brings_the_shipped_pages_too(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    write(tmp_path / "extra/news.md", page(section("News."), id="news"))

    report = ingested(settings, tmp_path / "extra")

    assert report.added == ["news.en", "seats.en"]


def test_a_path_that_is_not_there_is_reported_and_removes_nothing(releases: Releases, tmp_path: Path) -> None:
    report = ingested(releases.settings, tmp_path / "gone")

    assert "no such file or folder" in report.failed[0].reason
    assert (report.removed, report.snapshot) == ([], releases.new)


def test_a_corpus_without_a_usable_page_is_refused_with_the_reasons(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {"empty.md": b""})

    with pytest.raises(SnapshotError, match=r"Nothing to ingest: empty\.md:1: the file is empty"):
        ingested(settings)

    assert SnapshotStore(settings.home).live_id() is None


def test_a_corpus_of_sales_pages_only_gives_customers_an_empty_index(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {"secret.md": page(audience="sales")})

    ingested(settings)

    assert search(settings) == []
    assert len(search(settings, audience="sales")) == 1


def test_another_embedder_leads_to_another_snapshot(releases: Releases) -> None:
    class OtherEmbedder(CountingEmbedder):
        fingerprint = "other:embedder"

    embedder = OtherEmbedder()

    report = ingested(releases.settings, embedder=embedder)

    assert report.snapshot != releases.new
    assert embedder.count == 1
    assert releases.store.checked(report.snapshot).recipe.embedder == "other:embedder"


def test_every_file_of_the_corpus_but_pages_and_vectors_is_part_of_the_release(tmp_path: Path) -> None:
    folder = corpus(tmp_path / "corpus")
    for name in ("vectors.npz", ".hidden", "catalogue/.DS_Store", "catalogue/fr.yaml", "overlays/de/phrases.yaml"):
        write(folder / name, "x")

    names = set(release_files(folder))

    assert names == {
        "catalogue/fr.yaml", "overlays/de/phrases.yaml", "retrieval.yaml", "rules.yaml",
        "lexicon/features.yaml", "lexicon/intents.yaml", "lexicon/turns.yaml", "lexicon/vehicles.yaml",
    }  # fmt: skip


def test_a_changed_release_file_leads_to_another_snapshot_without_embedding(releases: Releases) -> None:
    write(releases.settings.corpus / "rules.yaml", "- another rule\n")

    report = ingested(releases.settings)

    assert (report.snapshot != releases.new, report.candidate, report.embedded) == (True, True, 0)
    assert (releases.store.folder(report.snapshot) / "release/rules.yaml").read_text() == "- another rule\n"


def test_lexicon_and_weights_are_read_from_the_snapshot_and_not_from_the_corpus(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, {"a.md": page(features=["night-lamp"])})
    write(settings.corpus / "lexicon/features.yaml", FEATURES + "- {id: night-lamp, words: {en: [zebra light]}}\n")
    ingested(settings)
    before = search(settings, "zebra light")
    write(settings.corpus / "lexicon/features.yaml", FEATURES)
    write(settings.corpus / "retrieval.yaml", WEIGHTS.replace("1.0", "9.0"))

    after = search(settings, "zebra light")

    assert before[0].evidence.feature == 1.0
    assert after == before


def test_a_release_file_that_changes_during_an_ingest_is_not_taken_for_what_it_was(releases: Releases) -> None:
    class MeddlingEmbedder(FakeEmbedder):
        def embed_passages(self, texts: list[str]) -> Vectors:
            write(releases.settings.corpus / "rules.yaml", "- meddled\n")
            return super().embed_passages(texts)

    write(releases.settings.corpus / "pages/seats.md", page(section("A new text.")))

    with suppress(SnapshotError):  # refusing is as good as rereading
        ingested(releases.settings, embedder=MeddlingEmbedder())

    live = releases.store.checked(str(releases.store.live_id()))
    assert live.recipe.release == {name: live.files[f"release/{name}"] for name in live.recipe.release}


def test_a_wrong_lexicon_stops_an_ingest_and_leaves_the_live_one(releases: Releases) -> None:
    write(releases.settings.corpus / "lexicon/features.yaml", "- {id: x}")

    with pytest.raises(ConfigurationError, match="lexicon"):
        ingested(releases.settings)

    assert releases.store.live_id() == releases.new


def test_old_snapshots_are_pruned_by_the_setting(releases: Releases) -> None:
    settings = releases.settings.model_copy(update={"keep_snapshots": 2})
    write(settings.corpus / "rules.yaml", "- third\n")

    third = ingested(settings).snapshot  # a candidate: it stays beside the live one and the one before

    assert [manifest.id for manifest in releases.store.manifests()] == [third, releases.new, releases.old]


@pytest.mark.parametrize("text", ["{", "[]", "null", ""])
def test_an_unreadable_pointer_is_written_again_by_an_ingest(releases: Releases, text: str) -> None:
    write(releases.store.root / "live.json", text)

    report = ingested(releases.settings)

    assert releases.store.live_id() == report.snapshot == releases.new


def test_a_damaged_snapshot_is_built_again_by_an_ingest(releases: Releases) -> None:
    write(releases.store.folder(releases.new) / "customer/chunks.jsonl", "{")

    report = ingested(releases.settings)

    assert report.snapshot == releases.new
    assert releases.store.checked(releases.new).id == releases.new


def test_a_running_reader_follows_a_snapshot_that_was_built_again(releases: Releases) -> None:
    write(releases.store.folder(releases.new) / "customer/chunks.jsonl", "{")
    live = LiveSnapshot(releases.store, "customer")
    searcher = Searcher(live, FakeEmbedder())
    meanwhile = searcher.search("foam")[0].chunk.text

    ingested(releases.settings)
    afterwards = searcher.search("foam")[0].chunk.text
    live.close()

    assert (meanwhile, afterwards) == (OLD_TEXT, NEW_TEXT)


def test_progress_is_told_while_passages_are_embedded(tmp_path: Path) -> None:
    from knowledge.ingest import ingest

    settings = settings_for(tmp_path, {f"{number}.md": page(section(f"Text {number}."), id=f"p{number}") for number in range(20)})
    ticks: list[tuple[int, int]] = []

    ingest(settings, FakeEmbedder(), progress=lambda *tick: ticks.append(tick))

    assert ticks == [(16, 20), (20, 20)]


def test_the_manifest_tells_entries_documents_and_files(releases: Releases) -> None:
    manifest = json.loads((releases.store.folder(releases.new) / "manifest.json").read_text())

    assert manifest["entries"] == {"customer": ["seats.en.what"], "sales": ["seats.en.what"]}
    assert list(manifest["recipe"]["documents"]) == ["seats.en"]
    assert {"documents.jsonl", "release/rules.yaml", "customer/chunks.jsonl", "sales/chunks.jsonl"} <= manifest["files"].keys()


def test_a_changed_corpus_becomes_a_candidate_and_what_is_live_stays(releases: Releases) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section("A third foam.")))

    report = ingested(releases.settings)

    waiting = releases.store.candidate()
    assert (report.swapped, report.candidate, releases.store.live_id()) == (False, True, releases.new)
    assert waiting is not None
    assert (waiting.id, waiting.refused) == (report.snapshot, False)


def test_two_ingests_before_a_release_make_one_candidate_of_both(releases: Releases, tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name / "page.md", page(section(f"Text {name}."), id=name))
        ingested(releases.settings, tmp_path / name)

    assert set(built_texts(releases.settings)) == {"seats.en", "one.en", "two.en"}


def test_an_ingest_after_a_refusal_starts_from_what_is_live(releases: Releases, tmp_path: Path) -> None:
    write(tmp_path / "bad/page.md", page(section("Bad."), id="bad"))
    refused = ingested(releases.settings, tmp_path / "bad").snapshot
    releases.store.propose(refused, refused=True)
    write(tmp_path / "good/page.md", page(section("Good."), id="good"))

    ingested(releases.settings, tmp_path / "good")

    assert set(built_texts(releases.settings)) == {"seats.en", "good.en"}


def test_going_back_to_what_is_live_withdraws_the_candidate(releases: Releases) -> None:
    before = (releases.settings.corpus / "pages/seats.md").read_text(encoding="utf-8")
    write(releases.settings.corpus / "pages/seats.md", page(section("A third foam.")))
    ingested(releases.settings)
    write(releases.settings.corpus / "pages/seats.md", before)

    report = ingested(releases.settings)

    assert (report.candidate, releases.store.candidate()) == (False, None)


def test_an_unreadable_pointer_does_not_let_a_candidate_go_live(releases: Releases) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section("A third foam.")))
    ingested(releases.settings)
    write(releases.store.root / "live.json", "{")

    report = ingested(releases.settings)

    assert (report.candidate, releases.store.live_id()) == (True, releases.new)


def test_a_page_that_is_not_read_again_is_held_to_a_lexicon_that_changed(releases: Releases) -> None:
    write(releases.settings.corpus / "pages/seats.md", page(section(NEW_TEXT), features=["seats"]))
    write(releases.settings.corpus / "lexicon/features.yaml", '- {id: seats, words: {en: ["seats"]}}')
    assert ingested(releases.settings).failed == []
    write(releases.settings.corpus / "lexicon/features.yaml", FEATURES)

    failed = ingested(releases.settings).failed

    assert [str(failure) for failure in failed] != []
    assert "the feature 'seats' is not known" in str(failed[0])


def test_pages_that_have_not_changed_are_not_read_again(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    sections = markdown._sections

    def noted(body: str, body_line: int, front: FrontMatter, shown: str) -> list[Section]:
        read.append(shown)
        return sections(body, body_line, front, shown)

    monkeypatch.setattr(markdown, "_sections", noted)
    write(releases.settings.corpus / "pages/springs.md", page(section("Steel."), id="springs"))

    report = ingested(releases.settings)

    assert (report.added, report.unchanged) == (["springs.en"], ["seats.en"])
    assert read == ["springs.md"]
