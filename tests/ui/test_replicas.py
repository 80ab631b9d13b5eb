"""Two replicas behind a real proxy over a real PostgreSQL: one is killed while people ask, and nobody loses anything."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from tests.ui.process import copy_knowledge
from ui.replicas import Replicas, postgres_binaries, replicas

PEOPLE, TURNS = 6, 6


@pytest.fixture(scope="module")
def running(app: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicas]:
    if postgres_binaries() is None or not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        pytest.skip("nginx or PostgreSQL is not on this machine (Debian's packages nginx-light and postgresql)")
    folder = tmp_path_factory.mktemp("replicas")
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o755)
    home = copy_knowledge(app.state.parts.settings.home, folder / "home")
    with replicas(home, folder / "set") as lent:
        yield lent


class Person:
    """Asks one question after another in one conversation, and once more when the connection breaks."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=60)
        self.answers: list[dict[str, Any]] = []
        self.retries = 0

    def ask(self, question: str) -> None:
        body = {"question": question, "conversation_id": self.answers[-1]["conversation_id"] if self.answers else None}
        for _ in range(3):
            try:
                with self.client.stream("POST", "/v1/chat", json=body) as response:
                    response.raise_for_status()
                    lines = [line[6:] for line in response.iter_lines() if line.startswith("data: ")]
                done = json.loads(lines[-1])
                assert "decision" in done
            except (httpx.HTTPError, IndexError, AssertionError):
                self.retries += 1
                time.sleep(0.2)
            else:
                self.answers.append(done)
                return

    def kept(self) -> list[dict[str, Any]]:
        response = self.client.get(f"/v1/conversations/{self.answers[0]['conversation_id']}")
        turns: list[dict[str, Any]] = response.json()["turns"]
        return turns


def test_the_proxy_keeps_the_operators_pages_to_the_operator(running: Replicas) -> None:
    assert httpx.get(f"{running.address}/metrics").status_code == 404
    assert httpx.get(f"{running.address}/readyz").status_code == 404
    assert httpx.get(f"{running.address}/").status_code == 200


def test_a_replica_killed_while_people_ask_costs_nobody_an_answer_or_a_record(running: Replicas) -> None:
    people = [Person(running.address) for _ in range(PEOPLE)]
    begun = threading.Semaphore(0)

    def talk(person: Person) -> None:
        person.ask("Comment activer le régulateur adaptatif sur un C5 Aircross de 2020 ?")
        begun.release()
        for _ in range(TURNS - 1):
            person.ask("Et pour le désactiver ?")

    with ThreadPoolExecutor(PEOPLE) as pool:
        talks = [pool.submit(talk, person) for person in people]
        for _ in people:
            begun.acquire()
        running.kill(0)
        for one in talks:
            one.result()

    for person in people:
        conversation = {answer["conversation_id"] for answer in person.answers}
        assert len(person.answers) == TURNS
        assert len(conversation) == 1
        assert all(answer["vehicle"]["model"] == "C5 Aircross" for answer in person.answers)
        told = [answer["turn"] for answer in person.answers]
        assert set(told) <= {turn["turn"] for turn in person.kept()}
        assert person.retries <= 1
