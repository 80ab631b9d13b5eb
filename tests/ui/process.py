"""A server in a process of its own, as an operator starts it: to talk to, to stop, to kill and to start again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from ui.replicas import free_port

_START_SECONDS = 60


def copy_knowledge(home: Path, to: Path) -> Path:
    """Copy what is live in a home folder, without its records, so that a server starts at once."""
    to.mkdir(parents=True, exist_ok=True)
    for name in ("snapshots", "serving"):
        if (home / name).exists():
            shutil.copytree(home / name, to / name, symlinks=True)
    return to


@dataclass
class Server:
    """One server; `start` waits until it is ready."""

    home: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {**os.environ, "BRAND_ASSISTANT_HOME": str(self.home), **self.settings}
        command = [sys.executable, "-m", "ui", "serve", "--port", str(self.port)]
        log = (self.home / "server.log").open("ab")
        self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        log.close()
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.address}/readyz").status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        message = f"the server did not start:\n{(self.home / 'server.log').read_text(encoding='utf-8')}"
        raise AssertionError(message)

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end and return the exit status."""
        assert self.process is not None
        return self.process.wait(timeout=_START_SECONDS)


@contextmanager
def serving(home: Path, **settings: str) -> Iterator[Server]:
    """Lend a running server over a home folder; it is killed at the end if it still runs."""
    server = Server(home, settings=settings)
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.send(signal.SIGKILL)
            server.ended()
