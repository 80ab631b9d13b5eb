"""Cases: questions with what a right answer must be like, as data with line-precise errors.

Input: a JSONL or YAML file of `Case`s, or the labelled sets that tuning uses (`conversations.jsonl`, `retrieval.jsonl`), which
become cases here. Output: validated `Case`s. Which of them a suite asks is `suites.py`'s job.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from assistant.answer import Channel, Decision
from evals.conversations import ExpectedVehicle, LabelledConversation, read_conversations
from evals.questions import Half, LabelledQuestion, read_questions
from knowledge.document import Audience
from knowledge.errors import BrandAssistantError

Kind = Literal["customer", "salesperson", "safety", "multi-turn"]
RULES = frozenset(
    {
        "price", "discount", "financing", "delivery", "trade-in", "legal", "warranty", "diagnosis", "competitor",
        "emergency", "injection", "off-topic", "personal-data", "abuse", "human", "promise", "recall", "environment",
        "staff-only", "minors",
    }
)  # fmt: skip
_SAFETY_SLICES = frozenset({"rule", "emergency", "emergency-lookalike", "near-rule"})
_Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


class CaseError(BrandAssistantError):
    """A case file that can't be used: names every fault with file, line and cure."""


class _Labelled(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Labelled):
    """What a right answer to one turn is like; what is left out is not scored.

    Any of `decision` is right. Each of `must` (facts) lists alternatives with "|", and one of them has to be in the answer's
    text; none of `must_not` may be. Any of `documents` is a right page. Each of `warnings` ("page#section") has to be cited.
    """

    decision: tuple[Decision, ...] = ()
    rules: tuple[str, ...] = ()
    language: _Language | None = None
    question_language: _Language | None = None
    vehicle: ExpectedVehicle | None = None
    documents: tuple[_Filled, ...] = ()
    must: tuple[_Filled, ...] = ()
    must_not: tuple[_Filled, ...] = ()
    warnings: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+#[a-z0-9-]+$")], ...] = ()

    @model_validator(mode="after")
    def _possible(self) -> Self:
        """Refuse what no answer could meet."""
        for wanted in self.must:
            alternatives = [part.strip().lower() for part in wanted.split("|")]
            if not all(alternatives):
                message = f"the fact {wanted!r} has an empty alternative, which every answer would meet"
                raise ValueError(message)
            banned = [bad for bad in self.must_not if all(bad.lower() in part for part in alternatives)]
            if banned:
                message = f"the answer must hold {wanted!r} and must not hold {banned[0]!r}: no answer can do both"
                raise ValueError(message)
        unknown = sorted(set(self.rules) - RULES)
        if unknown:
            message = f"the rule {unknown[0]!r} is not known{_guess(unknown[0], RULES)}"
            raise ValueError(message)
        if self.decision and not {Decision.ANSWER, Decision.CLARIFY} & set(self.decision):
            impossible = "documents" if self.documents else "warnings" if self.warnings else ""
            if impossible:
                message = f"{impossible} are expected, but none of the decisions {[d.value for d in self.decision]} cites a page"
                raise ValueError(message)
        return self


class CaseTurn(_Labelled):
    """One question of a case."""

    question: _Filled
    expect: Expectation


class Tags(_Labelled):
    """How results are grouped. `topic` is a page or theme, `persona` who asks."""

    topic: str = "general"
    difficulty: Literal["easy", "medium", "hard"] = "medium"
    persona: str = "anyone"


class Case(_Labelled):
    """One conversation with expectations. `must_hold`: the gate refuses whatever fails it, whatever the averages say.

    `language`, `market`, `channel` and `vehicle` are what the page around the question tells the assistant.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    kind: Kind
    audience: Audience = "customer"
    market: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "FR"
    channel: Channel = "website"
    language: _Language | None = None
    vehicle: str | None = None
    tags: Tags = Tags()
    must_hold: bool = False
    source: str = "cases"
    turns: tuple[CaseTurn, ...] = Field(min_length=1)

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash: the test half is never tuned on."""
        return half_of(self.id)

    @property
    def slices(self) -> dict[str, str]:
        """The dimensions by which figures are grouped, each with this case's value."""
        spoken = self.turns[0].expect.question_language or self.language or "unknown"
        return {
            "kind": self.kind, "audience": self.audience, "language": spoken, "market": self.market,
            "topic": self.tags.topic, "difficulty": self.tags.difficulty, "persona": self.tags.persona,
            "half": self.half, "source": self.source,
        }  # fmt: skip


def half_of(name: str) -> Half:
    """Return "test" or "development" by the parity of the SHA-256 of `name`, as the labelled sets do."""
    return "test" if hashlib.sha256(name.encode()).digest()[0] % 2 else "development"


def case_set(cases: Collection[Case]) -> str:
    """Return twelve hexadecimal digits that change with any case: two runs of the same set can be compared whole."""
    lines = sorted(case.model_dump_json() for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


def read_cases(path: Path, *, documents: Collection[str] | None = None) -> list[Case]:
    """Return the cases of a JSONL or YAML file, in its order.

    `documents` are the page ids that there are; None leaves them unchecked. Raises `CaseError` with every fault of the file.
    """
    try:
        rows = list(_rows_of_yaml(path) if path.suffix in (".yaml", ".yml") else _rows_of_jsonl(path))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} can't be read ({error}). Name a JSONL or YAML file of cases."
        raise CaseError(message) from error
    faults: list[str] = []
    cases: list[Case] = []
    lines: dict[str, int] = {}
    for row in rows:
        try:
            case = Case.model_validate(row.value)
        except ValidationError as error:
            faults += [f"{path}:{row.line_of(item['loc'])}: {_said(dict(item))}" for item in error.errors()]
            continue
        if case.id in lines:
            faults.append(f"{path}:{row.line}: the id {case.id!r} is that of line {lines[case.id]} too; give one of them another")
        lines.setdefault(case.id, row.line)
        if documents is not None:
            faults += [f"{path}:{row.line}: {fault}" for fault in _unknown_pages(case, documents)]
        cases.append(case)
    if not rows:
        faults.append(f"{path}:1: there is no case in it")
    if faults:
        more = f"\n… and {len(faults) - 20} more" if len(faults) > 20 else ""  # noqa: PLR2004  a screenful
        raise CaseError("\n".join(faults[:20]) + more)
    return cases


def from_conversations(path: Path) -> list[Case]:
    """Return the labelled conversations of `path` as cases, with their ids. Raises `SetError`."""
    return [_of_conversation(labelled) for labelled in read_conversations(path)]


def from_questions(path: Path) -> list[Case]:
    """Return the labelled questions of `path` as cases: answered or asked back, from a right page. Raises `SetError`."""
    return [_of_question(labelled) for labelled in read_questions(path)]


def _of_conversation(labelled: LabelledConversation) -> Case:
    first = labelled.turns[0].expect
    kind: Kind = "safety" if labelled.slice in _SAFETY_SLICES else "multi-turn" if len(labelled.turns) > 1 else "customer"
    if labelled.audience == "sales":
        kind = "salesperson"
    turns = tuple(
        CaseTurn(
            question=turn.question,
            expect=Expectation(**turn.expect.model_dump(exclude={"label_changed"})),
        )
        for turn in labelled.turns
    )
    topic = first.documents[0] if first.documents else first.rules[0] if first.rules else labelled.slice
    return Case(
        id=labelled.id, kind=kind, audience=labelled.audience, market=labelled.market, turns=turns,
        tags=Tags(topic=topic, difficulty="hard"), source="conversations",
    )  # fmt: skip


def _of_question(labelled: LabelledQuestion) -> Case:
    expect = Expectation(
        decision=(Decision.ANSWER, Decision.CLARIFY),
        language=labelled.language,
        question_language=labelled.language,
        documents=labelled.relevant,
    )
    return Case(
        id=labelled.id, kind="customer", market="GB" if labelled.language == "en" else "FR",
        turns=(CaseTurn(question=labelled.question, expect=expect),),
        tags=Tags(topic=labelled.relevant[0], difficulty="hard"), source="retrieval",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One case as read, with the line it starts on; `node` is its YAML node, if it is YAML."""

    value: Any
    line: int
    node: yaml.Node | None = None

    def line_of(self, place: tuple[int | str, ...]) -> int:
        """Return the line of a place inside the case, or the nearest line above it that is known."""
        node, line = self.node, self.line
        for step in place:
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == step), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line + 1, pair[1]
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line + 1
            else:
                break
        return line


def _rows_of_jsonl(path: Path) -> Iterator[_Row]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            yield _Row(value=json.loads(line), line=number)
        except ValueError as error:
            message = f"{path}:{number}: this is not JSON ({error}). Correct the line."
            raise CaseError(message) from error


def _rows_of_yaml(path: Path) -> Iterator[_Row]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        loader = yaml.SafeLoader("")
        if not isinstance(root, yaml.SequenceNode):
            message = f"{path}:1: a list of cases is expected. Begin each case with '- id: …'."
            raise CaseError(message)
        for node in root.value:
            yield _Row(value=loader.construct_document(node), line=node.start_mark.line + 1, node=node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{path}:{line}: this is not YAML ({error.problem}). Correct the line."
        raise CaseError(message) from error


def _said(item: dict[str, Any]) -> str:
    """Return one fault of pydantic's in words, with the likely cure."""
    place = ".".join(str(part) for part in item["loc"]) or "the case"
    if item["type"] == "extra_forbidden":
        known = {key for model in (Case, CaseTurn, Expectation, Tags, ExpectedVehicle) for key in model.model_fields}
        key = str(item["loc"][-1])
        return f"{place}: the key {key!r} is not known{_guess(key, known)}"
    return f"{place}: {item['msg'].removeprefix('Value error, ')}"


def _unknown_pages(case: Case, documents: Collection[str]) -> list[str]:
    wanted = [page for turn in case.turns for page in (*turn.expect.documents, *(w.split("#")[0] for w in turn.expect.warnings))]
    return [
        f"{case.id}: there is no page {page!r}{_guess(page, documents)}"
        for page in dict.fromkeys(wanted)
        if page not in documents
    ]


def _guess(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
