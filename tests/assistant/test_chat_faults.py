"""What an endpoint can do wrong, on a real socket: each fault becomes our error, in time, and leaves nothing open."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from assistant.breaker import Tolerance
from assistant.chat_model import ChatModelError, Message
from assistant.guarded_chat import Deadlines, GuardedChat
from assistant.openai_chat import Endpoint, OpenAIChat
from tests.fault_server import (
    DONE,
    MALFORMED,
    SSE,
    Behaviour,
    FaultServer,
    dripping,
    endless,
    good,
    in_turn,
    piece,
    raw,
    silent,
    silent_after,
    status,
    stream_of,
)

ASKED = [Message(role="system", text="Be brief."), Message(role="user", text="Which lamp is this?")]
TOLD = "C'est le témoin de pression. Arrêtez-vous dès que possible. [1]"
QUICK = Deadlines(first=0.5, gap=0.4, total=1.5, pause=(0.0, 0.01))
PATIENT = Deadlines(first=20, gap=20, total=40, pause=(0.0, 0.01))


@contextmanager
def chat_at(
    server: FaultServer, deadlines: Deadlines = QUICK, tolerance: Tolerance | None = None, **more: object
) -> Iterator[GuardedChat]:
    endpoint = Endpoint(model="m", api_key="secret-key", base_url=server.address, connect=1, **more)
    chat = GuardedChat(OpenAIChat(endpoint), deadlines, tolerance or Tolerance(failures=1000))
    try:
        yield chat
    finally:
        chat.close()


def asked(behaviour: Behaviour, deadlines: Deadlines = QUICK) -> tuple[str, str | None, FaultServer]:
    """What was said, and why it failed, if it did."""
    said: list[str] = []
    with FaultServer(behaviour).running() as server, chat_at(server, deadlines) as chat:
        try:
            said.extend(chat.stream(ASKED))
        except ChatModelError as error:
            return "".join(said), str(error), server
        return "".join(said), None, server


def test_a_good_endpoint_is_heard_to_its_end_and_asked_for_no_more_than_the_budget() -> None:
    with FaultServer(good(TOLD)).running() as server, chat_at(server, PATIENT, max_tokens=123) as chat:
        said = "".join(chat.stream(ASKED))

    sent = server.connections[0].body
    assert said == TOLD
    assert sent["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Which lamp is this?"}]
    assert (sent["max_tokens"], sent["store"], sent["stream"], sent["temperature"]) == (123, False, True, 0)


def test_a_refused_connection_is_our_error() -> None:
    with FaultServer(silent).running() as server:
        pass
    with chat_at(server) as chat, pytest.raises(ChatModelError, match="ConnectionError"):
        list(chat.stream(ASKED))


@pytest.mark.parametrize("code", [429, 500, 502, 503])
def test_a_busy_or_broken_endpoint_is_asked_once_more(code: int) -> None:
    said, error, server = asked(in_turn(status(code), good(TOLD)), PATIENT)

    assert (said, error) == (TOLD, None)
    assert len(server.connections) == 2


@pytest.mark.parametrize("code", [429, 500])
def test_an_endpoint_that_stays_broken_is_asked_no_third_time(code: int) -> None:
    _, error, server = asked(status(code), PATIENT)

    assert f"HTTP status {code}" in str(error)
    assert len(server.connections) == 2


@pytest.mark.parametrize("code", [400, 401, 403, 404, 422])
def test_a_refusal_is_not_asked_again(code: int) -> None:
    _, error, server = asked(status(code), PATIENT)

    assert f"HTTP status {code}" in str(error)
    assert len(server.connections) == 1


def test_a_retry_after_within_the_deadline_is_waited_for() -> None:
    said, error, server = asked(in_turn(status(429, "Retry-After: 0.2"), good(TOLD)), PATIENT)

    assert (said, error) == (TOLD, None)
    assert len(server.connections) == 2


@pytest.mark.parametrize("wait", ["3600", "Wed, 21 Oct 2099 07:28:00 GMT", "soon", "-5"])
def test_a_retry_after_that_nobody_can_wait_for_does_not_hold_anybody(wait: str) -> None:
    _, error, _ = asked(status(429, f"Retry-After: {wait}"), PATIENT)

    assert "429" in str(error)


@pytest.mark.parametrize(
    "behaviour", [silent, silent_after("C'est "), dripping], ids=["silent", "silent after a word", "dripping without a word"]
)
def test_silence_is_left_after_the_deadline(behaviour: Behaviour) -> None:
    _, error, _ = asked(behaviour)

    assert "too slow" in str(error)


def test_a_stream_that_never_ends_is_left_after_the_total_deadline() -> None:
    said, error, _ = asked(endless("encore "))

    assert said.startswith("encore")
    assert "too slow" in str(error) or "come to an end" in str(error)


def test_a_flood_is_left_before_it_fills_the_memory() -> None:
    said, error, _ = asked(endless("encore " * 500, pause=0), PATIENT)

    assert "does not come to an end" in str(error)
    assert len(said) <= 20_000


@pytest.mark.parametrize("kind", MALFORMED)
def test_a_malformed_reply_is_our_error(kind: str) -> None:
    said, error, _ = asked(raw(MALFORMED[kind]))

    assert error is not None
    assert said in ("", "Hello.", "Hello. ", "Hi.", "\ufffd\ufffd")


def cuts(count: int) -> list[int]:
    """Places to cut the stream of `TOLD` at: anywhere before its finish reason."""
    last = len(stream_of(TOLD)) - len(piece(None, "stop")) - len(DONE)
    return [len(SSE) + round(step * (last - len(SSE)) / (count - 1)) for step in range(count)]


def cut_stream_fails(places: list[int]) -> None:
    for place in places:
        said, error, _ = asked(raw(stream_of(TOLD)[:place]))
        assert error, f"a stream cut after {place} bytes passed for a whole one"
        assert TOLD.startswith(said)


def test_half_a_stream_is_no_reply_wherever_it_is_cut() -> None:
    cut_stream_fails(cuts(8))


@pytest.mark.campaign
def test_half_a_stream_is_no_reply_at_two_hundred_cuts() -> None:
    cut_stream_fails(cuts(200))


def leaves(behaviour: Behaviour, leave: Callable[[GuardedChat], None]) -> FaultServer:
    with FaultServer(behaviour).running() as server, chat_at(server, PATIENT) as chat:
        leave(chat)
        assert server.connections[0].gone.wait(10), "the endpoint's connection stayed open"
    return server


def hear_one_piece(chat: GuardedChat) -> None:
    stream = chat.stream(ASKED)
    next(stream)
    stream.close()


def test_a_visitor_who_leaves_closes_the_connection_to_the_endpoint() -> None:
    leaves(endless("encore "), hear_one_piece)


def test_a_visitor_who_leaves_during_silence_closes_the_connection_too() -> None:
    gone = threading.Event()

    def wait_and_leave(chat: GuardedChat) -> None:
        threading.Timer(0.3, gone.set).start()
        with pytest.raises(ChatModelError, match="nobody waits"):
            list(chat.stream(ASKED, left=gone.is_set))

    leaves(silent, wait_and_leave)


@pytest.mark.campaign
def test_two_hundred_visitors_who_leave_leave_no_thread_behind() -> None:
    before = threading.active_count()
    with FaultServer(endless("encore ")).running() as server:
        with chat_at(server, PATIENT) as chat:
            for _ in range(200):
                hear_one_piece(chat)
            assert all(connection.gone.wait(10) for connection in server.connections)
        assert len(server.connections) == 200

    assert threading.active_count() <= before


def test_an_endpoint_that_keeps_failing_is_left_alone() -> None:
    with (
        FaultServer(status(400)).running() as server,
        chat_at(server, PATIENT, Tolerance(failures=5, window=60, rest=60)) as chat,
    ):
        for _ in range(20):
            with pytest.raises(ChatModelError):
                list(chat.stream(ASKED))

    assert len(server.connections) == 5
    assert not chat.available


def test_the_key_is_in_no_message(caplog: pytest.LogCaptureFixture) -> None:
    _, error, _ = asked(status(401, body=b'{"error": {"message": "Incorrect API key provided: secret-key"}}'))

    assert "secret-key" not in str(error)
    assert "secret-key" not in caplog.text
