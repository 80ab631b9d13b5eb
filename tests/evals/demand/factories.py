from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from evals.demand.needs import Need
from evals.demand.review import Review
from evals.demand.understanding import Remark


def write_csv(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def remark(text: str, *, number: int = 1, person: str | None = None, feature: str | None = None, **more) -> Remark:
    values = {
        "number": number, "person": person or f"#{number}", "review": Review(text=text, day=date(2026, 8, 1), market="FR"),
        "text": text, "language": "fr", "kind": "cannot-use", "certainty": 0.9, "sentiment": "negative", "feature": feature,
        "car": None, "evidence": (),
    }  # fmt: skip
    return Remark(**{**values, **more})


def need(*remarks: Remark, feature: str | None = None, **more) -> Need:
    values = {
        "id": feature or "retroviseur", "feature": feature, "words": () if feature else ("retroviseur",), "remarks": remarks,
        "people": len({item.person for item in remarks}), "before": 0, "trend": "noise",
    }  # fmt: skip
    return Need(**{**values, **more})
