"""Reviews about an aid that the knowledge lacks → its need tops the list → its page is written → its cases pass → answered."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evals.demand.decisions import NeedDecision, decide
from evals.demand.intake import take_in
from evals.demand.tutorial_brief import waiting_cases, write_brief
from evals.demand.wiring import ledger_at, report_of
from evals.runner import Plan, run
from evals.settings import EvalSettings
from knowledge.document import Document
from knowledge.embedding import BundledEmbedder
from knowledge.errors import DocumentError
from knowledge.ingest import ingest
from knowledge.markdown import read_markdown
from knowledge.settings import SHIPPED_CORPUS
from knowledge.snapshots import SnapshotStore
from tests.evals.demand.factories import write_csv

_AID = "head-up-display"
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
    briefs = settings.home / "reports" / "briefs"
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
    candidate = ingest(settings, embedder).snapshot
    scored = run(settings, embedder, Plan(suite="demand", cases=cases, snapshot=candidate)).summary()
    assert (scored.failed, scored.crashed) == (0, 0), scored.metrics
    store = SnapshotStore(settings.home)
    with store.writing():
        store.swap(candidate)

    answered = report_of(settings, "2026Q3", embedder=embedder)
    need = next(need for need in answered.needs if need.feature == _AID)
    assert need.verdict == "well"
    assert need in answered.answered
    assert _AID not in [tutorial.feature for tutorial in answered.tutorials]
