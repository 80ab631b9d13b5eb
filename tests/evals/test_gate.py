"""The gate: every sabotage is refused with its cause first and the live version stays; innocent changes pass."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evals import sabotage
from evals.gate import Thresholds
from evals.invariants import Cause, broken
from evals.ledger import Ledger
from evals.outline import Outline, outline
from evals.publishing import Override, PublishError, publish
from evals.release_cli import add_to
from evals.run_folder import RunError, RunFolder
from evals.runner import Plan, run
from evals.sabotage import SABOTAGES, NoiseEmbedder, Sabotage
from evals.suites import read_suite
from evals.vector_checks import check_vectors
from knowledge.document import Document
from knowledge.embedding import FakeEmbedder
from knowledge.ingest import LEXICON, PAGES, ingest
from knowledge.lexicon import Lexicon
from knowledge.loading import load
from knowledge.serving import LiveSnapshot
from knowledge.settings import SHIPPED_CORPUS
from tests.evals.gate_home import GateHome, cases, gate_home, small_corpus

app = typer.Typer()
add_to(app)


def content(corpus: Path) -> tuple[list[Document], Outline]:
    loaded = load(corpus / PAGES, Lexicon.read(corpus / LEXICON), root_name=PAGES)
    return loaded.documents, outline(loaded.documents, corpus)


def causes(corpus: Path, live: Outline | None) -> list[Cause]:
    documents, found = content(corpus)
    return broken(documents, found, live, cases(), Thresholds.read().required_rules)


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Outline:
    return content(small_corpus(tmp_path_factory.mktemp("shipped") / "corpus"))[1]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A few shipped pages, with everything else of the shipped corpus."""
    return small_corpus(tmp_path / "corpus")


def test_nothing_is_wrong_with_the_whole_shipped_corpus() -> None:
    documents, found = content(SHIPPED_CORPUS)

    assert broken(documents, found, None, read_suite("smoke"), Thresholds.read().required_rules) == []


@pytest.mark.parametrize("one", SABOTAGES, ids=lambda one: one.name)
def test_a_sabotaged_corpus_is_broken_and_the_first_cause_names_it(corpus: Path, shipped: Outline, one: Sabotage) -> None:
    place = one.spoil(corpus)

    first = causes(corpus, shipped)[0]

    assert first.kind == one.cause
    assert place in first.text


@pytest.mark.parametrize("change", [sabotage.reword_sentence, sabotage.add_page], ids=["reworded", "added"])
def test_an_innocent_change_breaks_nothing(corpus: Path, shipped: Outline, change: Callable[[Path], str]) -> None:
    key = change(corpus)

    assert causes(corpus, shipped) == []
    assert content(corpus)[1].pages[key] != shipped.pages.get(key)


@pytest.mark.parametrize("name", ["a warning deleted", "a rule switched off", "a locked phrase translated"])
def test_what_can_be_known_without_a_live_version_is_refused_without_one(corpus: Path, name: str) -> None:
    one = next(one for one in SABOTAGES if one.name == name)
    one.spoil(corpus)

    assert causes(corpus, None)[0].kind == one.cause


def test_a_warning_can_not_leave_with_the_list_that_requires_it(corpus: Path, shipped: Outline) -> None:
    sabotage.delete_warning(corpus)
    path = corpus / "warnings.yaml"
    path.write_text("".join(line for line in path.open() if "child-seats, section: airbag," not in line))

    assert "child-seats#airbag is no longer required" in causes(corpus, shipped)[0].text


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> GateHome:
    """One small home, built once; FakeEmbedder, since scores are not what these tests are about."""
    return gate_home(tmp_path_factory.mktemp("gate"))


@pytest.fixture
def home(built: GateHome, tmp_path: Path) -> GateHome:
    return built.copied(tmp_path)


def test_a_refused_candidate_is_listed_never_serves_and_goes_live_only_when_somebody_answers_for_it(home: GateHome) -> None:
    sabotage.switch_rule_off(home.corpus)

    refused = publish(home.settings, FakeEmbedder(), home.ground)

    assert refused.event == "refused"
    assert refused.report is not None
    assert refused.report.lines()[1] == "  rule off: the rule 'emergency' is missing"
    assert home.store.live_id() == home.live
    (entry,) = Ledger(home.settings.home).refused()
    assert (entry.snapshot, entry.scores.keys() > {"decision"}, entry.causes[0][:8]) == (refused.snapshot, True, "rule off")
    waiting = home.store.candidate()
    assert waiting is not None
    assert waiting.refused

    overridden = publish(home.settings, FakeEmbedder(), home.ground, override=Override(name="A. Bell", reason="a drill"))

    assert (overridden.event, home.store.live_id()) == ("overridden", refused.snapshot)
    (shown,) = Ledger(home.settings.home).overrides()
    assert (shown.name, shown.reason, shown.causes[0][:8]) == ("A. Bell", "a drill", "rule off")


def test_an_innocent_candidate_goes_live_and_its_run_holds_the_decision(home: GateHome) -> None:
    sabotage.reword_sentence(home.corpus)

    release = publish(home.settings, FakeEmbedder(), home.ground)

    assert release.event == "published"
    assert release.report is not None
    assert (home.store.live_id(), home.store.candidate()) == (release.snapshot, None)
    assert release.report.comparison is not None
    assert release.report.comparison.verdict == "noise"
    folder = RunFolder(home.settings.home / "runs" / release.report.run)
    assert json.loads((folder.path / "gate.json").read_text())["passed"] is True


def test_nothing_is_published_when_nothing_has_changed(home: GateHome) -> None:
    assert publish(home.settings, FakeEmbedder(), home.ground).event is None


def test_a_run_that_was_killed_goes_on_where_it_stopped(home: GateHome) -> None:
    plan = Plan(suite="small", cases=home.ground.cases, snapshot=home.live)
    whole = run(home.settings, FakeEmbedder(), plan)
    first, *_ = (whole.path / "results.jsonl").read_text().splitlines()
    (whole.path / "results.jsonl").write_text(f'{first}\n{{"case_id": "torn')
    whole.write("run.json", whole.info().model_copy(update={"finished": None}))
    told: list[tuple[int, int]] = []

    again = run(home.settings, FakeEmbedder(), plan, progress=lambda done, total: told.append((done, total)))

    assert again.path == whole.path
    assert told[0] == (1, len(plan.cases))
    assert len(again.results()) == again.summary().cases == len(plan.cases)
    assert again.info().finished is not None


def test_a_folder_with_a_run_of_other_cases_is_refused(home: GateHome) -> None:
    plan = Plan(suite="small", cases=home.ground.cases[:1], snapshot=home.live, out=home.settings.home / "out")
    run(home.settings, FakeEmbedder(), plan)

    with pytest.raises(RunError, match="other cases"):
        run(home.settings, FakeEmbedder(), replace(plan, cases=home.ground.cases[:2]))


def test_a_gate_that_can_not_judge_ends_with_status_two() -> None:
    result = CliRunner().invoke(app, ["eval", "gate", "--suite", "everything"])

    assert result.exit_code == 2
    assert "The suite 'everything' is not known" in result.stderr


def test_an_override_needs_a_name_and_a_reason() -> None:
    with pytest.raises(PublishError, match="--override-by and --reason"):
        Override(name="A. Bell", reason=" ")


def test_an_embedder_that_did_not_build_the_vectors_is_noticed(home: GateHome) -> None:
    live = LiveSnapshot(home.store, "sales")
    with closing(live), live.lease() as snapshot:
        found = check_vectors(snapshot.index, NoiseEmbedder(FakeEmbedder()))
        sound = check_vectors(snapshot.index, FakeEmbedder())

    assert sound == []
    assert found[0].kind == "vectors"


def test_vectors_of_noise_are_noticed_though_every_text_meets_its_own(home: GateHome) -> None:
    noise = NoiseEmbedder(FakeEmbedder())
    candidate = ingest(home.settings, noise).snapshot
    live = LiveSnapshot(home.store.pinned(candidate), "sales")
    with closing(live), live.lease() as snapshot:
        (cause,) = check_vectors(snapshot.index, noise)

    assert "the vectors mean nothing" in cause.text
    assert home.store.live_id() == home.live


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
def test_every_sabotage_is_refused_by_publishing_and_every_innocent_change_is_published(built: GateHome, tmp_path: Path) -> None:
    for number, one in enumerate(SABOTAGES):
        home = built.copied(tmp_path / str(number))
        one.spoil(home.corpus)

        release = publish(home.settings, FakeEmbedder(), home.ground)

        assert release.report is not None
        told = release.report.lines()
        assert (release.event, home.store.live_id()) == ("refused", home.live), one.name
        assert told[1].startswith(f"  {one.cause}: "), told[:3]
        print(f"\n{one.name}: {told[1].strip()}")
    noisy = built.copied(tmp_path / "noise")
    release = publish(noisy.settings, NoiseEmbedder(FakeEmbedder()), noisy.ground)
    assert release.report is not None
    assert (release.event, noisy.store.live_id()) == ("refused", noisy.live)
    assert release.report.lines()[1].startswith("  vectors: ")
    for change in (sabotage.reword_sentence, sabotage.add_page):
        home = built.copied(tmp_path / change.__name__)
        change(home.corpus)
        assert publish(home.settings, FakeEmbedder(), home.ground).event == "published"
