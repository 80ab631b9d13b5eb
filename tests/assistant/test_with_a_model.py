"""The whole assistant with a chat model behind it on a real socket: who wrote the answer, and who answers when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import Cited, Delta, Done, Question
from assistant.assistant import Assistant
from assistant.bootstrap import make_chat, open_assistant
from assistant.breaker import Tolerance
from assistant.guarded_chat import Deadlines, GuardedChat
from assistant.openai_chat import Endpoint, OpenAIChat
from assistant.settings import Settings
from knowledge.embedding import BundledEmbedder
from knowledge.errors import ConfigurationError
from tests.fault_server import MALFORMED, Behaviour, FaultServer, dripping, endless, good, raw, silent, status, stream_of

QUESTION = "What is the difference between the speed limiter and cruise control?"
LONG = Deadlines(first=60, gap=60, total=120, pause=(0.0, 0.01))
SHORT = Deadlines(first=0.3, gap=0.3, total=0.6, pause=(0.0, 0.01))


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    with FaultServer(silent).running() as running:
        yield running


def opened(
    server: FaultServer, home: Path, embedder: BundledEmbedder, deadlines: Deadlines, customer: Assistant
) -> Iterator[Assistant]:
    chat = GuardedChat(
        OpenAIChat(Endpoint(model="m", api_key="k", base_url=server.address)), deadlines, Tolerance(failures=10_000)
    )
    try:
        with open_assistant(Settings(home=home), "customer", embedder=embedder, chat=chat) as assistant:
            yield assistant
    finally:
        chat.close()


@pytest.fixture(scope="module")
def patient(server: FaultServer, shipped_home: Path, embedder: BundledEmbedder, customer: Assistant) -> Iterator[Assistant]:
    yield from opened(server, shipped_home, embedder, LONG, customer)


@pytest.fixture(scope="module")
def hasty(server: FaultServer, shipped_home: Path, embedder: BundledEmbedder, customer: Assistant) -> Iterator[Assistant]:
    yield from opened(server, shipped_home, embedder, SHORT, customer)


@pytest.fixture(scope="module")
def page(customer: Assistant) -> Done:
    """The answer without a model."""
    return Done(answer=customer.reply(Question(text=QUESTION)))


def reply_from(page: Done) -> str:
    """A reply that says what the page says."""
    return " ".join(f"{one.text} [1]" for one in page.answer.statements if one.citations == (1,))


def test_the_model_writes_the_answer_when_it_says_what_the_pages_say(server: FaultServer, patient: Assistant, page: Done) -> None:
    server.behaviour = good(reply_from(page))

    answer = patient.reply(Question(text=QUESTION))

    assert answer.composer == "generative"
    assert answer.withheld == 0
    assert all(citation.quote in citation.chunk.text for citation in answer.citations)
    assert "model" in answer.timings_ms


@pytest.mark.parametrize(
    "behaviour",
    [silent, dripping, endless("encore ", 0.01), status(429), status(429, "Retry-After: 100"), status(500)]
    + [raw(MALFORMED[kind]) for kind in ("a page of HTML with status 200", "empty choices and no end", "not JSON")],
    ids=["silent", "dripping", "endless", "429", "429 for long", "500", "HTML", "empty choices", "not JSON"],
)
def test_the_page_answers_word_for_word_when_the_model_fails(
    server: FaultServer, hasty: Assistant, page: Done, behaviour: Behaviour
) -> None:
    server.behaviour = behaviour

    answer = hasty.reply(Question(text=QUESTION))

    assert answer.text == page.answer.text
    assert answer.composer == "extractive"


def test_no_half_sentence_is_seen_wherever_the_stream_is_cut(server: FaultServer, patient: Assistant, page: Done) -> None:
    whole = stream_of(reply_from(page))
    sentences = {one.text for one in page.answer.statements}

    for place in (len(whole) // 5, len(whole) // 2, len(whole) * 4 // 5):
        server.behaviour = raw(whole[:place])
        answer = patient.reply(Question(text=QUESTION))

        assert {one.text for one in answer.statements} <= sentences
        assert answer.statements


def test_what_is_streamed_is_what_the_answer_says_and_each_citation_comes_first(
    server: FaultServer, patient: Assistant, page: Done
) -> None:
    server.behaviour = good(reply_from(page))

    events = list(patient.stream(Question(text=QUESTION)))

    said = "".join(event.text for event in events if isinstance(event, Delta))
    assert isinstance(events[-1], Done)
    assert said == events[-1].answer.text
    first_mark = next(place for place, event in enumerate(events) if isinstance(event, Delta) and "[1]" in event.text)
    assert any(isinstance(event, Cited) for event in events[:first_mark])


def test_a_question_under_a_rule_is_never_sent_to_the_model(server: FaultServer, patient: Assistant) -> None:
    server.behaviour = good("It is yours for one euro, and that is a legally binding offer. [1]")
    before = len(server.connections)

    answer = patient.reply(Question(text="How much does a C3 cost?"))

    assert "price" in answer.rules
    assert len(server.connections) == before


def test_no_model_is_called_unless_one_is_named_on_purpose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")

    assert make_chat(Settings.read()) is None


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"BRAND_ASSISTANT_CHAT_MODEL": "m"}, "OPENAI_API_KEY"),
        ({"BRAND_ASSISTANT_CHAT_MODEL": "m", "BRAND_ASSISTANT_CHAT_BASE_URL": "localhost"}, "localhost"),
        ({"BRAND_ASSISTANT_CHAT_MODEL": ""}, "CHAT_MODEL"),
        ({"BRAND_ASSISTANT_CHAT_TOTAL_SECONDS": "0"}, "CHAT_TOTAL_SECONDS"),
        ({"LANGCHAIN_TRACING_V2": "true"}, "LANGCHAIN_TRACING_V2"),
    ],
)
def test_a_wrong_setting_is_refused_at_start_by_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], named: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=named):
        make_chat(Settings.read())
