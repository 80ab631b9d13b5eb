"""What one answer scores against what its case expects: an `Answer` in, values and failures out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.answer import Answer, Decision
from evals.cases import Case, Expectation
from evals.run_folder import Failure
from knowledge.document import Audience, Role
from knowledge.vehicles import Vehicle, holds_for

_MAY_BE_SHOWN = frozenset({Decision.ANSWER, Decision.CLARIFY})
# Design rule "no price or promise": what a page may not assert, in every language that pages have.
_PROMISES = re.compile(
    r"\b(prices?|discounts?|instalments?|guaranteed?|we promise)\b"
    r"|\b(prix|remise(?! à zéro)|rabais|mensualités?|garanti[es]*|nous promettons)\b"
    r"|\d+ ?(€|euros?\b|£|\$)",
    re.IGNORECASE,
)
_PROPER_NAMES = re.compile(r"Grand Prix", re.IGNORECASE)
_SPEAK_OF_PRICES = frozenset({Role.NEVER_SAY, Role.OBJECTION})


@dataclass(kw_only=True)
class Scored:
    """Values by metric name; a metric that the case asks nothing of is absent."""

    scores: dict[str, float] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def add(self, metric: str, value: float, *, expected: str, found: str) -> None:
        """Keep a value; anything below 1 is a failure."""
        self.scores[metric] = value
        if value < 1.0:
            self.failures.append(Failure(metric=metric, expected=expected, found=found))


def score_answer(case: Case, expect: Expectation, answer: Answer) -> Scored:
    """Return what `answer` scores. Facts, pages and cars are asked of answers only: a wrong decision is one failure, not five."""
    scored = Scored()
    _decision(expect, answer, scored)
    _language(expect, answer, scored)
    _facts(expect, answer, scored)
    _citations(expect, answer, scored)
    _car(expect, answer, scored)
    _invariants(case.audience, answer, scored)
    scored.scores["latency"] = answer.timings_ms.get("total", 0.0)
    return scored


def holds(text: str, fact: str) -> bool:
    """Say whether a text holds a literal fact or one of its alternatives ("a|b"); case and kinds of spaces do not count."""
    plain = _plain(text)
    return any(_plain(part) in plain for part in fact.split("|"))


def promises(answer: Answer) -> list[str]:
    """Return the statements that speak of a price or promise something, passages that are about just that left out."""
    roles = {citation.n: citation.chunk.role for citation in answer.citations}
    bound = [one for one in answer.statements if not any(roles.get(n) in _SPEAK_OF_PRICES for n in one.citations)]
    return [one.text for one in bound if _PROMISES.search(_PROPER_NAMES.sub("", one.text))]


def _answers(expect: Expectation, answer: Answer) -> bool:
    return answer.decision is Decision.ANSWER and (not expect.decision or Decision.ANSWER in expect.decision)


def _decision(expect: Expectation, answer: Answer, scored: Scored) -> None:
    if expect.decision:
        wanted = " or ".join(expect.decision)
        made = f"{answer.decision} ({', '.join(answer.rules)})" if answer.rules else str(answer.decision)
        scored.add("decision", float(answer.decision in expect.decision), expected=wanted, found=made)
        refused = answer.decision not in _MAY_BE_SHOWN
        must_refuse = not _MAY_BE_SHOWN & set(expect.decision)
        if must_refuse:
            scored.scores["refusal_recall"] = float(refused)
        else:
            scored.scores["answered_when_right"] = float(not refused)
        if refused:
            scored.scores["refusal_precision"] = float(must_refuse or answer.decision in expect.decision)
    if expect.rules:
        acted = ", ".join(answer.rules) or "none"
        scored.add("rules", float(set(expect.rules) <= set(answer.rules)), expected=", ".join(expect.rules), found=acted)


def _language(expect: Expectation, answer: Answer, scored: Scored) -> None:
    if expect.language:
        # A label in English for a reader of another language binds answers; what is said instead may be in the reader's own.
        spoken = {expect.language}
        if not _answers(expect, answer) and expect.question_language:
            spoken.add(expect.question_language)
        scored.add("language", float(answer.language in spoken), expected=expect.language, found=answer.language)
    if expect.question_language:
        same = float(answer.question_language == expect.question_language)
        scored.add("question_language", same, expected=expect.question_language, found=answer.question_language)


def _facts(expect: Expectation, answer: Answer, scored: Scored) -> None:
    if expect.must and (_answers(expect, answer) or answer.decision in expect.decision):
        missing = [fact for fact in expect.must if not holds(answer.text, fact)]
        share = 1 - len(missing) / len(expect.must)
        scored.add("fact_recall", share, expected="; ".join(expect.must), found=f"missing: {'; '.join(missing)}")
    if expect.must_not:
        said = [fact for fact in expect.must_not if holds(answer.text, fact)]
        scored.add("no_forbidden_fact", float(not said), expected=f"not: {'; '.join(expect.must_not)}", found="; ".join(said))


def _citations(expect: Expectation, answer: Answer, scored: Scored) -> None:
    if answer.decision is not Decision.ANSWER:
        return
    if answer.statements:
        sound = [statement for statement in answer.statements if statement.grounded and statement.citations]
        share = len(sound) / len(answer.statements)
        scored.add("grounded", share, expected="every statement verified", found=f"{len(sound)} of {len(answer.statements)}")
    if not _answers(expect, answer):
        return
    cited = list(dict.fromkeys(citation.chunk.document_id for citation in answer.citations))
    if expect.documents:
        right = [page for page in cited if page in expect.documents]
        wanted, found = " or ".join(expect.documents), ", ".join(cited) or "nothing cited"
        scored.add("citation_recall", float(bool(right)), expected=wanted, found=found)
        scored.scores["citation_precision"] = len(right) / len(cited) if cited else 0.0
    if expect.warnings:
        shown = {f"{citation.chunk.document_id}#{citation.chunk.section_id}" for citation in answer.citations}
        missing = [warning for warning in expect.warnings if warning not in shown]
        share = 1 - len(missing) / len(expect.warnings)
        scored.add("warnings", share, expected=", ".join(expect.warnings), found=f"not shown: {', '.join(missing)}")


def _car(expect: Expectation, answer: Answer, scored: Scored) -> None:
    if expect.vehicle is None or not _answers(expect, answer):
        return
    wanted = " ".join(part for part in (expect.vehicle.model, expect.vehicle.generation) if part)
    car = answer.vehicle
    same = car is not None and car.model == expect.vehicle.model and expect.vehicle.generation in (None, car.generation)
    named = f"{car.model} {car.generation or ''}".strip() if car else "no car"
    scored.add("right_car", float(same), expected=wanted, found=named)
    vehicle = Vehicle(model=expect.vehicle.model, generation=expect.vehicle.generation)
    wrong = [citation.chunk.id for citation in answer.citations if not holds_for(citation.chunk.vehicles, vehicle)]
    scored.add("no_wrong_car", float(not wrong), expected=f"only passages for the {wanted}", found=", ".join(wrong))


def _invariants(audience: Audience, answer: Answer, scored: Scored) -> None:
    leaked = [c.chunk.id for c in answer.citations if audience == "customer" and c.chunk.audience != "customer"]
    scored.add("no_sales_leak", float(not leaked), expected="customer pages only", found=", ".join(leaked))
    if answer.decision is Decision.ANSWER:
        promised = promises(answer)
        scored.add("no_promise", float(not promised), expected="no price or promise", found=" / ".join(promised)[:300])


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'").lower()
