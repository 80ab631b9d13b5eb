"""What a driver and a seller get from the shipped knowledge, without a model."""

from __future__ import annotations

import pytest

from assistant.answer import Decision
from assistant.assistant import Assistant
from tests.assistant.conftest import Ask


def test_the_origin_question_names_rallying_in_french_with_a_verbatim_quote(ask: Ask, customer: Assistant) -> None:
    answer = ask("D'où vient la suspension à butées hydrauliques progressives ?")

    assert answer.decision is Decision.ANSWER
    assert answer.language == "fr"
    assert "rallye" in answer.text
    assert "2018" in answer.text
    assert answer.citations
    assert all(citation.quote in citation.chunk.text for citation in answer.citations)


def test_the_origin_question_names_rallying_in_english(ask: Ask) -> None:
    answer = ask("Where does the suspension with progressive hydraulic cushions come from?")

    assert (answer.decision, answer.language) == (Decision.ANSWER, "en")
    assert "rally" in answer.text
    assert "engineers" in answer.text


def test_what_the_cushions_are_for_is_told_without_a_model(ask: Ask) -> None:
    answer = ask("À quoi servent les butées hydrauliques progressives ?")

    assert answer.decision is Decision.ANSWER
    assert {citation.chunk.document_id for citation in answer.citations} == {"phc-what"}
    assert answer.composer == "extractive"


def test_steps_come_as_steps_with_the_warnings_of_that_car(ask: Ask) -> None:
    answer = ask("How do I switch on adaptive cruise control on a C5 Aircross?")

    assert answer.decision is Decision.ANSWER
    assert "CRUISE" in answer.text
    assert "\n1. " in answer.text
    assert "\n2. " in answer.text
    assert "For your safety:" in answer.text
    assert answer.vehicle is not None
    assert (answer.vehicle.model, answer.vehicle.generation) == ("C5 Aircross", "I")


def test_another_cars_steps_are_never_told(ask: Ask) -> None:
    answer = ask("How do I switch on adaptive cruise control on a C5 Aircross?")

    for citation in answer.citations:
        assert any(scope.model == "C5 Aircross" for scope in citation.chunk.vehicles)


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Mongolia?",
        "Quelle est la recette de la tarte aux pommes ?",
        "Who won the football world cup in 1998?",
    ],
)
def test_what_the_knowledge_does_not_hold_is_declined_with_what_it_can_do(ask: Ask, question: str) -> None:
    answer = ask(question)

    assert answer.decision is Decision.DECLINE
    assert not answer.citations
    assert "Citroën" in answer.text


def test_every_statement_is_verbatim_in_the_passage_it_cites(ask: Ask) -> None:
    questions = [
        "Comment désactiver le Stop & Start sur C5 Aircross ?",
        "What does the blind spot lamp in the mirror mean on a C3 Aircross 2024?",
        "Which cars have Progressive Hydraulic Cushions?",
        "Pourquoi la DS était-elle si confortable ?",
    ]

    for answer in (ask(question) for question in questions):
        chunks = {citation.n: citation.chunk for citation in answer.citations}
        assert answer.statements
        for statement in answer.statements:
            assert statement.citations
            assert all(statement.text in chunks[n].text for n in statement.citations)
            assert statement.grounded


def test_markers_in_the_text_and_citations_are_the_same_numbers(ask: Ask) -> None:
    answer = ask("How does the hydropneumatic suspension work?")

    marked = {citation.n for citation in answer.citations if f"[{citation.n}]" in answer.text}

    assert marked == {citation.n for citation in answer.citations}
    assert [citation.n for citation in answer.citations] == list(range(1, len(answer.citations) + 1))


def test_the_answer_object_has_the_fields_of_the_design(ask: Ask) -> None:
    row = ask("À quoi servent les butées hydrauliques progressives ?").as_json()

    assert set(row) == {
        "decision", "text", "language", "question_language", "conversation_id", "statements", "citations", "choices",
        "suggestions",
        "vehicle", "rules", "confidence", "composer", "withheld", "timings_ms",
    }  # fmt: skip
    assert {"n", "document_id", "chunk_id", "title", "section", "language", "url", "quote", "as_of", "status"} <= set(
        row["citations"][0]
    )
    assert {"total", "embed", "retrieve", "compose", "verify"} <= set(row["timings_ms"])


def test_a_reader_of_another_language_gets_a_notice_in_their_own(ask: Ask) -> None:
    answer = ask("¿Para qué sirven los topes hidráulicos progresivos de la suspensión?")

    assert (answer.question_language, answer.language) == ("es", "en")
    assert answer.text.startswith("Esta respuesta aún no existe en español")


def test_the_language_option_decides_the_language_of_the_answer(ask: Ask) -> None:
    answer = ask("What are progressive hydraulic cushions?", language="fr")

    assert answer.language == "fr"
    assert answer.question_language == "en"


def test_steps_that_are_told_of_other_cars_only_are_said_to_be_missing_for_this_one(ask: Ask) -> None:
    answer = ask("jveux desactiver le truc qui bip quand je change de voie sur ma c4 de 2021")

    assert answer.text.startswith("Pour votre voiture, C4 (depuis 2020), nos pages ne donnent pas la marche à suivre.")
    assert not [citation for citation in answer.citations if citation.chunk.task == "off"]


def test_steps_of_the_car_in_question_come_without_that_notice(ask: Ask) -> None:
    answer = ask("comment couper l'aide au maintien dans la voie sur mon berlingo 2020")

    assert "la marche à suivre" not in answer.text
    assert answer.citations[0].chunk.section_id == "off-berlingo-iii"


def test_steps_for_something_else_do_not_stand_for_those_that_are_missing(ask: Ask) -> None:
    answer = ask("how do I turn off lane keeping on my 2021 C4")

    assert answer.text.startswith("For your car, C4 (from 2020), our pages do not give the steps.")


def test_who_asks_whether_to_switch_something_off_is_told_without_that_notice(ask: Ask) -> None:
    answer = ask("On the C5 X, should I switch off Highway Driver Assist when I carry a bicycle rack?")

    assert answer.citations[0].chunk.section_id == "off-when-c5-x"
    assert "do not give the steps" not in answer.text


def test_a_feature_that_this_car_lacks_is_declined_with_the_cars_that_have_it(ask: Ask) -> None:
    answer = ask("Modutop sur le C3 Aircross, il s'ouvre comment ?")

    assert answer.decision is Decision.DECLINE
    assert "Berlingo" in answer.text


@pytest.mark.parametrize("question", ["How do I pair Bluetooth in a Citroën Clio?", "la citroën C7 elle sort quand"])
def test_a_car_that_is_none_of_the_brands_is_said_to_be_unknown(ask: Ask, question: str) -> None:
    answer = ask(question)

    assert (answer.decision, answer.rules) == (Decision.DECLINE, ("off-topic",))
    assert not answer.citations


@pytest.mark.parametrize("question", ["vitesse max de la C5 X hybride ?", "Wat is het trekgewicht van de C3 Aircross 2021?"])
def test_a_figure_that_no_page_tells_is_declined_however_near_its_subject(ask: Ask, question: str) -> None:
    assert ask(question).decision is Decision.DECLINE


def test_a_figure_that_differs_by_car_is_asked_back_about_and_then_told(ask: Ask) -> None:
    asked_back = ask("Quel est le volume du coffre s'il vous plaît")
    answer = ask("C5 X", conversation_id=asked_back.conversation_id)

    assert asked_back.decision is Decision.CLARIFY
    assert "C5 X" in asked_back.choices
    assert answer.decision is Decision.ANSWER
    assert "de 545 à 1 640 litres" in answer.text


def test_what_a_part_for_several_cars_says_of_another_car_is_left_out(ask: Ask) -> None:
    of_this_car = ask("My C3 1.5 BlueHDi (2020) ran out of diesel, how do I restart it?")
    of_that_car = ask("My C4 Cactus BlueHDi (2016) ran out of diesel, how do I restart it?")

    assert ("1 minute" in of_this_car.text, "10 times" in of_this_car.text) == (True, False)
    assert ("1 minute" in of_that_car.text, "10 times" in of_that_car.text) == (False, True)
    assert "Do not mix the two" in of_this_car.text
    assert "Do not mix the two" in of_that_car.text


def test_the_car_is_not_asked_for_where_only_another_subject_differs_by_car(ask: Ask) -> None:
    answer = ask("The app shows this morning's battery level and will not refresh, what can I do?")

    assert answer.decision == "answer"
    assert answer.citations[0].chunk.section_id == "refresh"


def test_both_parts_of_a_question_are_answered(ask: Ask) -> None:
    answer = ask("My son's 14 and lives in France. Can he drive an Ami, and how fast does it go?")

    assert "from the age of 14" in answer.text
    assert "45 km/h" in answer.text


def test_a_feature_that_has_to_do_with_a_figure_is_told_as_a_feature(ask: Ask) -> None:
    answer = ask("vitesse maximale de la C4 2021 avec le régulateur adaptatif")

    assert answer.decision is Decision.ANSWER
    assert answer.citations[0].chunk.document_id == "adaptive-cruise-control"


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        (
            "Compared with the old sphere-based hydropneumatic system, is the newer cushion suspension heavier or lighter?",
            "lighter",
        ),
        ("Broken down on the motorway, how long do I press the assistance button?", "2 seconds"),
    ],
)
def test_of_two_parts_as_near_the_one_that_answers_is_told(ask: Ask, question: str, fact: str) -> None:
    """Told otherwise when the first two passages are not read beside the question."""
    assert fact in ask(question).text


def test_how_a_car_is_driven_is_no_question_about_charging(ask: Ask) -> None:
    answer = ask("Combien de modes d'amortissement sur ma C5 X hybride rechargeable ?")

    assert answer.decision == "answer"
    assert answer.citations[0].chunk.document_id == "phc-c5x-active"


def test_a_pedestrian_who_crosses_is_no_question_about_the_pedestrian_horn(ask: Ask) -> None:
    assert "60 km/h" in ask("piéton qui traverse, jusqu'à quelle vitesse ma C4 Cactus 2019 peut freiner seule ?").text


def test_what_is_told_of_a_named_feature_is_found_however_far_it_is(ask: Ask) -> None:
    """In Spanish nothing of the right page is among the nearest passages."""
    answer = ask("Mi C4 2021: ¿cómo apago el aviso de carril?")

    assert {citation.chunk.document_id for citation in answer.citations} == {"lane-keeping"}
