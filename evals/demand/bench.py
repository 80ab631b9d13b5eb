"""Measures how well remarks are read, on a set labelled blind; and how well they are grouped, beside two stock recipes.

`remarks.jsonl` was written by somebody who knew the facts but neither the lexicon nor the code. A remark belongs to the test
half by the hash of its id, and nothing is ever chosen on that half.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from evals.demand.remark_lexicon import SETS, Kind
from evals.demand.review import Review
from evals.demand.understanding import RemarkReader
from evals.questions import Half, SetError


class LabelledRemark(BaseModel):
    """One remark with what it is; `feature` in the words of the labeller, see `remark-features.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: str
    text: str
    kind: Kind
    feature: str | None
    vehicle: str | None
    note: str | None = None

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash."""
        return "test" if hashlib.sha256(self.id.encode()).digest()[0] % 2 else "development"

    @property
    def features(self) -> frozenset[str | None]:
        """Every id of the knowledge's lexicon that its label means."""
        return frozenset(_meanings().get(self.feature or "", (self.feature,)))


def meaning_of(label: str) -> str:
    """Return the id of the knowledge's lexicon that a label means first."""
    return _meanings().get(label, (label,))[0]


def read_labelled(path: Path = SETS / "remarks.jsonl") -> list[LabelledRemark]:
    """Return the labelled remarks. Raises `SetError` naming the line at fault."""
    remarks = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            remarks.append(LabelledRemark.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}, line {number}: {error.errors()[0]['msg']}. Correct the line."
            raise SetError(message) from error
    return remarks


def measure(labelled: list[LabelledRemark], reader: RemarkReader) -> dict[str, Any]:
    """Return the shares that are right: kind, feature, car, recall of "cannot use it"; with the confusion of kinds."""
    found = reader.read_whole([Review(text=remark.text, language=remark.language) for remark in labelled])
    pairs = list(zip(labelled, found, strict=True))
    wanted = [remark for remark, _ in pairs if remark.kind == "cannot-use"]
    said = [remark for remark, read in pairs if read.kind == "cannot-use"]
    both = [remark for remark, read in pairs if read.kind == remark.kind == "cannot-use"]
    confusion = Counter((remark.kind, read.kind) for remark, read in pairs if remark.kind != read.kind)
    return {
        "remarks": len(labelled),
        "share of each kind": {
            kind: round(n / len(labelled), 3) for kind, n in sorted(Counter(r.kind for r in labelled).items())
        },
        "kind": _share([remark.kind == read.kind for remark, read in pairs]),
        "kind, French": _share([remark.kind == read.kind for remark, read in pairs if remark.language == "fr"]),
        "kind, English": _share([remark.kind == read.kind for remark, read in pairs if remark.language == "en"]),
        "feature": _share([read.feature in remark.features for remark, read in pairs]),
        "car, where one is read": _share([_same_car(read.car.model, remark.vehicle) for remark, read in pairs if read.car]),
        "cars read": sum(read.car is not None for _, read in pairs),
        "cannot-use recall": _share([read.kind == "cannot-use" for remark, read in pairs if remark.kind == "cannot-use"]),
        "cannot-use precision": round(len(both) / len(said), 4) if said else None,
        "cannot-use remarks": len(wanted),
        "confused": {f"{true} read as {read}": n for (true, read), n in confusion.most_common()},
    }


def _same_car(model: str, label: str | None) -> bool:
    """Say whether a model is the labelled one; electric cars are labelled with their own name ("ë-C4")."""
    return label is not None and label.removeprefix("ë-") == model


def _share(right: list[bool]) -> float | None:
    return round(sum(right) / len(right), 4) if right else None


@lru_cache(maxsize=1)
def _meanings() -> dict[str, tuple[str, ...]]:
    table = yaml.safe_load((SETS / "remark-features.yaml").read_text(encoding="utf-8"))
    return {label: tuple(features) for label, features in table.items()}
