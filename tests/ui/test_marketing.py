"""The marketing page: releases and the gate, evaluations, customers, conversations, coverage, demand."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from evals.demand.counts import Sum
from evals.demand.quarterly import Quarter
from evals.demand.wiring import ledger_at
from evals.ledger import Entry, Ledger
from evals.runner import Plan, run
from evals.settings import EvalSettings
from evals.suites import read_suite
from knowledge.embedding import FakeEmbedder
from knowledge.ingest import ingest
from tests.evals.demand.factories import need, remark
from tests.evals.gate_home import GateHome, gate_home
from ui.staff.marketing import releases, runs
from ui.staff.marketing.conversations import searching, transcript_of
from ui.staff.marketing.coverage import coverage_of
from ui.staff.marketing.customers import asked_plot, pages_plot, rated_plot, rating_rows
from ui.staff.marketing.demand import Desk
from ui.staff.words import words_in

WORDS = words_in("en")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> GateHome:
    return gate_home(tmp_path_factory.mktemp("small"))


@pytest.fixture
def home(shipped: GateHome, tmp_path: Path) -> GateHome:
    return shipped.copied(tmp_path)


@pytest.fixture
def settings(app: FastAPI) -> EvalSettings:
    return EvalSettings.model_validate(app.state.parts.settings.model_dump())


@pytest.fixture(scope="module")
def ingested(shipped: GateHome, tmp_path_factory: pytest.TempPathFactory) -> GateHome:
    """A home with a page that changed, ingested once: its candidate waits."""
    home = shipped.copied(tmp_path_factory.mktemp("ingested"))
    page = home.corpus / "pages/fr/comfort/phc-what.md"
    page.write_text(page.read_text(encoding="utf-8").replace('title: "', 'title: "Autre, ', 1), encoding="utf-8")
    assert ingest(home.settings, FakeEmbedder()).candidate
    return home


@pytest.fixture
def changed(ingested: GateHome, tmp_path: Path) -> GateHome:
    return ingested.copied(tmp_path)


def test_a_refused_candidate_stands_in_the_kill_log_with_its_reasons_and_what_is_live_stays(
    changed: GateHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "read_suite", lambda _: [])

    told = releases.publisher(changed.settings, FakeEmbedder(), WORDS)("smoke", progress=lambda *_, **__: None)

    log = releases.ledger_rows(changed.settings, WORDS, refused=True)
    assert WORDS["refused"] in told
    assert log[0][2] == WORDS["refused"]
    assert "must hold" in log[0][4]
    assert [row[3] for row in releases.snapshot_rows(changed.settings, WORDS)] == [WORDS["refused"], WORDS["live"]]
    assert changed.live in releases.standing_of(changed.settings, WORDS)


def test_rolling_back_makes_the_version_before_live_or_says_that_there_is_none(changed: GateHome) -> None:
    back = releases.roller(changed.settings, WORDS)
    assert "no earlier snapshot" in back()
    waiting = changed.store.candidate()
    assert waiting is not None
    with changed.store.writing():
        changed.store.swap(waiting.id)

    assert changed.live in back()
    assert changed.store.live_id() == changed.live


def test_the_kill_log_leaves_out_what_was_published(home: GateHome) -> None:
    for event in ("published", "refused"):
        Ledger(home.settings.home).add(
            Entry(
                at=datetime.now(UTC), event=event, snapshot=event, live_before=None, run="r", suite="full",
                scores={"decision": 0.9},
            )
        )  # fmt: skip

    assert [row[1] for row in releases.ledger_rows(home.settings, WORDS, refused=True)] == ["refused"]
    assert [row[1] for row in releases.ledger_rows(home.settings, WORDS, refused=False)] == ["refused", "published"]
    assert releases.ledger_rows(home.settings, WORDS, refused=False)[0][3] == "90.0%"


def test_runs_are_listed_read_with_their_report_and_compared(home: GateHome) -> None:
    for name in ("first", "second"):
        plan = Plan(suite="small", cases=home.ground.cases, snapshot=home.live, out=home.settings.home / "runs" / name)
        run(home.settings, FakeEmbedder(), plan)

    said, figures, _, report = runs.reading(home.settings, WORDS, "en")("first")
    verdict, rows = runs.comparing(home.settings, WORDS, "en")("first", "second")

    assert [row[0] for row in runs.run_rows(home.settings, WORDS)] == ["second", "first"]
    assert f"/ {len(home.ground.cases)}" in said
    assert any("%" in row[1] for row in figures)
    assert report is not None
    assert "<html" in Path(report).read_text(encoding="utf-8")
    assert verdict.startswith(WORDS["noise"])
    assert rows
    assert runs.reading(home.settings, WORDS, "en")("../../etc/passwd") == (WORDS["no_runs"], [], [], None)


@pytest.fixture
def asked(client: TestClient) -> Iterator[str]:
    """A customer's conversation with an address in it, rated; erased at the end."""
    question = "À quoi sert l'amortisseur ? écrivez à jean@example.com"
    told = client.post("/v1/chat", json={"question": question}).text
    number = told.split('"conversation_id": "')[1].split('"')[0]
    client.post("/v1/ratings", json={"conversation_id": number, "turn": 1, "thumb": "down", "comment": "trop court"})
    yield number
    client.delete(f"/v1/conversations/{number}")


def test_conversations_are_found_and_read_without_personal_data_and_an_erased_one_is_gone(
    app: FastAPI, client: TestClient, asked: str
) -> None:
    records = app.state.parts.records

    rows, known = searching(records, WORDS)("AMORTISSEUR écrivez")
    transcript = transcript_of(records, asked, WORDS)
    client.delete(f"/v1/conversations/{asked}")

    assert known[0][2] == asked
    assert "[email]" in rows[0][1]
    assert "jean@example.com" not in f"{rows}{transcript}"
    assert transcript.startswith(WORDS["customer"])
    assert transcript_of(records, asked, WORDS) == ""
    assert not any(row[2] == asked for row in searching(records, WORDS)("amortisseur écrivez")[1])


def test_plots_and_ratings_tell_what_customers_ask_and_sellers_questions_are_not_among_them(app: FastAPI, asked: str) -> None:
    from assistant.answer import Question

    parts = app.state.parts
    parts.sales.reply(Question(text="Une question de vendeur sur l'amortisseur", channel="store"))

    assert asked
    assert sum(bar.get_height() for bar in asked_plot(parts.records, WORDS).axes[0].patches) >= 1
    assert sum(bar.get_height() for bar in rated_plot(parts.records, WORDS).axes[0].patches) >= 1
    assert pages_plot(parts.records, WORDS).axes[0].patches
    assert [row[1:3] for row in rating_rows(parts.records, WORDS) if "[email]" in row[3]] == [["not helpful", "trop court"]]
    assert searching(parts.records, WORDS)("question de vendeur") == ([], [])


def test_plots_of_an_empty_home_say_so(tmp_path: Path) -> None:
    from assistant.records import Records

    records = Records(tmp_path / "records.sqlite")

    for plot in (asked_plot, rated_plot, pages_plot):
        assert [text.get_text() for text in plot(records, WORDS).axes[0].texts] == [WORDS["none_yet"]]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_coverage_names_for_each_car_what_its_tutorials_lack(language: str, settings: EvalSettings) -> None:
    summed, rows = coverage_of(settings, words_in(language), language)

    assert "fr" in summed
    assert len(rows) > 50
    assert any(words_in(language)["off"] in row[3] for row in rows)


@pytest.fixture
def report() -> Quarter:
    limiter = remark("=cmd|' /C calc'!A0 je ne sais pas couper le limiteur, connard", feature="speed-limiter")
    return Quarter(
        quarter="2026Q3", total=Sum(received=2, shown=2, duplicates=0, removed=0, empty=0, tombstones=(), imports=()), reviews=2,
        undated=0, remarks=2, read_fully=2, agreement=None, hateful=1, kinds=(),
        needs=(need(limiter, feature="speed-limiter"), need(remark("le rétroviseur", number=2))), decisions={}, product=(),
        network=(), network_people=0, best=(), worst=(), markets=(), languages=(),
    )  # fmt: skip


def test_a_need_is_told_in_customers_words_with_hateful_ones_masked(report: Quarter, home: GateHome) -> None:
    desk = Desk(home.settings, WORDS, "en")

    words = desk.words_of(report.needs[0])

    assert "limiteur" in words
    assert "connard" not in words
    assert len(desk.rows(report)) == 2


def test_a_decision_is_kept_with_its_reason_and_its_author_and_shown_in_the_list(report: Quarter, home: GateHome) -> None:
    desk = Desk(home.settings, WORDS, "en")
    first, second = (one.id for one in report.needs)

    dismissed, told, rows = desk.decided(report, first, ("dismiss", "", "known defect"), "Ana")
    merged, *_ = desk.decided(dismissed, second, ("merge", first, "same thing"), "Ana")

    assert "Ana" in told
    assert "known defect (Ana)" in rows[0][-1]
    assert merged is not None
    assert merged.decisions[second].into == first
    assert [entry.body["by"] for entry in ledger_at(home.settings).entries() if entry.body] == ["Ana", "Ana"]


@pytest.mark.parametrize(
    ("chosen", "entered"),
    [
        ("speed-limiter", ("dismiss", "", "")),
        ("speed-limiter", ("merge", "", "same thing")),
        ("speed-limiter", ("merge", "speed-limiter", "same thing")),
        ("speed-limiter", ("publish", "", "a choice there is not")),
        ("no such need", ("accept", "", "because")),
        (None, ("accept", "", "because")),
    ],
)
def test_a_decision_without_what_it_needs_is_not_kept(
    chosen: str | None, entered: tuple[str, str, str], report: Quarter, home: GateHome
) -> None:
    after, told, _ = Desk(home.settings, WORDS, "en").decided(report, chosen, entered, "Ana")

    assert told in (WORDS["decision_lacks"], WORDS["nothing_chosen"])
    assert after == report
    assert not list(ledger_at(home.settings).entries())


def test_the_export_holds_report_table_and_briefs_and_the_table_no_formula(report: Quarter, home: GateHome) -> None:
    packed, _ = Desk(home.settings, WORDS, "en").exported(report)

    assert packed is not None
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
        table = archive.read("needs.csv").decode()
    assert {"report.html", "report.pdf", "needs.csv"} <= set(names)
    assert any(name.startswith("briefs/") and name.endswith(".cases.yaml") for name in names)
    assert ",=cmd" not in table
    assert Desk(home.settings, WORDS, "en").exported(None) == (None, WORDS["list_first"])


def test_the_suites_that_the_page_offers_are_those_that_there_are() -> None:
    assert all(read_suite(name) and WORDS[f"suite_{name}"] for name in releases.SUITES)
