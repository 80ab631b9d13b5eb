"""A server is killed in the middle of an answer and started again: the widget in a browser goes on, and no record is lost."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator

import pytest
from fastapi import FastAPI

from assistant.answer import Question, Statement
from tests.fault_server import SSE, Connection, FaultServer, good, piece
from tests.ui.browsing import NEEDS_CHROMIUM, Visit, browsing
from tests.ui.process import Server, copy_knowledge, serving

pytestmark = NEEDS_CHROMIUM
FIRST = "Comment activer le régulateur adaptatif sur un C5 Aircross de 2020 ?"
SECOND = "À quoi sert l'amortisseur ?"


@pytest.fixture(scope="module")
def said(app: FastAPI) -> tuple[Statement, ...]:
    """What the page says to the second question: a model that repeats it is believed."""
    customer = app.state.parts.customer
    before = customer.reply(Question(text=FIRST)).conversation_id
    return tuple(customer.reply(Question(text=SECOND, conversation_id=before)).statements[:2])


@pytest.fixture(scope="module")
def server(app: FastAPI, said: tuple[Statement, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose model leaves the first question to the page, and never gets done with the second as long as it is up."""

    def behave(connection: Connection) -> None:
        if SECOND not in json.dumps(connection.body, ensure_ascii=False):
            good("NO ANSWER")(connection)
            return
        connection.send(SSE + b"".join(piece(f"{one.text} [{one.citations[0]}] ") for one in said) + piece("Dans l'"))
        connection.wait(60)

    home = copy_knowledge(app.state.parts.settings.home, tmp_path_factory.mktemp("recovery"))
    with (
        FaultServer(behave).running() as model,
        serving(
            home, BRAND_ASSISTANT_CHAT_MODEL="m", BRAND_ASSISTANT_CHAT_BASE_URL=model.address, BRAND_ASSISTANT_CHAT_API_KEY="k",
            BRAND_ASSISTANT_CHAT_GAP_SECONDS="60", BRAND_ASSISTANT_CHAT_TOTAL_SECONDS="120",
        ) as running,
    ):  # fmt: skip
        yield running


def test_the_widget_goes_on_after_a_kill_in_the_middle_of_an_answer(server: Server, said: tuple[Statement, ...]) -> None:
    with browsing(locale="fr-FR") as context:
        visit = Visit(context.new_page(), server.address)
        visit.ask(FIRST)
        answer = visit.log.locator("> .it").first
        answer.locator("summary").wait_for()
        told = answer.text_content()

        box = visit.page.locator("citroen-assistant form textarea")
        box.fill(SECOND)
        box.press("Enter")
        visit.log.get_by_text(said[1].text).first.wait_for()
        server.send(signal.SIGKILL)
        server.ended()
        retry = visit.log.get_by_role("button", name="Réessayer")
        retry.wait_for()
        kept = " ".join(visit.log.text_content().split())

        server.settings = {}  # without a model, the answer comes to its end
        server.start()
        retry.click()
        visit.log.locator("> .it").nth(1).locator("summary").wait_for()
        turns = visit.page.evaluate(
            """async () => {
              const { conversation } = JSON.parse(sessionStorage.getItem("citroen-assistant"));
              return (await (await fetch(`/v1/conversations/${conversation}`)).json()).turns;
            }"""
        )
        after = visit.log.locator("> .it").first.text_content()

    assert len(said) == 2
    assert all(one.text in kept for one in said)
    assert after == told
    assert [turn["question"] for turn in turns] == [FIRST, SECOND]
