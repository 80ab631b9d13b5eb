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
    assert "CRUISE" in second.text


@pytest.mark.parametrize(
    "reply",
    [
        "Ah pardon, c'est un C5 Aircross de 2020, la version essence",
        "une C4 de 2023, celle avec l'écran MyCitroën Drive Plus",
        "het is de C3 Aircross van eind 2020, benzine",
    ],
)
def test_a_longer_reply_settles_the_car_too(ask: Ask, reply: str) -> None:
    first = ask("Comment activer le régulateur de vitesse ?")

    second = ask(reply, conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert "cruise-control" in {citation.chunk.document_id for citation in second.citations}


def test_a_new_question_after_a_question_back_is_no_reply_to_it(ask: Ask) -> None:
    first = ask("Comment activer le régulateur de vitesse ?")

    second = ask("Et comment on réinitialise la pression des pneus sur une C4 de 2021 ?", conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert {citation.chunk.document_id for citation in second.citations} == {"tyre-pressure"}


def test_another_feature_named_in_few_words_after_a_question_back_is_what_is_meant(ask: Ask) -> None:
    first = ask("Comment activer le limiteur de vitesse ?")

    second = ask("et le régulateur sur la C4 2021 ?", conversation_id=first.conversation_id)

    assert {citation.chunk.document_id for citation in second.citations} == {"cruise-control"}


@pytest.mark.parametrize(
    "message",
    [
        "my husband has chest pain and he can't move his left arm any more",
        "on vient de taper une C4, mon passager ne bouge plus du tout là",
    ],
)
def test_danger_in_the_middle_of_a_conversation_is_no_reply_and_no_follow_up(ask: Ask, message: str) -> None:
    first = ask("How do I switch on cruise control?")

    assert ask(message, conversation_id=first.conversation_id).decision is Decision.EMERGENCY


def test_a_wish_to_buy_after_a_question_back_gets_no_tutorial(ask: Ask) -> None:
    first = ask("How do I set the speed limiter?")
    second = ask("C4 2021", conversation_id=first.conversation_id)

    third = ask("how much does it cost per month if I lease one of them", conversation_id=second.conversation_id)

    assert third.rules == ("financing",)


def test_what_stands_for_the_thing_named_before_keeps_it(ask: Ask) -> None:
    first = ask("Berlingo 2020: where do I find the head-up display?")

    second = ask("ta. it has fingerprints all over, can I clean it with a glass cleaner?", conversation_id=first.conversation_id)

    assert second.decision is Decision.ANSWER
    assert "head-up-display" in {citation.chunk.document_id for citation in second.citations}


def test_a_feature_that_only_an_engine_names_does_not_hide_the_one_that_is_meant(ask: Ask) -> None:
    answer = ask("La suspension de la C5 X hybride rechargeable, c'est piloté ou c'est mécanique ?")

    assert answer.decision is Decision.ANSWER


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
