"""What holds for every test: a clean environment, a home of its own, and no way off this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[1]
_SETTINGS = ("BRAND_ASSISTANT_", "OPENAI_", "LANGSMITH", "LANGCHAIN")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LOCAL_NAMES = frozenset({"", "localhost", socket.gethostname()})


class NetworkRefusedError(ConnectionRefusedError):
    """A test, or something it started in this process, tried to leave the machine."""


class _Guard:
    """An audit hook: it sees what no patch of Python's socket module would, and can't be taken out again."""

    def __init__(self) -> None:
        self.refused: list[str] = []

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto"):
            target = arguments[1][0] if isinstance(arguments[1], tuple) else ""
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            target = arguments[0] or ""
        else:
            return
        name = target.decode() if isinstance(target, bytes) else str(target)
        if not _stays_here(name):
            self.refused.append(name)
            message = f"tests do not leave this machine: {event} to {name}"
            raise NetworkRefusedError(message)


def _stays_here(name: str) -> bool:
    if name in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


_guard = _Guard()
sys.addaudithook(_guard)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take out every setting; children import the code under test from here."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_SETTINGS) or name.upper() in _PROXIES:
                patch.delenv(name)
        patch.setenv("BRAND_ASSISTANT_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHONPATH", str(_ROOT))
        yield


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test a home folder, and a working folder without a `.env`."""
    monkeypatch.setenv("BRAND_ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fail a test during which anything tried to reach another machine, even when the refusal was swallowed."""
    _guard.refused.clear()
    yield
    assert not _guard.refused, f"tried to reach {', '.join(_guard.refused)}"
