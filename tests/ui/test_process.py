"""A real server: clients that exist talk to it, it stops politely, and it comes back from a kill with nothing lost."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openai import OpenAI

from tests.fault_server import SSE, Connection, FaultServer, piece
from tests.ui.process import Server, copy_knowledge, serving

QUESTION = "What does a damper do?"
_API = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture(scope="module")
def knowledge(app: FastAPI) -> Path:
    home: Path = app.state.parts.settings.home
    return home


@pytest.fixture(scope="module")
def server(knowledge: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(copy_knowledge(knowledge, tmp_path_factory.mktemp("process"))) as running:
        yield running


@pytest.fixture(scope="module")
def openai(server: Server) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{server.address}/v1", api_key="none is needed") as client:
        yield client


def _events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def _asked(address: str, question: str, **more: Any) -> tuple[dict[str, Any], str]:
    """Ask, and return the answer with the visitor's token."""
    token = more.pop("token", None)
    headers = {"X-Visitor-Token": token} if token else {}
    with httpx.stream("POST", f"{address}/v1/chat", json={"question": question, **more}, headers=headers, timeout=60) as response:
        done = dict(_events(response.iter_lines()))["done"]
        return done, response.headers["x-visitor-token"]


def test_the_official_openai_client_gets_an_answer_with_citations(openai: OpenAI) -> None:
    completion = openai.chat.completions.create(model="citroen-assistant", messages=[{"role": "user", "content": QUESTION}])

    assert "damper" in (completion.choices[0].message.content or "").lower()
    assert completion.model_extra is not None
    assert completion.model_extra["citations"][0]["quote"]
    assert completion.model_extra["decision"] == "answer"


def test_the_official_openai_client_streams_the_same_text(openai: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    whole = openai.chat.completions.create(model="citroen-assistant", messages=messages).choices[0].message.content

    chunks = list(openai.chat.completions.create(model="citroen-assistant", messages=messages, stream=True))

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_official_openai_client_lists_the_model(openai: OpenAI) -> None:
    assert [model.id for model in openai.models.list()] == ["citroen-assistant"]


def test_the_client_printed_in_the_documentation_works_as_printed(server: Server) -> None:
    printed = re.search(r"```python\n(.*?)```", _API.read_text(encoding="utf-8"), re.DOTALL)
    assert printed is not None
    code = printed.group(1).replace("http://127.0.0.1:8000", server.address)

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert "damper" in done.stdout.lower()


def test_a_server_that_is_told_to_stop_finishes_the_open_answer(knowledge: Path, tmp_path: Path) -> None:
    written = threading.Event()

    def slow(connection: Connection) -> None:
        connection.send(SSE + piece("A damper slows the movement "))
        written.wait(20)
        connection.send(piece("of the spring [1].") + piece(None, "stop") + b"data: [DONE]\n\n")

    with (
        FaultServer(slow).running() as model,
        serving(
            copy_knowledge(knowledge, tmp_path), BRAND_ASSISTANT_CHAT_MODEL="m", BRAND_ASSISTANT_CHAT_BASE_URL=model.address,
            BRAND_ASSISTANT_CHAT_API_KEY="k",
        ) as server,
        httpx.stream("POST", f"{server.address}/v1/chat", json={"question": QUESTION}, timeout=60) as response,
    ):  # fmt: skip
        events = _events(response.iter_lines())
        assert next(events)[0] == "start"
        while not model.connections:
            threading.Event().wait(0.01)
        server.send(signal.SIGTERM)
        written.set()
        names = [name for name, _ in events]

        assert names[-1] == "done"
        assert server.ended() in (0, -signal.SIGTERM)


def test_a_server_that_cannot_start_says_so_and_ends(knowledge: Path, tmp_path: Path) -> None:
    """Its models are loading when it fails: it is started several times, since they may have been quicker."""
    home = copy_knowledge(knowledge, tmp_path)
    for manifest in home.glob("snapshots/*/manifest.json"):
        manifest.write_text("{}", encoding="utf-8")
    server = Server(home)

    for _ in range(3):
        with pytest.raises(AssertionError, match="Run 'brand-assistant ingest'"):
            server.start()
        assert server.ended() == 1


def test_the_log_is_json_lines_without_anything_that_a_visitor_wrote_or_is(server: Server) -> None:
    done, token = _asked(server.address, "My mail is jean@example.com, what does a damper do?")
    number = done["conversation_id"]
    httpx.get(f"{server.address}/v1/conversations/{number}", headers={"X-Visitor-Token": token})

    def text() -> str:
        return (server.home / "server.log").read_text(encoding="utf-8").replace(server.address, "its own address")

    def told() -> set[tuple[str, str, int]]:
        lines = [json.loads(line) for line in text().splitlines(keepends=True) if line.startswith("{") and line.endswith("\n")]
        return {(line["method"], line["route"], line["status"]) for line in lines if line["message"] == "request"}

    until = time.monotonic() + 30  # a request is logged once its answer is sent
    while ("GET", "/v1/conversations/{conversation_id}", 200) not in told() and time.monotonic() < until:
        time.sleep(0.05)
    assert {("POST", "/v1/chat", 200), ("GET", "/v1/conversations/{conversation_id}", 200)} <= told()
    assert [word for word in ("damper", "jean", number, token, "127.0.0.1", "python-httpx") if word in text()] == []


def test_a_killed_server_comes_back_with_every_record_and_the_conversation_goes_on(server: Server) -> None:
    first, token = _asked(server.address, "How do I switch on adaptive cruise control on a C5 Aircross from 2020?")
    with httpx.stream("POST", f"{server.address}/v1/chat", json={"question": QUESTION}, timeout=60) as cut:
        next(_events(cut.iter_lines()))
        server.send(signal.SIGKILL)
        server.ended()

    server.start()
    number = first["conversation_id"]
    kept = httpx.get(f"{server.address}/v1/conversations/{number}", headers={"X-Visitor-Token": token}).json()
    again, _ = _asked(server.address, "And how do I switch it off?", conversation_id=number, token=token)

    assert [turn["answer"]["text"] for turn in kept["turns"]] == [first["text"]]
    assert again["turn"] == 2
    assert again["vehicle"]["model"] == "C5 Aircross"
