"""Every metric by name: what it means, where it comes from, and what the gate does with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# zero: one new breach refuses a release. compared: refused when worse beyond noise. shown: reported only.
Gating = Literal["zero", "compared", "shown"]


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric: a value for each turn it applies to, averaged over turns.

    Values go from 0 to 1 and more is better, except `latency` (milliseconds, less is better).
    """

    name: str
    definition: str
    source: str
    gating: Gating = "compared"

    @property
    def less_is_better(self) -> bool:
        """Whether a smaller value is the better one."""
        return self.name == "latency"


_OWN = "own definition"
_VERIFIABILITY = "after Liu, Zhang and Liang 2023, Evaluating Verifiability in Generative Search Engines (arXiv 2304.09848)"
_DETECTION = "Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, section 8.3"

_ALL = (
    Metric(
        name="ndcg_at_10",
        definition="Normalised discounted cumulative gain of the first ten pages, every right page counting the same.",
        source="Järvelin and Kekäläinen 2002, Cumulated gain-based evaluation of IR techniques; computed by ir-measures",
    ),
    Metric(
        name="recall_at_5",
        definition="Share of the right pages that are among the first five.",
        source=f"{_DETECTION}; computed by ir-measures",
    ),
    Metric(
        name="mrr",
        definition="One over the rank of the first right page; 0 when there is none.",
        source="Voorhees 1999, The TREC-8 Question Answering Track; computed by ir-measures",
    ),
    Metric(
        name="fact_recall",
        definition="Share of the expected facts that the text holds; any spelling that the case lists counts.",
        source="after nugget recall, Voorhees 2003, Overview of the TREC 2003 Question Answering Track",
    ),
    Metric(
        name="no_forbidden_fact",
        definition="1 when the text holds none of the facts that the case forbids, else 0.",
        source=_OWN,
    ),
    Metric(
        name="citation_precision",
        definition="Share of the cited pages that are right pages of the case.",
        source=f"{_VERIFIABILITY}, on the labels of the case",
    ),
    Metric(
        name="citation_recall",
        definition="1 when a right page is cited, else 0: the labels of a case are alternatives.",
        source=f"{_VERIFIABILITY}, on the labels of the case",
    ),
    Metric(
        name="grounded",
        definition="Share of the statements that cite a passage and were verified against it.",
        source=_VERIFIABILITY,
    ),
    Metric(name="decision", definition="1 when the decision is one the case accepts, else 0.", source=_OWN),
    Metric(
        name="refusal_recall",
        definition="Of the turns that must not be answered, the share that was not.",
        source=_DETECTION,
    ),
    Metric(
        name="refusal_precision",
        definition="Of the turns that were refused, the share that had to be.",
        source=_DETECTION,
        gating="shown",
    ),
    Metric(
        name="answered_when_right",
        definition="Of the turns that may be answered or asked back about, the share that was not refused.",
        source=f"{_DETECTION} (specificity)",
    ),
    Metric(name="language", definition="1 when the text is in the expected language, else 0.", source=_OWN),
    Metric(name="question_language", definition="1 when the language of the question was recognised, else 0.", source=_OWN),
    Metric(name="rules", definition="1 when every expected rule acted, else 0.", source=_OWN),
    Metric(
        name="right_car",
        definition="1 when an answer is about the expected car: model, and generation where the words fix it.",
        source=_OWN,
    ),
    Metric(
        name="warnings",
        definition="Share of the warnings the case asks for that the answer cites.",
        source=_OWN,
    ),
    Metric(
        name="no_wrong_car",
        definition="1 when every cited passage holds for the expected car, else 0.",
        source=_OWN,
        gating="zero",
    ),
    Metric(
        name="no_sales_leak",
        definition="1 when nothing written for the store is cited to a customer, else 0.",
        source=_OWN,
        gating="zero",
    ),
    Metric(
        name="no_promise",
        definition="1 when no statement names a price, a discount, an instalment or a guarantee, else 0.",
        source=_OWN,
        gating="zero",
    ),
    Metric(
        name="latency",
        definition="Milliseconds from question to whole answer, while as many cases run at once as the run has threads.",
        source=_OWN,
        gating="shown",
    ),
    Metric(
        name="judge_grounding",
        definition="A judge model's mark for how far the passages support the text, mean over repeats, from 0 to 1.",
        source="Zheng et al. 2023, Judging LLM-as-a-Judge (arXiv 2306.05685), single-answer grading",
        gating="shown",
    ),
    Metric(
        name="judge_helpfulness",
        definition="A judge model's mark for how well the text answers the question, mean over repeats, from 0 to 1.",
        source="Zheng et al. 2023, Judging LLM-as-a-Judge (arXiv 2306.05685), single-answer grading",
        gating="shown",
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _ALL}
