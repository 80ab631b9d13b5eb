"""No connection leaves the machine while ingesting and searching, with everything as a user has it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.knowledge.factories import corpus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which children write down where they tried to connect."""
    preamble = tmp_path / "preamble"
    preamble.mkdir()
    shutil.copyfile(Path(__file__).with_name("socket_recorder.py"), preamble / "sitecustomize.py")
    monkeypatch.setenv("PYTHONPATH", f"{preamble}{os.pathsep}{ROOT}")
    monkeypatch.setenv("SOCKET_RECORD", str(tmp_path / "record.txt"))
    monkeypatch.setenv("BRAND_ASSISTANT_CORPUS", str(corpus(tmp_path / "corpus")))
    monkeypatch.setenv("ANONYMIZED_TELEMETRY", "True")  # what chromadb would obey if we let it
    return tmp_path / "record.txt"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)


def test_ingesting_and_searching_reach_no_other_machine(record: Path) -> None:
    ingest = run("-m", "ui", "ingest", "--json")
    search = run("-m", "ui", "search", "foam of the seats", "--json")

    lines = record.read_text().splitlines()
    assert (ingest.returncode, search.returncode) == (0, 0), ingest.stderr + search.stderr
    assert "foam" in search.stdout
    assert lines == ["watching"] * 3  # two commands, and the child that verified the build


@pytest.mark.parametrize(
    ("attempt", "written"),
    [
        ("socket.create_connection(('192.0.2.1', 9), timeout=0.01)", "192.0.2.1"),
        ("socket.getaddrinfo('brand.invalid', 80)", "socket.getaddrinfo brand.invalid"),
        ("socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", "socket.sendto 192.0.2.1"),
    ],
    ids=["connection", "name", "datagram"],
)
def test_the_recorder_would_have_seen_an_attempt(record: Path, attempt: str, written: str) -> None:
    run("-c", f"import socket\n{attempt}")

    assert written in record.read_text()


def test_chromas_telemetry_is_off_whatever_the_environment_says(record: Path) -> None:
    code = """
import os
import knowledge.vector_store
import chromadb.config

print(os.environ["ANONYMIZED_TELEMETRY"], chromadb.config.Settings().anonymized_telemetry)
"""

    told = run("-c", code).stdout.split()

    assert told == ["False", "False"]
