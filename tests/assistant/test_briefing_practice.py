"""Two cars side by side, and practice: what a reply used, what it should not have said, how it sounded."""

from __future__ import annotations

import pytest

from assistant.assistant import Assistant
from assistant.briefing.comparing import compare
from assistant.briefing.model import BriefingError
from assistant.briefing.practice import practise


def text(column) -> str:
    return " ".join(statement.text for statement in column[1])


def test_two_cars_stand_side_by_side_with_their_sources(sales: Assistant) -> None:
    made = compare(sales, "C3 2018", "C5 Aircross 2020", language="en")

    one, other = made.columns
    assert one[0].startswith("C3")
    assert other[0].startswith("C5 Aircross")
    assert "does not have Progressive Hydraulic Cushions" in text(one)
    assert "has Progressive Hydraulic Cushions" in text(other)
    assert all(statement.grounded for _, said in made.columns for statement in said)
    assert made.citations


@pytest.mark.parametrize("pair", [("C5 Aircross 2020", "VW Tiguan with DCC"), ("VW Tiguan with DCC", "C5 Aircross 2020")])
def test_a_customers_adaptive_damper_is_compared_in_either_order(pair: tuple[str, str], sales: Assistant) -> None:
    made = compare(sales, *pair, language="en")

    assert made.columns[0][0].startswith("C5 Aircross")
    assert "DCC brings choice" in text(made.columns[1])


def test_beside_a_car_without_cushions_only_the_others_technology_is_told(sales: Assistant) -> None:
    made = compare(sales, "C3 2018", "Passat DCC", language="en")

    assert "DCC controls a valve" in text(made.columns[1])
    assert "Cushions" not in text(made.columns[1])


def test_a_hydropneumatic_citroen_is_compared_by_its_technology(sales: Assistant) -> None:
    assert "sphere" in text(compare(sales, "C5 Aircross 2020", "Xantia Activa", language="en").columns[1])


@pytest.mark.parametrize("other", ["a bicycle", "Peugeot 3008", "VW Golf"])
def test_of_a_technology_that_the_pages_do_not_know_nothing_is_said(other: str, sales: Assistant) -> None:
    with pytest.raises(BriefingError, match=r"say nothing of the technology.*DCC"):
        compare(sales, "C5 Aircross 2020", other, language="en")


def test_practice_plays_the_same_worry_and_rewards_the_facts_of_the_page(sales: Assistant) -> None:
    worry = practise(sales, "C5 Aircross 2020", language="en")
    again = practise(sales, "C5 Aircross 2020", language="en")
    poor = practise(sales, "C5 Aircross 2020", language="en", reply="I could not say.")
    good = practise(sales, "C5 Aircross 2020", language="en", reply=" ".join(poor.better))

    assert worry == again
    assert poor.score == 0
    assert good.score == 1
    assert "as of" in good.sources[0]


def test_practice_notices_a_claim_to_avoid_and_a_discount(sales: Assistant) -> None:
    claimed = practise(sales, "C5 Aircross 2020", language="en", reply="It is the new hydropneumatic suspension.")
    promised = practise(sales, "C5 Aircross 2020", language="en", reply="I will give you a discount of ten percent.")

    assert any("hydropneumatic" in claim for claim, _ in claimed.claims_made)
    assert "discount" in promised.rules


@pytest.mark.parametrize(
    ("reply", "made"),
    [
        ("It is not the new hydropneumatic suspension.", False),
        ("It does not raise, lower or level the car.", False),
        ("It is not dear, and it is the new hydropneumatic suspension.", True),
        ("No leaks, but it raises, lowers and levels the car.", True),
    ],
)
def test_what_a_reply_denies_it_does_not_claim_and_a_denial_covers_no_more(reply: str, made: bool, sales: Assistant) -> None:
    assert bool(practise(sales, "C5 Aircross 2020", language="en", reply=reply).claims_made) is made


@pytest.mark.parametrize(
    ("language", "reply"),
    [
        ("fr", "Vous avez tort."),
        ("fr", "Croyez-moi, aucun problème."),
        ("en", "It is the best, sign now."),
        ("en", "The others are garbage."),
    ],
)
def test_practice_hears_the_tone_and_says_what_is_wrong_with_it(language: str, reply: str, sales: Assistant) -> None:
    judged = practise(sales, "C5 Aircross 2020", language=language, reply=reply)

    assert judged.tone
    assert judged.as_json()["tone"][0]["why"]


def test_no_worry_is_about_cushions_that_the_car_has_not_got(sales: Assistant) -> None:
    worries = {practise(sales, "C3 2019", language="en", turn=turn).worry for turn in range(12)}

    assert worries
    assert not any("DCC" in worry or "leaked" in worry for worry in worries)
