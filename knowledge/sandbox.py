"""Reads a file in a child process that may use little memory and time, and no network.

Input: the name of a reader module and a file. Output: the JSON that the reader made of it, or a `DocumentError` with what
became of the child. Files come from anywhere, and libraries that read them can be made to crash, to eat memory, or to run
forever; then the child dies, and only its file is lost. `python -m knowledge.sandbox` is the child.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from pydantic import BaseModel

from knowledge.errors import DocumentError

if sys.platform != "win32":
    import resource

_KEPT_ENVIRONMENT = ("PATH", "PYTHONPATH", "LANG", "TMPDIR", "SYSTEMROOT")  # no keys, no proxies, no settings
_REASON = 200  # characters of a library's message that are repeated


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a child may use: address space and output in bytes, processor and wall-clock time in seconds."""

    memory: int = 512 * 2**20
    output: int = 64 * 2**20
    seconds: float = 30.0


class Reader(Protocol):
    """A module that a child can be told to run."""

    def read(self, path: Path, options: dict[str, Any]) -> BaseModel:
        """Return what is in the file. Raises `DocumentError` for what it recognizes, and anything for what it does not."""


def run(
    reader: str, path: Path, *, name: str, options: dict[str, Any] | None = None, limits: Limits | None = None
) -> dict[str, Any]:
    """Return the JSON object that `reader` (a module with a function `read`) makes of `path`.

    Errors call the file `name`. Raises `DocumentError` when the file can't be used, or the child had to be killed.
    """
    limits = limits or Limits()
    order = json.dumps({"reader": reader, "path": str(path.absolute()), "options": options or {}, "limits": asdict(limits)})
    environment = {key: os.environ[key] for key in _KEPT_ENVIRONMENT if key in os.environ}
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        # -P: a file called bs4.py in the working folder is not ours to import.
        child = subprocess.Popen(  # noqa: S603  our own module
            [sys.executable, "-P", "-m", "knowledge.sandbox", order],
            stdin=subprocess.DEVNULL, stdout=output, stderr=complaints, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            status = child.wait(limits.seconds)
        except subprocess.TimeoutExpired as error:
            raise _too_long(name, limits) from error
        finally:
            _kill(child)
        output.seek(0)
        return _outcome(output.read(), status, name, limits)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started; it leads a group of its own."""
    if child.poll() is None:
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _outcome(output: bytes, status: int, name: str, limits: Limits) -> dict[str, Any]:
    if status == -getattr(signal, "SIGXCPU", 0):
        raise _too_long(name, limits)
    try:
        told: dict[str, Any] = json.loads(output)
    except ValueError as error:
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        reason = f"the program that reads it ended on it ({how})"
        raise DocumentError(name, reason, "The file is damaged or made to harm. Save it anew from its own program.") from error
    if "refused" in told:
        refused = told["refused"]
        raise DocumentError(name, refused["reason"], refused["cure"], line=refused["line"], field=refused["field"])
    return cast("dict[str, Any]", told["read"])


def _too_long(name: str, limits: Limits) -> DocumentError:
    cure = "Split the file, or save it anew from its own program."
    return DocumentError(name, f"reading it takes more than {limits.seconds:g} seconds", cure)


def main(order: dict[str, Any]) -> dict[str, Any]:
    """Do what the parent ordered, within the limits; return what to print."""
    from knowledge.isolation import forbid_network

    limits = Limits(**order["limits"])
    _limit(limits)
    forbid_network()
    try:
        reader = cast("Reader", importlib.import_module(order["reader"]))
        return {"read": reader.read(Path(order["path"]), order["options"]).model_dump(mode="json")}
    except DocumentError as error:
        return _refused(error.reason, error.cure, line=error.line, field=error.field)
    except MemoryError:
        reason = f"reading it takes more than {limits.memory // 2**20} MB of memory"
        return _refused(reason, "Split the file, or save it anew from its own program.")
    except RecursionError:
        return _refused("it is nested too deeply", "Save it anew from its own program.")
    except Exception as error:  # noqa: BLE001  libraries raise anything at all on damaged files
        told = " ".join(f"{type(error).__name__}: {error}".split())[:_REASON]
        return _refused(f"it is damaged ({told})", "Save it anew from its own program.")


def _refused(reason: str, cure: str, *, line: int = 1, field: str | None = None) -> dict[str, Any]:
    return {"refused": {"reason": reason, "cure": cure, "line": line, "field": field}}


def _limit(limits: Limits) -> None:
    if sys.platform == "win32":  # there the parent's clock is all there is
        return
    seconds = max(1, int(limits.seconds))
    wanted = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_FSIZE: limits.output,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: seconds,
    }
    for kind, value in wanted.items():
        resource.setrlimit(kind, (value, value + (kind == resource.RLIMIT_CPU)))


if __name__ == "__main__":
    answer = main(json.loads(sys.argv[1]))
    sys.stdout.buffer.write(json.dumps(answer).encode())
