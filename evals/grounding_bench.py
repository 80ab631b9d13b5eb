"""`bench grounding`: how well support and contradiction are told on labelled pairs, beside plain word overlap.

Input: JSON lines {id, set, task "support"|"contradiction", source, claim, label 1|0}. Output: precision, recall, F1 and AUROC per
set, of the probability that belongs to the task. `unfitted` is the half that `entailment_fitting.py` never reads.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score

from assistant.entailment import Entailment, Pair
from knowledge.embedding import BundledEmbedder, Embedder, Vectors
from knowledge.embedding_cache import EmbeddingCache
from knowledge.errors import ConfigurationError
from knowledge.settings import SHIPPED_CORPUS
from knowledge.words import words

_BATCH = 100
_CONTRADICTED_FROM = 0.5


class GroundingCase(BaseModel):
    """One labelled pair. `label` 1: the source supports the claim, or contradicts it, as `task` says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    set: str
    task: Literal["support", "contradiction"]
    source: str
    claim: str
    label: Literal[0, 1]


class StoredVectors:
    """An embedder that keeps its vectors in a file, for benchmarks that are run again and again."""

    def __init__(self, embedder: Embedder, path: Path | None = None) -> None:
        self._embedder = embedder
        self.fingerprint, self.dimensions = embedder.fingerprint, embedder.dimensions
        self._cache = EmbeddingCache(embedder, path=path or Path(tempfile.gettempdir()) / "brand-assistant-bench.sqlite")

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        return self._embedder.embed_query(text)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self._cache.embed_questions(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self._cache.embed_passages(texts)


def read_cases(path: Path) -> list[GroundingCase]:
    """Return the cases in a file of JSON lines. Raises `ConfigurationError` with the line at fault."""
    cases = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            cases.append(GroundingCase.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}:{number}: this is not a labelled pair: {error}"
            raise ConfigurationError(message) from error
    return cases


def first_half(case: GroundingCase) -> bool:
    """Say whether a case may be learnt from; all claims about one source are in the same half."""
    return hashlib.sha256(case.source.encode()).digest()[0] % 2 == 0


def overlap(case: GroundingCase) -> float:
    """Return the share of the claim's words that the source holds: what every check must beat."""
    mine, theirs = words(case.claim), set(words(case.source))
    return sum(word in theirs for word in mine) / len(mine) if mine else 0.0


def measure(cases: list[GroundingCase], entailment: Entailment) -> dict[str, dict[str, float]]:
    """Return the figures per set, and per set on the half that nothing was fitted on."""
    judged = [
        judgement
        for start in range(0, len(cases), _BATCH)
        for judgement in entailment.check([Pair(claim=case.claim, source=case.source) for case in cases[start : start + _BATCH]])
    ]
    table: dict[str, dict[str, float]] = {}
    for name in dict.fromkeys(case.set for case in cases):
        for half in ("", " unfitted"):
            rows = [
                (case, judgement)
                for case, judgement in zip(cases, judged, strict=True)
                if case.set == name and not (half and first_half(case))
            ]
            scores = [getattr(judgement, case.task) for case, judgement in rows]
            strict = [
                judgement.supported if case.task == "support" else score >= _CONTRADICTED_FROM
                for (case, judgement), score in zip(rows, scores, strict=True)
            ]
            table[name + half] = figures([case.label for case, _ in rows], scores, strict, [overlap(case) for case, _ in rows])
    return table


def figures(labels: Sequence[int], scores: list[float], decided: list[bool], baseline: list[float]) -> dict[str, float]:
    """Return the figures of one set; AUROC is left out where only one label is there."""
    precision, recall, f1, _ = precision_recall_fscore_support(
        labels, [int(one) for one in decided], average="binary", zero_division=0
    )
    row = {"cases": len(labels), "precision": precision, "recall": recall, "f1": f1}
    if len(set(labels)) > 1:
        row |= {"auroc": roc_auc_score(labels, scores), "overlap_auroc": roc_auc_score(labels, baseline)}
    return {name: round(float(value), 4) for name, value in row.items()}


def run(cases: Path, as_json: bool) -> None:
    """Print the figures for a file of cases. `supported` decides support; a probability of one half, contradiction."""
    began = time.perf_counter()
    table = measure(read_cases(cases), Entailment.open(StoredVectors(BundledEmbedder()), SHIPPED_CORPUS))
    if as_json:
        print(json.dumps(table, indent=1))
        return
    print(f"{'':<22}" + "".join(f"{name:>15}" for name in ("cases", "precision", "recall", "f1", "auroc", "overlap_auroc")))
    for name, row in table.items():
        print(
            f"{name:<22}{int(row['cases']):>15}"
            + "".join(f"{row.get(key, float('nan')):>15.3f}" for key in ("precision", "recall", "f1", "auroc", "overlap_auroc"))
        )
    print(f"{time.perf_counter() - began:.0f} s")
