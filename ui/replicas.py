"""Two servers behind a proxy, on this machine and without containers: the set of compose.yaml.

Each replica has a home of its own with an imported snapshot; the records of both are in one PostgreSQL. Input: a home with a
live snapshot. Output: running processes, ended with the context. Needs nginx and PostgreSQL's own commands on this machine.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import httpx

from knowledge.errors import ConfigurationError

_CONFIGURATION = Path(__file__).parent / "nginx.conf"
_START_SECONDS = 90
_COMMAND_SECONDS = 120


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """What runs: the address of the proxy, the servers behind it."""

    address: str
    servers: tuple[subprocess.Popen[bytes], ...]
    addresses: tuple[str, ...]

    def kill(self, number: int) -> None:
        """Kill a server without warning, as a machine that fails does."""
        self.servers[number].kill()
        self.servers[number].wait()


@contextmanager
def replicas(home: Path, folder: Path, *, count: int = 2, port: int | None = None) -> Iterator[Replicas]:
    """Lend `count` servers behind a proxy on `port`; what they write is in `folder`.

    Raises `ConfigurationError` when a program is missing or a server does not start.
    """
    nginx, binaries = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), postgres_binaries()
    if nginx is None or binaries is None:
        missing = " and ".join(name for name, found in (("nginx", nginx), ("postgresql", binaries)) if found is None)
        message = (
            f"Replicas need {missing}, which this machine does not have. Install it (Debian: apt install nginx-light postgresql)."
        )
        raise ConfigurationError(message)
    folder.mkdir(parents=True, exist_ok=True)
    archive, key = folder / "snapshot.zip", secrets.token_hex(32)
    archive.unlink(missing_ok=True)
    _command(home, key, "index", "export", "--out", str(archive))
    with ExitStack() as running:
        database = running.enter_context(postgres(binaries, folder / "postgresql"))
        ports = [free_port() for _ in range(count)]
        servers = []
        for number, own_port in enumerate(ports, start=1):
            own = folder / f"replica-{number}"
            own.mkdir(exist_ok=True)
            _command(own, key, "index", "import", str(archive))
            servers.append(running.enter_context(_server(own, own_port, database)))
        addresses = tuple(f"http://127.0.0.1:{own_port}" for own_port in ports)
        for address, server in zip(addresses, servers, strict=True):
            _wait(f"{address}/readyz", server, folder)
        front = port or free_port()
        running.enter_context(_proxy(nginx, folder / "nginx", front, ports))
        yield Replicas(address=f"http://127.0.0.1:{front}", servers=tuple(servers), addresses=addresses)


def free_port() -> int:
    """Return a port of this machine that nobody listens on just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def postgres(binaries: Path, folder: Path) -> Iterator[str]:
    """Lend the address of a PostgreSQL server with its data in `folder`, made on a first start. Raises `ConfigurationError`."""
    data, port = folder / "data", free_port()
    # PostgreSQL refuses to run as root; Debian's package brings a user for it.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if not (data / "PG_VERSION").exists():
        data.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(data, "postgres")
        _run([*user, str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8"])
    control = [*user, str(binaries / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    _run([*control, "-l", str(data / "log"), "-o", options, "start"])
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        _run([*control, "-m", "fast", "stop"])


def postgres_binaries() -> Path | None:
    """Return the folder of PostgreSQL's own commands, the newest where there are several."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return folders[-1] if folders else Path(on_path).parent if on_path else None


@contextmanager
def _server(home: Path, port: int, database: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ, "BRAND_ASSISTANT_HOME": str(home), "BRAND_ASSISTANT_DATABASE_URL": database,
        "BRAND_ASSISTANT_TRUSTED_PROXY": "true",
    }  # fmt: skip
    with (home / "server.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-m", "ui", "serve", "--port", str(port)], env=environment, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=_COMMAND_SECONDS)


@contextmanager
def _proxy(nginx: str, folder: Path, port: int, behind: list[int]) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    configuration = folder / "nginx.conf"
    servers = "\n    ".join(f"server 127.0.0.1:{own} max_fails=1 fail_timeout=3s;" for own in behind)
    names = {"FOLDER": str(folder), "ERRORS": str(folder / "errors.log"), "LISTEN": f"127.0.0.1:{port}", "REPLICAS": servers}
    # nginx writes its own variables with a dollar sign too, in small letters: those stay.
    text = Template(_CONFIGURATION.read_text(encoding="utf-8")).safe_substitute(names)
    configuration.write_text(text, encoding="utf-8")
    process = subprocess.Popen([nginx, "-c", str(configuration), "-g", "daemon off;"], stderr=subprocess.DEVNULL)  # noqa: S603  the machine's nginx
    try:
        _wait(f"http://127.0.0.1:{port}/healthz", process, folder)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(timeout=_COMMAND_SECONDS)


def _command(home: Path, key: str, *arguments: str) -> None:
    environment = {**os.environ, "BRAND_ASSISTANT_HOME": str(home), "BRAND_ASSISTANT_TRANSFER_KEY": key}
    _run([sys.executable, "-m", "ui", *arguments], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603  our own commands and PostgreSQL's
        command, env=environment, cwd="/" if environment is None else None, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        timeout=_COMMAND_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        message = f"{' '.join(command[-3:])} failed: {done.stderr.decode(errors='replace').strip()[-600:]}"
        raise ConfigurationError(message)


def _wait(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until an address answers with 200. Raises `ConfigurationError`."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(address).status_code == httpx.codes.OK:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    message = f"{address} did not answer. What was written is in {folder}."
    raise ConfigurationError(message)


def main() -> None:
    """Run the set until Ctrl-C, over the home that the settings name; a first start builds its knowledge."""
    from assistant.bootstrap import open_assistant
    from assistant.settings import Settings

    settings = Settings.read()
    with open_assistant(settings, "customer"):
        pass
    with replicas(settings.home, settings.home / "replicas", port=int(os.environ.get("PORT", "8000"))) as running:
        print(f"Two replicas answer at {running.address} (themselves: {', '.join(running.addresses)}). Ctrl-C stops them.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            print("Stopping; answers under way are finished.")


if __name__ == "__main__":
    main()
