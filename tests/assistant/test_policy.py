"""Which rule a question comes under, by what a classifier makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.calibration import Calibration
from assistant.policy import Meaning, rule_in_meaning
from assistant.rules import Rules
from knowledge.settings import SHIPPED_CORPUS

RULES = Rules.read(SHIPPED_CORPUS / "rules.yaml")
CALIBRATION = Calibration(
    intercept=0.0, coefficients={}, answer_from=0.5, seller_from=0.25, rule_from=0.4, emergency_from=0.2, follow_up_from=0.5,
    innocent_from=0.9, asked_from=0.75, harmless_from=0.1,
)  # fmt: skip
INNOCENT = {"none": 1.0}


def acting(meaning: Meaning, *, words: str | None = None) -> str | None:
    in_words = next((rule for rule in RULES.table if rule.rule == words), None)
    rule = rule_in_meaning(in_words, meaning, RULES, CALIBRATION, "customer")
    return rule.rule if rule else None


def alone(**labels: float) -> Meaning:
    return Meaning(whole=labels, own=labels)


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ({"price": 0.5, "none": 0.5}, "price"),
        ({"price": 0.3, "none": 0.7}, None),
        ({"emergency": 0.25, "none": 0.75}, "emergency"),
        ({"emergency": 0.1, "none": 0.9}, None),
        ({"silent": 0.9, "none": 0.1}, None),
    ],
)
def test_an_emergency_needs_less_than_another_rule(labels: dict[str, float], rule: str | None) -> None:
    assert acting(alone(**labels)) == rule


def test_a_rule_that_words_name_gives_way_to_an_innocent_meaning() -> None:
    assert acting(alone(**INNOCENT), words="price") is None
    assert acting(alone(price=0.4, none=0.6), words="price") == "price"


@pytest.mark.parametrize(
    ("label", "asked", "harmless", "acts"),
    [
        ("diagnosis", 0.8, 0.2, False),
        ("diagnosis", 0.7, 0.2, True),
        ("diagnosis", 0.8, 0.05, True),
        ("injection", 0.9, 0.4, True),
        ("emergency", 0.9, 0.4, True),
    ],
    ids=["known to be answered", "not near enough", "hardly harmless", "an attack", "danger"],
)
def test_a_hand_over_that_no_words_name_gives_way_to_what_a_page_is_known_to_answer(
    label: str, asked: float, harmless: float, *, acts: bool
) -> None:
    labels = {label: 1 - harmless, "none": harmless}

    assert acting(Meaning(whole=labels, own=labels, asked=asked)) == (label if acts else None)


def test_the_few_words_of_a_follow_up_come_under_a_rule_only_if_what_they_follow_agrees() -> None:
    words = {"discount": 0.9, "none": 0.1}

    assert acting(Meaning(whole=INNOCENT, own=words, follows_up=True)) is None
    assert acting(Meaning(whole=words, own=words, follows_up=True)) == "discount"


def test_who_presses_on_after_a_rule_gets_the_same_answer() -> None:
    pressing = Meaning(whole={"minors": 0.8, "none": 0.2}, own=INNOCENT, follows_up=True, pressed="minors")

    assert acting(pressing) == "minors"
    assert acting(Meaning(whole=pressing.whole, own=INNOCENT, follows_up=True)) is None


def test_who_asks_for_a_person_while_pressing_on_gets_one() -> None:
    words = {"human": 0.9, "none": 0.1}

    assert acting(Meaning(whole={"warranty": 0.9, "human": 0.1}, own=words, follows_up=True, pressed="warranty")) == "human"


def test_a_calibration_without_a_threshold_is_refused_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "calibration.yaml").write_text("intercept: 0\ncoefficients: {}\nanswer_from: 0.5\n")

    with pytest.raises(Exception, match="brand-assistant calibrate"):
        Calibration.read(tmp_path / "calibration.yaml")
