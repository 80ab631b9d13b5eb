"""Replies for social networks: 280 characters, whole sentences, and a link to the rest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.answer import Decision, Question
from assistant.assistant import Assistant
from knowledge.embedding import BundledEmbedder
from tests.shipped import assistant_at


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with assistant_at(tmp_path_factory.mktemp("social"), "customer", BundledEmbedder()) as opened:
        yield opened


@pytest.mark.parametrize(
    "question",
    [
        "À quoi servent les butées hydrauliques progressives ?",
        "What does a damper do?",
        "¿Quién inventó la suspensión hidroneumática?",
        "Comment activer le régulateur adaptatif sur le C5 Aircross de 2020 ?",
        "Où a ouvert la première Maison Citroën ?",
    ],
)
def test_a_social_reply_fits_and_links_on(question: str, assistant: Assistant) -> None:
    answer = assistant.reply(Question(text=question, channel="social"))

    assert answer.decision is Decision.ANSWER
    assert len(answer.text) <= 280
    assert "/passages/" in answer.text


def test_a_social_reply_holds_no_half_procedure_and_no_fact_that_the_website_does_not_give(assistant: Assistant) -> None:
    steps = assistant.reply(
        Question(text="Comment activer le régulateur adaptatif sur le C5 Aircross de 2020 ?", channel="social")
    )
    told = assistant.reply(Question(text="What does a damper do?", channel="social"))
    whole = assistant.reply(Question(text="What does a damper do?"))

    assert not any(statement.step for statement in steps.statements)
    assert {statement.text for statement in told.statements} <= {statement.text for statement in whole.statements}
    assert told.statements
