"""Reviews about an aid that the knowledge lacks → its need tops the list → its page is written → its cases pass → answered."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from assistant.answer import Answer, Decision, Question
from assistant.conversation import Conversation
from assistant.records import Rating, Records
from evals.demand.decisions import NeedDecision, decide
from evals.demand.intake import take_in
from evals.demand.ledger import Ledger
from evals.demand.records_source import collect
from evals.demand.tutorial_brief import waiting_cases, write_brief
from evals.demand.wiring import ledger_at, report_of
from evals.gate import Thresholds
from evals.publishing import Ground, publish
from evals.run_folder import RunFolder
from evals.settings import EvalSettings
from knowledge.document import Document
from knowledge.embedding import BundledEmbedder
from knowledge.errors import DocumentError
from knowledge.ingest import ingest
from knowledge.markdown import read_markdown
from knowledge.settings import SHIPPED_CORPUS
from tests.evals.demand.factories import write_csv

_AID = "head-up-display"
_GROUND = Ground(suite="circle", cases=[], thresholds=Thresholds(required_rules={}, at_least={}, must_hold_at_least=0))
_KEPT = ("stop-start", "grip-control", "keyless", "parking-sensors", "attention-alert")
_ASKED = (
    "Je ne sais pas comment régler la hauteur de l'affichage tête haute de mon C3 Aircross",
    "Comment allumer l'affichage tête haute sur mon C3 Aircross ? Je ne trouve pas",
    "Affichage tête haute du C3 Aircross : impossible de comprendre comment on règle la luminosité",
    "Je n'arrive pas à éteindre l'affichage tête haute du C3 Aircross",
)


def _corpus(folder: Path) -> Path:
    """Copy the shipped corpus with a few pages only, without those of the aid."""
    shutil.copytree(SHIPPED_CORPUS, folder, ignore=shutil.ignore_patterns("pages"))
    for page in SHIPPED_CORPUS.glob("pages/*/*/*.md"):
        if page.stem in _KEPT or page.parent.name in ("faq", "comfort"):
            target = folder / page.relative_to(SHIPPED_CORPUS)
            target.parent.mkdir(parents=True, exist_ok=True)
            if _AID not in page.read_text(encoding="utf-8"):
                shutil.copy(page, target)
    return folder


@pytest.fixture(scope="module")
def embedder() -> BundledEmbedder:
    return BundledEmbedder()


def test_a_need_that_reviews_show_becomes_a_page_that_answers_it(tmp_path, embedder):
    settings = EvalSettings(home=tmp_path / "home", corpus=_corpus(tmp_path / "corpus"))
    ingest(settings, embedder)
    ledger = ledger_at(settings)
    rows = [["text", "author", "date"]]
    rows += [[_ASKED[number % len(_ASKED)], f"p{number}", "2026-08-02"] for number in range(8)]
    rows += [
        ["Je ne sais pas comment couper le Stop & Start de mon C3 Aircross", f"q{number}", "2026-08-02"] for number in range(3)
    ]
    take_in(write_csv(tmp_path / "a.csv", rows), ledger)

    asked = report_of(settings, "2026Q3", embedder=embedder)
    top = asked.tutorials[0]
    assert (top.feature, top.verdict) == (_AID, "absent")
    briefs = settings.home / "reports" / "demand-2026Q3" / "briefs"
    written = write_brief(top, briefs, quarter=asked.quarter)
    decide(NeedDecision(need=top.id, choice="accept", reason="most asked for", by="marketing"), ledger)
    assert waiting_cases(briefs, set(_KEPT)) == []

    drafts = [path for path in written if path.name.endswith(".draft.md")]
    with pytest.raises(DocumentError, match="draft"):
        read_markdown(drafts[0])

    for language in ("fr", "en"):
        page = f"pages/{language}/tutorial/{_AID}.md"
        (settings.corpus / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED_CORPUS / page, settings.corpus / page)
    shipped: Document = read_markdown(settings.corpus / f"pages/fr/tutorial/{_AID}.md")
    cases = waiting_cases(briefs, {*_KEPT, shipped.front.id})
    assert len(cases) >= 3
    release = publish(settings, embedder, _GROUND)
    assert release.report is not None
    assert release.event == "published", release.report.lines()
    scored = {result.case_id: result.passed for result in RunFolder(settings.home / "runs" / release.report.run).results()}
    assert {case.id for case in cases} == set(scored)
    assert all(scored.values()), scored

    answered = report_of(settings, "2026Q3", embedder=embedder)
    need = next(need for need in answered.needs if need.feature == _AID)
    assert need.verdict == "well"
    assert need in answered.answered
    assert _AID not in [tutorial.feature for tutorial in answered.tutorials]


def test_a_page_that_leaves_customers_questions_open_is_refused(tmp_path, embedder):
    settings = EvalSettings(home=tmp_path / "home", corpus=_corpus(tmp_path / "corpus"))
    ingest(settings, embedder)
    briefs = settings.home / "reports" / "demand-2026Q3" / "briefs"
    briefs.mkdir(parents=True)
    asked = [
        {
            "id": f"demand-{_AID}-{number}", "kind": "customer", "language": "fr", "source": "demand",
            "tags": {"topic": _AID, "difficulty": "medium", "persona": "customer"},
            "turns": [{"question": question, "expect": {"decision": ["answer"], "documents": [_AID]}}],
        }
        for number, question in enumerate(("Combien coûte une vidange ?", "Quelle est la capitale de la Mongolie ?"))
    ]  # fmt: skip
    (briefs / f"{_AID}.cases.yaml").write_text(yaml.safe_dump(asked, allow_unicode=True), encoding="utf-8")
    for language in ("fr", "en"):
        page = f"pages/{language}/tutorial/{_AID}.md"
        (settings.corpus / page).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(SHIPPED_CORPUS / page, settings.corpus / page)

    release = publish(settings, embedder, _GROUND)

    assert release.event == "refused"
    assert release.report is not None
    assert [cause.kind for cause in release.report.causes] == ["demand"]
    assert "2 of 2 customers' questions open" in release.report.causes[0].text


def test_ratings_and_unanswered_questions_are_counted_once_and_erased_with_their_conversation(tmp_path):
    records, ledger = Records(tmp_path / "records.sqlite"), Ledger(tmp_path / "reviews")
    silent, ruled = _kept(records, "Où est la prise 220 volts ?"), _kept(records, "Combien ?", rules=("price",))
    good = _kept(records, "À quoi sert l'amortisseur ?", decision=Decision.ANSWER)
    now = datetime.now(UTC)
    for place, stars, comment in ((good, 5, "clair"), (ruled, 2, "nul")):
        assert records.rate(Rating(conversation_id=place, turn=1, at=now, stars=stars, thumb=None, comment=comment), "me")

    first, again = collect(records, ledger), collect(records, ledger)
    kept = [entry.body["review"] for entry in ledger.entries() if entry.kind == "review" and entry.body]
    records.erase(silent, "me")
    collect(records, ledger)

    assert (first.new, again.new) == (4, 0)
    assert sorted(review["text"] for review in kept) == ["Combien ?", "Où est la prise 220 volts ?", "clair", "nul"]
    assert ledger.verify()
    assert "220 volts" not in (tmp_path / "reviews" / "ledger.jsonl").read_text(encoding="utf-8")
    records.close()


def _kept(records, question, decision=Decision.DECLINE, rules=()):
    conversation = Conversation(id=Conversation.new().id, turns=1, language="fr")
    answer = Answer(
        decision=decision, text="…", language="fr", question_language="fr", conversation_id=conversation.id, rules=rules
    )
    records.add(conversation, Question(text=question), answer, "customer", owner="me")
    return conversation.id
