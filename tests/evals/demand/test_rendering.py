from __future__ import annotations

import io
from dataclasses import replace

import pdfplumber
import pytest

from evals.demand.counts import Sum
from evals.demand.decisions import NeedDecision
from evals.demand.quarterly import Change, Quarter, Topic
from evals.demand.rendering import Renderer
from knowledge.lexicon import Lexicon
from knowledge.settings import SHIPPED_CORPUS
from tests.evals.demand.factories import need, remark

_HOSTILE = '<script>alert(1)</script> #panic("x") {{ 7*7 }} =cmd connard'


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.read(SHIPPED_CORPUS / "lexicon")


@pytest.fixture
def quarter() -> Quarter:
    hostile = remark(_HOSTILE, feature="speed-limiter")
    total = Sum(
        received=4, shown=1, duplicates=1, removed=1, empty=1, tombstones=((9, 3, "court order"),), imports=(("a.csv", 4, 2),)
    )
    return Quarter(
        quarter="2026Q3", total=total, reviews=1, undated=0, remarks=1, read_fully=1, agreement=0.9, hateful=1,
        kinds=(Change(name="cannot-use", people=5, before=4, trend="noise"),),
        needs=(need(hostile, feature="speed-limiter", words=()), need(remark("=cmd"), id="=x", words=("<b>mot",))),
        decisions={"=x": NeedDecision(need="=x", choice="accept", reason="<i>why</i>", by="Ana")},
        product=(Topic(name="does-not-work: other", people=1, remarks=(hostile,)),),
        network=(hostile,), network_people=1, best=((1, hostile.review),), worst=(), markets=(("FR", 1, None),),
        languages=(("fr", 1),),
    )  # fmt: skip


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_shows_the_sum_and_runs_nothing_that_customers_wrote(lexicon, quarter, language):
    page = Renderer(lexicon, language).html(quarter)

    assert "<script" not in page
    assert "<b>mot" not in page
    assert "<i>why" not in page
    assert "connard" not in page
    assert "{{ 7*7 }}" in page
    assert "src=" not in page
    total = (
        "4 reçus = 1 montrés + 1 doublons + 1 retirés + 1 vides" if language == "fr" else "4 received = 1 shown + 1 duplicates"
    )
    assert total in page


def test_the_pdf_shows_what_customers_wrote_as_text(lexicon, quarter):
    with pdfplumber.open(io.BytesIO(Renderer(lexicon, "en").pdf(quarter))) as pdf:
        text = "\n".join(page.extract_text() for page in pdf.pages)

    assert "4 received = 1 shown" in text
    assert '#panic("x")' in text.replace("“", '"').replace("”", '"')
    assert "connard" not in text


def test_an_export_holds_no_formula(lexicon, quarter):
    rows = Renderer(lexicon, "fr").csv(quarter)

    assert "'=x" in rows
    assert "\n=x" not in rows


def test_a_quarter_without_needs_says_none(lexicon, quarter):
    page = Renderer(lexicon, "en").html(replace(quarter, needs=(), product=(), network=(), best=()))

    assert "None." in page
