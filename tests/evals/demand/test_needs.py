from __future__ import annotations

import csv
import io

import numpy as np
import pytest
import yaml

from evals.cases import read_cases
from evals.demand.decisions import NeedDecision, decide, decisions_in, merged_into
from evals.demand.grouping import group
from evals.demand.ledger import Ledger
from evals.demand.needs import interval, needs_of, trend_of
from evals.demand.rendering import harmless
from evals.demand.tutorial_brief import write_brief
from knowledge.embedding import FakeEmbedder
from knowledge.errors import DocumentError
from knowledge.markdown import read_markdown
from tests.evals.demand.factories import need, remark

_embed = FakeEmbedder().embed_passages


def test_people_are_counted_once_however_much_they_write():
    remarks = [remark(f"le limiteur {n}", number=n, person="p1", feature="speed-limiter") for n in range(5)]

    [found] = needs_of(remarks, [], _embed)

    assert (found.people, len(found.remarks), found.trend) == (1, 5, "new")


@pytest.mark.parametrize(("now", "before", "trend"), [(12, 9, "noise"), (40, 12, "up"), (3, 25, "down"), (0, 0, "noise")])
def test_a_change_within_chance_is_noise(now, before, trend):
    assert trend_of(now, before, had_before=True) == trend


def test_the_interval_holds_the_score_and_is_the_same_every_time():
    low, high = interval(30, [])

    assert low < 30 < high
    assert interval(30, []) == (low, high)


def test_texts_about_different_things_are_told_apart_without_being_told_how_many():
    texts = [
        f"{word} {tail}" for word in ("essuie-glaces", "rétroviseurs") for tail in ("abc", "def", "ghi", "jkl", "mno", "pqr")
    ]

    labels = group(texts, ["fr"] * 12, _embed(texts))

    assert len(set(labels[:6].tolist())) == len(set(labels[6:].tolist())) == 1
    assert labels[0] != labels[6]
    assert np.array_equal(labels, group(texts, ["fr"] * 12, _embed(texts)))


def test_a_brief_quotes_customers_and_its_draft_is_refused_by_ingest(tmp_path):
    wanted = need(remark("Comment replier les [rétroviseurs](http://x) connard ?"), feature=None)

    brief, draft, cases = write_brief(wanted, tmp_path, quarter="2026Q3")

    assert "connard" not in brief.read_text(encoding="utf-8")
    assert r"\[rétroviseurs\](http" in brief.read_text(encoding="utf-8")
    assert yaml.safe_load(draft.read_text(encoding="utf-8").split("---")[1])["draft"] is True
    with pytest.raises(DocumentError, match="draft"):
        read_markdown(draft)
    [case] = read_cases(cases)
    assert case.turns[0].expect.documents == ("retroviseur",)


def test_decisions_are_kept_with_their_reason_and_the_latest_counts(tmp_path):
    ledger = Ledger(tmp_path)
    decide(NeedDecision(need="a", choice="dismiss", reason="a fault, not a tutorial", by="Ana"), ledger)
    decide(NeedDecision(need="a", choice="merge", reason="same thing", by="Ana", into="b"), ledger)

    latest = decisions_in(ledger)

    assert merged_into("a", latest) == "b"
    assert ledger.verify() == 2


def test_a_merge_without_a_target_or_reason_is_refused():
    with pytest.raises(ValueError, match="--into"):
        NeedDecision(need="a", choice="merge", reason="same thing", by="Ana")
    with pytest.raises(ValueError, match="reason"):
        NeedDecision(need="a", choice="dismiss", reason=" ", by="Ana")


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "|x", "%x"])
def test_no_cell_of_an_export_is_a_formula(cell):
    out = io.StringIO()
    csv.writer(out).writerow([harmless(cell)])

    assert next(csv.reader(io.StringIO(out.getvalue())))[0].startswith("'")
    assert harmless(-3.5) == -3.5
