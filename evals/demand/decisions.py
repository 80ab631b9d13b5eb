"""What marketing decided about a need: accept, merge, dismiss; with who and why, kept in the ledger for good.

Input: a decision. Output: the latest decision a need has. A merged need is counted with the one it was merged into; a dismissed
one stays in the report, at the end, with its reason.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evals.demand.ledger import Ledger

Choice = Literal["accept", "merge", "dismiss"]


class NeedDecision(BaseModel):
    """One decision about one need."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    need: str = Field(min_length=1)
    choice: Choice
    reason: str = Field(min_length=3)
    by: str = Field(min_length=1)
    into: str | None = None
    quarter: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.choice == "merge") != bool(self.into) or self.into == self.need:
            message = "a merge, and only a merge, names another need with --into"
            raise ValueError(message)
        return self


def decide(decision: NeedDecision, ledger: Ledger) -> int:
    """Write the decision into the ledger and return its number. Raises `LedgerError`."""
    with ledger.writing() as writer:
        [number] = writer.append([("decision", decision.model_dump(mode="json"))])
    return number


def decisions_in(ledger: Ledger) -> dict[str, NeedDecision]:
    """Return the latest decision of each need. Raises `LedgerError`."""
    latest: dict[str, NeedDecision] = {}
    for entry in ledger.entries():
        if entry.kind == "decision" and entry.body:
            decision = NeedDecision.model_validate({name: value for name, value in entry.body.items() if name != "salt"})
            latest[decision.need] = decision
    return latest


def merged_into(need: str, decisions: dict[str, NeedDecision]) -> str:
    """Return the need that `need` is counted with in the end: itself where it was not merged; circles are not followed."""
    seen = {need}
    while (decision := decisions.get(need)) and decision.choice == "merge" and decision.into and decision.into not in seen:
        need = decision.into
        seen.add(need)
    return need
