"""What was learnt from the shipped corpus's questions ships with it: training takes longer than the rest of a first start.

Input: what a model is to be trained on. Output: its file in a folder, copied from the corpus where the very same was learnt
before, trained otherwise. Nothing is looked up by name: a file is used only for exactly the texts and vectors it was made of.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
from pathlib import Path
from typing import ClassVar, Protocol

import numpy as np

from knowledge.embedding import Vectors
from knowledge.settings import SHIPPED_CORPUS

SHIPPED = SHIPPED_CORPUS / "learnt"
_LOADING = threading.Lock()


class Model(Protocol):
    """What is trained on texts by label and their vectors; `stored` is how its file is called."""

    stored: ClassVar[str]

    @classmethod
    def train(cls, examples: dict[str, list[str]], vectors: Vectors, /) -> Model | None:
        """Return the model, or None where there is nothing to learn."""

    def write(self, folder: Path) -> None:
        """Write it into `folder`."""


def learn_into(folder: Path, kind: type[Model], examples: dict[str, list[str]], vectors: Vectors) -> None:
    """Put the model of these examples into `folder`: copied when it ships, else trained."""
    shipped = SHIPPED / shipped_name(kind, examples, vectors)
    if shipped.exists():
        shutil.copyfile(shipped, folder / kind.stored)
        return
    _load_scikit_learn()
    if model := kind.train(examples, vectors):
        model.write(folder)


def _load_scikit_learn() -> None:
    """Load what models train with, one thread after the other: Python refuses two that import parts of it crosswise."""
    with _LOADING:
        import sklearn.kernel_ridge
        import sklearn.linear_model  # noqa: F401  loaded for `train`


def shipped_name(kind: type[Model], examples: dict[str, list[str]], vectors: Vectors) -> str:
    """Return under which name the model of these examples ships."""
    digest = hashlib.sha256(json.dumps(examples, ensure_ascii=False).encode())
    digest.update(np.ascontiguousarray(vectors, dtype=np.float16).tobytes())
    return f"{Path(kind.stored).stem}-{digest.hexdigest()[:16]}.npz"
