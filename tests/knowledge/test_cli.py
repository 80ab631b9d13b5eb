"""The commands of the knowledge: results on stdout, the rest on stderr, and a status that tells how it ended."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

import knowledge.cli
from knowledge.errors import BrandAssistantError, SnapshotError
from knowledge.snapshots import SnapshotStore
from tests.knowledge.conftest import Releases
from tests.knowledge.embedding_server import EmbeddingServer, good
from tests.knowledge.factories import corpus, page, section, write

PAGES: dict[str, str | bytes] = {
    "seats.md": page(section("The foam of the seats is thick.")),
    "seats.fr.md": page(section("La mousse des sièges est épaisse."), title="Sièges confortables", language="fr"),
    "france.md": page(section("The foam is French."), id="french-seats", markets=["FR"]),
    "secret.md": page(section("Never speak of the foam.", role="never-say"), id="secret", audience="sales"),
}


def run(*arguments: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    knowledge.cli.add_to(app)
    return CliRunner().invoke(app, list(arguments))


def program(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "ui", *arguments], capture_output=True, text=True, check=False)


def use(monkeypatch: pytest.MonkeyPatch, home: Path, folder: Path) -> None:
    monkeypatch.setenv("BRAND_ASSISTANT_HOME", str(home))
    monkeypatch.setenv("BRAND_ASSISTANT_CORPUS", str(folder))


@pytest.fixture(scope="module")
def _ingested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("cli")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, folder / "home", corpus(folder / "corpus", PAGES))
        result = run("ingest", "--json")
    assert result.exit_code == 0, result.output
    return folder / "home", folder / "corpus"


@pytest.fixture
def home(_ingested: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home in which the pages above were ingested with the bundled embedder; for reading."""
    use(monkeypatch, *_ingested)
    return _ingested[0]


@pytest.fixture
def released(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> Releases:
    """Two releases of the fake embedder, as the settings of this process."""
    use(monkeypatch, releases.settings.home, releases.settings.corpus)
    return releases


def search(*arguments: str) -> list[dict[str, Any]]:
    return json.loads(run("search", *arguments, "--json").stdout)


# ingest


def test_ingest_with_a_bad_file_ends_with_status_one_after_ingesting_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, tmp_path / "home", corpus(tmp_path / "corpus", {"good.md": page(), "en/bad.md": page(colour="red")}))

    ended = program("ingest", "--json")

    report = json.loads(ended.stdout)
    (failure,) = report["failed"]
    assert (ended.returncode, report["added"]) == (1, ["seats.en"])
    assert list(failure) == ["file", "line", "field", "reason", "cure"]
    assert (failure["file"], failure["field"], failure["reason"]) == ("en/bad.md", "colour", "the key is not known")
    assert page(colour="red").split("\n")[failure["line"] - 1] == "colour: red"
    assert "Traceback" not in ended.stderr


def test_ingest_without_a_bad_file_ends_with_status_nought_and_tells_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path / "home", corpus(tmp_path / "corpus"))

    ended = program("ingest", "--json")

    report = json.loads(ended.stdout)
    assert ended.returncode == 0
    keys = ["snapshot", "swapped", "candidate", "added", "changed", "removed", "unchanged", "failed", "embedded", "seconds"]
    assert list(report)[: len(keys)] == keys
    assert (report["swapped"], report["added"], report["embedded"]) == (True, ["seats.en"], 1)


def test_ingest_in_words_names_the_snapshot_and_the_failures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path / "home", corpus(tmp_path / "corpus", {"good.md": page(), "bad.md": b""}))

    result = run("ingest")

    assert result.exit_code == 1
    assert "bad.md:1: the file is empty. Write the page, or remove the file." in result.stdout
    assert f"Snapshot {SnapshotStore(tmp_path / 'home').live_id()} is live" in result.stdout


@pytest.mark.usefixtures("home")
def test_ingest_again_says_that_nothing_was_embedded() -> None:
    report = json.loads(run("ingest", "--json").stdout)

    assert (report["swapped"], report["embedded"], len(report["unchanged"])) == (False, 0, 4)


@pytest.mark.usefixtures("home")
def test_ingest_of_an_unknown_path_names_it_and_ends_with_status_one() -> None:
    result = run("ingest", "no/such/folder", "--json")

    (failure,) = json.loads(result.stdout)["failed"]
    assert result.exit_code == 1
    assert failure["file"].endswith("no/such/folder")
    assert (failure["reason"], failure["cure"]) == ("there is no such file or folder", "Check the path.")


def test_ingest_can_use_an_endpoint_for_its_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, tmp_path / "home", corpus(tmp_path / "corpus"))
    monkeypatch.setenv("BRAND_ASSISTANT_EMBEDDER", "openai")
    monkeypatch.setenv("OPENAI_API_KEY", "any")

    with EmbeddingServer(good).running() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.address)
        ingest = run("ingest", "--json")
        rows = search("foam of the seats")

    assert ingest.exit_code == 0
    assert [row["chunk_id"] for row in rows] == ["seats.en.what"]


# search


@pytest.mark.usefixtures("home")
def test_search_tells_a_row_for_each_passage() -> None:
    rows = search("foam of the seats", "--language", "en", "--market", "GB")

    assert list(rows[0]) == ["rank", "score", "document_id", "chunk_id", "title", "section", "language", "audience", "text"]
    assert rows[0] | {"score": 0} == {
        "rank": 1, "score": 0, "document_id": "seats", "chunk_id": "seats.en.what", "title": "Comfortable seats",
        "section": "About the seats", "language": "en", "audience": "customer", "text": "The foam of the seats is thick.",
    }  # fmt: skip


@pytest.mark.usefixtures("home")
def test_search_in_words_shows_title_and_text() -> None:
    result = run("search", "foam of the seats", "--language", "en")

    assert "Comfortable seats — About the seats  [seats.en.what]" in result.stdout
    assert "The foam of the seats is thick." in result.stdout


@pytest.mark.usefixtures("home")
def test_search_returns_no_more_rows_than_asked_for() -> None:
    assert len(search("foam", "--k", "1")) == 1


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("audience", "found"), [("customer", False), ("sales", True)])
def test_search_keeps_sales_passages_from_customers(audience: str, found: bool) -> None:
    rows = search("Never speak of the foam", "--audience", audience)

    assert ("secret" in [row["document_id"] for row in rows]) is found


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("market", "found"), [("FR", True), ("GB", False)])
def test_search_keeps_to_a_market(market: str, found: bool) -> None:
    rows = search("The foam is French", "--market", market)

    assert ("french-seats" in [row["document_id"] for row in rows]) is found


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_search_prefers_a_language(language: str) -> None:
    rows = search("foam of the seats", "--language", language)

    assert {row["language"] for row in rows if row["document_id"] == "seats"} == {language}


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("arguments", [("--audience", "everybody"), ("--k", "0"), ("--k", "1000")])
def test_search_refuses_what_it_does_not_know(arguments: tuple[str, str]) -> None:
    assert run("search", "foam", *arguments).exit_code == 2


def test_search_before_the_first_ingest_tells_what_to_do_in_one_line() -> None:
    ended = program("search", "foam")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "brand-assistant: There is no snapshot yet. Run 'brand-assistant ingest' to build the first one.\n"


@pytest.mark.usefixtures("released")
def test_search_with_another_embedder_than_the_snapshots_is_refused() -> None:
    result = run("search", "foam")

    assert isinstance(result.exception, SnapshotError)
    assert "was built with fake:hashed-words-1" in str(result.exception)


# index


def test_status_tells_what_is_live(released: Releases) -> None:
    status = json.loads(run("index", "status", "--json").stdout)

    assert (status["id"], status["live"], status["whole"]) == (released.new, True, True)
    assert (status["documents"], status["entries"]) == (1, {"customer": 1, "sales": 1})
    assert status["embedder"] == "fake:hashed-words-1"


def test_status_of_a_damaged_snapshot_names_the_damage_and_ends_with_status_one(released: Releases) -> None:
    write(released.store.folder(released.new) / "customer/chunks.jsonl", "")

    ended = program("index", "status")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "customer/chunks.jsonl has changed since it was built" in ended.stderr


def test_status_without_a_snapshot_is_an_error() -> None:
    result = run("index", "status", "--json")

    assert isinstance(result.exception, BrandAssistantError)
    assert result.exit_code == 1


def test_list_tells_all_snapshots_newest_first(released: Releases) -> None:
    rows = json.loads(run("index", "list", "--json").stdout)

    assert [(row["id"], row["live"]) for row in rows] == [(released.new, True), (released.old, False)]
    assert set(rows[0]) == {"id", "created", "documents", "entries", "live", "candidate"}


def test_list_in_words_marks_the_live_one(released: Releases) -> None:
    lines = run("index", "list").stdout.splitlines()

    assert [line[:18] for line in lines] == [f"* {released.new}", f"  {released.old}"]


def test_list_before_the_first_ingest_is_empty() -> None:
    result = run("index", "list", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_rollback_makes_the_previous_snapshot_live(released: Releases) -> None:
    result = run("index", "rollback")

    assert result.stdout == f"Live is now {released.old}.\n"
    assert released.store.live_id() == released.old


def test_rollback_can_name_its_snapshot(released: Releases) -> None:
    run("index", "rollback", released.old)
    run("index", "rollback", released.new)

    assert released.store.live_id() == released.new


@pytest.mark.usefixtures("released")
def test_rollback_to_an_unknown_snapshot_ends_with_status_one() -> None:
    result = run("index", "rollback", "0123456789abcdef")

    assert result.exit_code == 1
    assert isinstance(result.exception, SnapshotError)
