"""Fitting the probability that the pages answer."""

from __future__ import annotations

from evals.calibrating import Weighed, curve, fit, out_of_fold, rule_curves
from knowledge.embedding import FakeEmbedder
from tests.assistant.test_policy import CALIBRATION

ASKED = [f"how do I set the heated seat number {number}" for number in range(20)]
SILENT = [f"what colour is the roof of car {number}" for number in range(20)]


def test_an_example_is_judged_by_a_classifier_that_has_not_seen_it() -> None:
    own = {"none": ASKED, "silent": SILENT}
    odd = "what colour is the roof of a heated seat"

    judged = out_of_fold({"none": [*ASKED, odd], "silent": SILENT}, own, FakeEmbedder().embed_questions)

    assert set(judged) == {*ASKED, *SILENT}
    assert all(max(labels, key=lambda name: labels[name]) == label for label, labels in judged.values())


def test_a_word_that_only_one_example_has_teaches_nothing_about_that_example() -> None:
    wrong = "how do I set the heated seat number 99"
    own = {"none": ASKED, "silent": [*SILENT, wrong]}

    judged = out_of_fold(own, own, FakeEmbedder().embed_questions)

    label, labels = judged[wrong]
    assert label == "silent"
    assert labels["none"] > labels["silent"]


def test_the_fit_tells_answerable_questions_from_others_and_the_curve_says_what_a_threshold_costs() -> None:
    weighed = [Weighed(evidence={"dense": number / 100}, answerable=number >= 50) for number in range(100)]

    coefficients = fit(weighed)
    rows = {row["answer_from"]: row for row in curve(weighed, coefficients, CALIBRATION)}

    assert coefficients["dense"] > 0
    assert rows[0.5]["answerable_declined"] < 0.1
    assert rows[0.5]["others_answered"] < 0.1
    assert rows[0.9]["answerable_declined"] > rows[0.1]["answerable_declined"]
    assert rows[0.9]["others_answered"] < rows[0.1]["others_answered"]


def test_the_curves_of_rules_count_what_is_caught_and_who_is_turned_away() -> None:
    judged = {
        "fire": ("emergency", {"emergency": 0.9, "none": 0.1}),
        "heat": ("none", {"emergency": 0.25, "none": 0.75}),
        "how much": ("price", {"price": 0.6, "none": 0.4}),
        "how much heat": ("none", {"price": 0.1, "none": 0.9}),
    }

    curves = rule_curves(judged)

    emergencies = {row["threshold"]: (row["caught"], row["harmless"]) for row in curves["emergency_from"]}
    rules = {row["threshold"]: (row["caught"], row["harmless"]) for row in curves["rule_from"]}
    assert emergencies[0.2] == (1.0, 0.5)
    assert emergencies[0.5] == (1.0, 0.0)
    assert rules[0.5] == (1.0, 0.0)
    assert rules[0.7] == (0.0, 0.0)
