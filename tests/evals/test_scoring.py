"""Metrics and the runner on answers made up for the purpose: what is scored, what is unscored, what crashed."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.answer import Answer, Citation, Decision, Question, Statement
from evals.cases import Case
from evals.fingerprints import settings_without_secrets
from evals.judge import Judgement
from evals.metrics import METRICS
from evals.metrics.answering import score_answer
from evals.metrics.figures import summarize
from evals.metrics.ranking import score_ranking
from evals.run_folder import CaseResult
from evals.runner import Desk, ask
from evals.settings import EvalSettings
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle

CLAIMS = {"status": "fact", "as_of": 2020}


def chunk(**changes: Any) -> Chunk:
    values = {
        "id": "cruise-control.en.on", "document_id": "cruise-control", "kind": "tutorial", "title": "Cruise", "section_id": "on",
        "section": "On", "role": "steps", "task": None, "part": 1, "language": "en", "audience": "customer", "markets": ("*",),
        "vehicles": ({"model": "C4", "generation": "III"},), "features": (), "claims": CLAIMS, "sources": (), "text": "Press it.",
    }  # fmt: skip
    return Chunk.model_validate(values | changes)


def answer(text: str = "Press it at 40 km/h. [1]", *, cited: Chunk | None = None, **changes: Any) -> Answer:
    values: dict[str, Any] = {
        "decision": Decision.ANSWER, "text": text, "language": "en", "question_language": "en", "conversation_id": "c",
        "statements": (Statement(text=text, citations=(1,), grounded=True),),
        "citations": (Citation(n=1, chunk=cited or chunk(), quote="Press it."),),
        "vehicle": Vehicle(model="C4", generation="III"), "timings_ms": {"total": 12.0},
    }  # fmt: skip
    return Answer(**(values | changes))


def case(audience: str = "customer", **expect: Any) -> Case:
    turns = [{"question": "How?", "expect": expect}]
    return Case.model_validate({"id": "one", "kind": "customer", "audience": audience, "turns": turns})


def scores(given: Answer, audience: str = "customer", **expect: Any) -> dict[str, float]:
    asked = case(audience, **expect)
    return score_answer(asked, asked.turns[0].expect, given).scores


def test_a_right_answer_scores_one_in_everything_and_has_no_failure() -> None:
    asked = case(
        decision=["answer"], language="en", question_language="en", documents=["cruise-control"], must=["40 km/h|25 mph"],
        must_not=["price"], vehicle={"model": "C4", "generation": "III"}, warnings=["cruise-control#on"],
    )  # fmt: skip

    scored = score_answer(asked, asked.turns[0].expect, answer())

    assert scored.failures == []
    assert {value for name, value in scored.scores.items() if name != "latency"} == {1.0}
    assert scored.scores.keys() <= METRICS.keys()


def test_what_a_case_asks_nothing_of_is_not_scored() -> None:
    assert set(scores(answer())) == {"grounded", "no_sales_leak", "no_promise", "latency"}


@pytest.mark.parametrize(
    ("given", "expect", "metric", "value"),
    [
        (answer(), {"must": ["40 km/h", "50 km/h"]}, "fact_recall", 0.5),
        (answer(), {"must_not": ["40 km/h"]}, "no_forbidden_fact", 0.0),
        (answer(), {"documents": ["speed-limiter"]}, "citation_precision", 0.0),
        (answer(), {"warnings": ["cruise-control#mats"]}, "warnings", 0.0),
        (answer(), {"vehicle": {"model": "C3"}}, "right_car", 0.0),
        (answer(), {"vehicle": {"model": "C3", "generation": "III"}}, "no_wrong_car", 0.0),
        (answer(), {"decision": ["decline"]}, "refusal_recall", 0.0),
        (answer(decision=Decision.DECLINE), {"decision": ["answer"]}, "answered_when_right", 0.0),
        (answer(decision=Decision.DECLINE), {"decision": ["answer"]}, "refusal_precision", 0.0),
        (answer(language="fr"), {"decision": ["answer"], "language": "en", "question_language": "fr"}, "language", 0.0),
        (answer(rules=("price",)), {"rules": ["discount"]}, "rules", 0.0),
        (answer(cited=chunk(audience="sales")), {}, "no_sales_leak", 0.0),
        (answer("It costs 300 €. [1]"), {}, "no_promise", 0.0),
        (answer("The Grand Prix was won. [1]"), {}, "no_promise", 1.0),
        (answer("Never say 300 €. [1]", cited=chunk(role="never-say")), {}, "no_promise", 1.0),
    ],
)
def test_a_fault_lowers_its_own_metric(given: Answer, expect: dict[str, Any], metric: str, value: float) -> None:
    assert scores(given, **expect)[metric] == value


def test_salespeople_may_be_told_what_is_kept_from_customers() -> None:
    assert scores(answer(cited=chunk(audience="sales")), "sales")["no_sales_leak"] == 1.0


def test_a_wrong_decision_is_one_failure_and_not_five() -> None:
    asked = case(decision=["answer"], documents=["cruise-control"], must=["40 km/h"])

    scored = score_answer(asked, asked.turns[0].expect, answer("No.", decision=Decision.DECLINE, statements=(), citations=()))

    assert [failure.metric for failure in scored.failures] == ["decision"]


def test_rankings_are_scored_as_ir_measures_defines_them() -> None:
    assert score_ranking(["a"], ["b", "a"]) == pytest.approx({"mrr": 0.5, "recall_at_5": 1.0, "ndcg_at_10": 0.6309}, abs=1e-4)
    assert set(score_ranking(["a"], []).values()) == {0.0}


class Stub:
    """Answers, or raises, in the order given."""

    def __init__(self, *replies: Answer | Exception) -> None:
        self.replies = list(replies)
        self.asked: list[Question] = []

    def reply(self, question: Question) -> Answer:
        self.asked.append(question)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


class Unscoring:
    name = "none"

    def judge(self, *_: object) -> Judgement:
        return Judgement(unscored={"judge_grounding": "the judge was too slow"})


def two_turns() -> Case:
    turn = {"question": "How?", "expect": {"decision": ["answer"]}}
    return Case.model_validate({"id": "two", "kind": "multi-turn", "language": "en", "turns": [turn, turn]})


def asked(stub: Stub, judge: Any = None) -> CaseResult:
    desk: Any = Desk(assistant=stub, searcher=None)  # type: ignore[arg-type]
    return ask(two_turns(), desk, judge)


def test_later_turns_go_on_with_the_conversation_of_the_first() -> None:
    stub = Stub(answer(), answer())

    asked(stub)

    assert [question.conversation_id for question in stub.asked] == [None, "c"]
    assert stub.asked[0].language == "en"


def test_a_crash_is_kept_as_what_it_is_with_the_turns_before_it() -> None:
    result = asked(Stub(answer(), RuntimeError("no memory")))

    assert result.crash == "RuntimeError in turn 2: no memory"
    summary = summarize([result])
    assert (summary.crashed, summary.failed, summary.passed, summary.turns) == (1, 0, 0, 1)
    assert summary.metrics["decision"].mean == 1.0


def test_what_the_judge_could_not_mark_is_counted_as_unscored_and_lowers_no_mean() -> None:
    summary = summarize([asked(Stub(answer(), answer()), Unscoring())])

    assert (summary.metrics["judge_grounding"].n, summary.metrics["judge_grounding"].unscored) == (0, 2)


def test_figures_are_told_by_slice_and_decisions_as_a_matrix() -> None:
    summary = summarize([asked(Stub(answer(), answer(decision=Decision.DECLINE)))])

    assert summary.slices["kind"]["multi-turn"]["decision"].mean == 0.5
    assert summary.decisions == {"answer": {"answer": 1, "decline": 1}}


def test_no_secret_and_no_folder_of_this_machine_stands_in_a_run() -> None:
    settings = EvalSettings(judge_api_key="s3cret", judge_base_url="https://user:s3cret@host/v1")  # type: ignore[arg-type]

    told = str(settings_without_secrets(settings))

    assert "s3cret" not in told
    assert str(settings.home) not in told
    assert "https://***@host/v1" in told
