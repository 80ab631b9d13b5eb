"""Example questions by label, and the labels whose examples come nearest to a question.

A release's `exemplars.yaml` maps labels to texts. Their vectors are computed once, when the snapshot is built, and lie
beside the file. What a label means is the business of whoever asks (`assistant/policy.py`).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from knowledge.embedding import Vectors
from knowledge.errors import SnapshotError

SOURCE, STORED = "exemplars.yaml", "exemplars.npz"


def exemplar_texts(folder: Path) -> dict[str, list[str]]:
    """Return the texts by label; none when the folder has no such file. Raises `SnapshotError` when it is no mapping."""
    path = folder / SOURCE
    if not path.exists():
        return {}
    try:
        texts = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (ValueError, yaml.YAMLError) as error:
        message = f"{path} can't be read ({error}). Correct the file."
        raise SnapshotError(message) from error
    if not isinstance(texts, dict) or not all(isinstance(rows, list) for rows in texts.values()):
        message = f"{path} must map labels to lists of questions. Correct the file."
        raise SnapshotError(message)
    return {str(label): [str(text) for text in rows] for label, rows in texts.items()}


def write_exemplars(folder: Path, texts: dict[str, list[str]], vectors: Vectors) -> None:
    """Write the vectors of `texts`, in the order of labels and texts, beside the source."""
    labels = [label for label, rows in texts.items() for _ in rows]
    with (folder / STORED).open("wb") as file:
        np.savez(file, labels=np.array(labels), vectors=vectors)


@dataclass(frozen=True, kw_only=True)
class Exemplars:
    """Unit vectors with a label each."""

    labels: tuple[str, ...]
    vectors: Vectors

    @classmethod
    def read(cls, folder: Path, *, more: dict[str, Vectors]) -> Exemplars:
        """Return the exemplars of a release together with `more` vectors by label. Raises `SnapshotError`."""
        labels: list[str] = []
        parts: list[Vectors] = []
        try:
            if (folder / SOURCE).exists():
                with (folder / STORED).open("rb") as file, np.load(file, allow_pickle=False) as stored:
                    labels, parts = stored["labels"].tolist(), [stored["vectors"]]
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
            message = f"The exemplars in {folder} can't be read ({error}). Run 'brand-assistant ingest'."
            raise SnapshotError(message) from error
        if len(labels) != sum(len(part) for part in parts):
            message = f"The exemplars in {folder} can't be read (labels are missing). Run 'brand-assistant ingest'."
            raise SnapshotError(message)
        for label, vectors in more.items():
            labels += [label] * len(vectors)
            parts.append(vectors)
        return cls(labels=tuple(labels), vectors=np.concatenate(parts).astype(np.float32))

    def nearest(self, vector: Vectors) -> dict[str, float]:
        """Return, by label, the cosine of the nearest exemplar."""
        cosines = self.vectors @ vector
        best: dict[str, float] = {}
        for label, cosine in zip(self.labels, cosines.tolist(), strict=True):
            if cosine > best.get(label, -1.0):
                best[label] = cosine
        return best
