"""Which cases a run asks: `full` is every shipped case, `smoke` those that must hold and a fixed share of the others.

Input: a suite's name or a file of cases. Output: `Case`s with unique ids. The share is data, in `sets/suites.yaml`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evals.cases import Case, CaseError, from_conversations, from_questions, read_cases
from evals.questions import SETS

SUITES = ("smoke", "full")


class _Suites(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    smoke_share: int = Field(ge=0, le=100)


def read_suite(name: str, *, documents: Collection[str] | None = None) -> list[Case]:
    """Return the cases of a shipped suite. `documents`: see `read_cases`. Raises `CaseError`, `SetError`."""
    if name not in SUITES:
        message = f"The suite {name!r} is not known. Choose {' or '.join(SUITES)}, or name a file with --cases."
        raise CaseError(message)
    cases = _all(documents)
    if name == "full":
        return cases
    share = _share(SETS / "suites.yaml")
    return [case for case in cases if case.must_hold or _chance(case.id) < share]


def _all(documents: Collection[str] | None) -> list[Case]:
    cases = [case for path in sorted(SETS.glob("cases*.yaml")) for case in read_cases(path, documents=documents)]
    cases += from_conversations(SETS / "conversations.jsonl")
    cases += from_questions(SETS / "retrieval.jsonl")
    seen: set[str] = set()
    for case in cases:
        if case.id in seen:
            message = f"{SETS}: the id {case.id!r} is in two of the shipped files. Give one of them another."
            raise CaseError(message)
        seen.add(case.id)
    return cases


def _share(path: Path) -> int:
    try:
        return _Suites.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).smoke_share
    except (OSError, yaml.YAMLError, ValidationError) as error:
        message = f"{path} can't be used: {error}"
        raise CaseError(message) from error


def _chance(name: str) -> int:
    """Return a fixed number from 0 to 99 for an id, other than the one that decides its half."""
    return int.from_bytes(hashlib.sha256(f"smoke {name}".encode()).digest()[:4], "big") % 100
