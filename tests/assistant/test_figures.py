"""Figures that a question asks for by name."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assistant.answer import Question
from assistant.assistant import Assistant
from assistant.conversation import Conversation
from assistant.figures import Figures, figures_in
from assistant.understanding import understand


def figures(customer: Assistant, text: str, *, market: str = "FR", markets: tuple[str, ...] = ("*",)) -> Figures:
    """Return the figures a question asks for, all passages being for `markets`."""
    with customer.release() as release:
        chunks = {name: chunk.model_copy(update={"markets": markets}) for name, chunk in release.index.chunks.items()}
        conversation = Conversation(id="c")
        understood = understand(Question(text=text), text, conversation, release, market=market)
        return figures_in(understood, replace(release, index=cast("Any", SimpleNamespace(chunks=chunks))))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Quel est le volume du coffre ?", {"boot"}),
        ("how big is the boot of the C5 X", {"boot"}),
        ("How do I open the boot?", set()),
        ("vitesse maximale du régulateur adaptatif", set()),
        ("Comment régler la vitesse maximale ?", set()),
        ("Hauteur de la caméra de recul", set()),
        ("Wie lang ist der C4?", {"dimensions"}),
        ("Peut-on remorquer une ë-C4 ?", {"towing"}),
    ],
)
def test_a_figure_of_the_car_is_told_from_that_of_a_feature_and_from_setting_one(
    customer: Assistant, text: str, asked: set[str]
) -> None:
    assert figures(customer, text).asked == asked


def test_only_passages_of_the_readers_market_tell_a_figure(customer: Assistant) -> None:
    text = "how big is the boot of the C5 X"

    assert figures(customer, text, market="FR", markets=("FR",)).told_in
    assert not figures(customer, text, market="DE", markets=("FR",)).told_in


def test_a_car_whose_generation_is_open_has_no_figure_of_its_own(customer: Assistant) -> None:
    with customer.release() as release:
        text = "how big is the boot of the C5 Aircross"
        understood = understand(Question(text=text), text, Conversation(id="c"), release, market="FR")
        found = figures_in(understood, release)

        assert len({scope.generation for scope in found.scopes if scope.model == "C5 Aircross"}) > 1
        assert found.of_car(understood, []) is None
