"""Nothing phones home: every connection of a child process that ingests and asks is recorded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

RECORDER = """
import socket, sys
outside = []
def local(address):
    host = str(address[0]) if isinstance(address, tuple) else ""
    return host in ("", "localhost", "::1") or host.startswith("127.")
def guard(name):
    original = getattr(socket.socket, name)
    def wrapped(self, address, *rest):
        if self.family != socket.AF_UNIX and not local(address):
            outside.append((name, address))
            raise OSError("refused by the test")
        return original(self, address, *rest)
    setattr(socket.socket, name, wrapped)
guard("connect"); guard("connect_ex"); guard("sendto")
look_up = socket.getaddrinfo
def getaddrinfo(host, *rest, **more):
    if not local((host,)):
        outside.append(("getaddrinfo", host))
        raise OSError("refused by the test")
    return look_up(host, *rest, **more)
socket.getaddrinfo = getaddrinfo
sys.argv = ["brand-assistant", *COMMAND]
from ui.cli import main
try:
    main()
except SystemExit:
    pass
print("OUTSIDE", outside, file=sys.stderr)
"""


def test_no_connection_leaves_the_machine_while_ingesting_and_asking(tmp_path: Path) -> None:
    environment = {**os.environ, "BRAND_ASSISTANT_HOME": str(tmp_path)}
    for command in (["ingest"], ["ask", "À quoi servent les butées hydrauliques progressives ?", "--json"], ["serve", "--help"]):
        child = subprocess.run(
            [sys.executable, "-c", f"COMMAND = {command!r}\n{RECORDER}"],
            env=environment, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip

        assert "OUTSIDE []" in child.stderr, child.stderr[-2000:]
        assert child.stdout


def test_tracing_to_a_third_party_is_refused_at_start(tmp_path: Path) -> None:
    environment = {**os.environ, "BRAND_ASSISTANT_HOME": str(tmp_path), "LANGSMITH_TRACING": "true"}

    child = subprocess.run(
        [sys.executable, "-m", "ui", "ask", "bonjour"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert child.returncode == 1
    assert "LANGSMITH_TRACING" in child.stderr
    assert "Traceback" not in child.stderr
