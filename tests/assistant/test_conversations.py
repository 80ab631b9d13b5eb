"""Questions that lean on earlier ones."""

from __future__ import annotations

import pytest

from assistant.answer import Decision
from assistant.assistant import Assistant
from tests.assistant.conftest import Ask


def test_an_unknown_car_is_asked_for_only_where_the_answer_differs(ask: Ask) -> None:
    answer = ask("Comment activer le régulateur de vitesse ?")

    assert answer.decision is Decision.CLARIFY
    assert "C5 Aircross (2018-2025)" in answer.choices
    assert not answer.citations


@pytest.mark.parametrize("reply", ["C5 Aircross", "C5 Aircross (2018-2025)", "un c5 aircross de 2020"])
def test_the_next_short_reply_settles_the_car(ask: Ask, reply: str) -> None:
    first = ask("Comment activer le régulateur de vitesse ?")

    second = ask(reply, conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert second.vehicle is not None
    assert second.vehicle.model == "C5 Aircross"
    assert {citation.chunk.document_id for citation in second.citations} == {"cruise-control"}


def test_a_place_in_the_list_settles_the_car_too(ask: Ask) -> None:
    first = ask("How do I switch on cruise control?")

    second = ask("the second one", conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert second.vehicle is not None
    assert second.vehicle.model in first.choices[1]


def test_a_year_in_which_two_offered_cars_were_sold_is_not_asked_about_again(ask: Ask) -> None:
    first = ask("Comment activer le limiteur de vitesse ?")

    second = ask("C3 Aircross de 2024", conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert second.vehicle is not None
    assert (second.vehicle.generation, second.vehicle.year) == ("II", 2024)


def test_a_model_whose_generations_differ_is_asked_about_though_it_was_named(ask: Ask) -> None:
    answer = ask("Ma C3 a-t-elle des butées hydrauliques progressives ?")

    assert answer.decision is Decision.CLARIFY
    assert len(answer.choices) > 1


def test_which_cars_have_something_is_answered_without_asking_which_car(ask: Ask) -> None:
    assert ask("Which cars have Progressive Hydraulic Cushions?").decision is Decision.ANSWER


def test_a_follow_up_keeps_the_feature_and_the_car(ask: Ask) -> None:
    first = ask("À quoi sert l'Active Safety Brake sur la C3 de 2018 ?")

    second = ask("et pour le désactiver ?", conversation_id=first.conversation_id)

    assert second.vehicle is not None
    assert second.vehicle.model == "C3"
    assert {citation.chunk.document_id for citation in second.citations} <= {"active-safety-brake", "driving-aids-rules"}


def test_another_car_named_later_replaces_the_first(ask: Ask) -> None:
    first = ask("Comment activer le régulateur de vitesse sur C5 Aircross ?")

    second = ask("et sur le Berlingo ?", conversation_id=first.conversation_id)

    assert second.vehicle is not None
    assert second.vehicle.model == "Berlingo"


def test_a_conversation_id_that_was_never_given_starts_afresh(ask: Ask) -> None:
    answer = ask("À quoi servent les butées hydrauliques progressives ?", conversation_id="forged")

    assert answer.conversation_id != "forged"


def test_a_customer_cannot_go_on_with_a_sellers_conversation(sales: Assistant, ask: Ask) -> None:
    from assistant.answer import Question

    told = sales.reply(Question(text="Comment activer le régulateur de vitesse sur C5 Aircross ?"))

    answer = ask("et pour le couper ?", conversation_id=told.conversation_id)

    assert answer.conversation_id != told.conversation_id
