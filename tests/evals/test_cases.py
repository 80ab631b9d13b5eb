"""Case files: what is read, what is refused with its line, and what the shipped ones hold."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from evals.cases import Case, CaseError, case_set, from_conversations, read_cases
from evals.questions import SETS, read_questions
from evals.suites import read_suite
from knowledge.settings import SHIPPED_CORPUS

CASE = {"id": "one", "kind": "customer", "turns": [{"question": "What is it?", "expect": {"decision": ["answer"]}}]}
PAGES = {path.stem for path in SHIPPED_CORPUS.glob("pages/*/*/*.md")}


def jsonl(folder: Path, *cases: dict[str, object]) -> Path:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    return path


def expecting(**expect: object) -> dict[str, object]:
    return CASE | {"turns": [{"question": "What is it?", "expect": expect}]}


def test_a_case_is_read_from_a_line_of_json_and_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- id: one\n  kind: customer\n  turns:\n    - {question: What is it?, expect: {decision: [answer]}}\n")

    assert read_cases(path) == read_cases(jsonl(tmp_path, CASE))


@pytest.mark.parametrize(
    ("case", "told"),
    [
        (CASE | {"audiense": "sales"}, "the key 'audiense' is not known; did you mean 'audience'?"),
        (expecting(desision=["answer"]), "the key 'desision' is not known; did you mean 'decision'?"),
        (expecting(decision=["reply"]), "turns.0.expect.decision.0"),
        (expecting(rules=["prices"]), "the rule 'prices' is not known; did you mean 'price'?"),
        (expecting(must=["40 km/h"], must_not=["40 km/h"]), "no answer can do both"),
        (expecting(must=["a|"]), "empty alternative"),
        (expecting(decision=["decline"], documents=["phc-what"]), "documents are expected, but none of the decisions"),
        (expecting(documents=["phc-wat"]), "there is no page 'phc-wat'; did you mean 'phc-what'?"),
        (CASE, "the id 'one' is that of line 1 too"),
    ],
    ids=["key", "deep key", "decision", "rule", "both", "empty", "impossible page", "unknown page", "id"],
)
def test_a_wrong_case_is_refused_with_its_line_and_cure(tmp_path: Path, case: dict[str, object], told: str) -> None:
    path = jsonl(tmp_path, CASE, case)

    with pytest.raises(CaseError) as raised:
        read_cases(path, documents=PAGES)

    assert f"{path}:2: " in str(raised.value)
    assert told in str(raised.value)


def test_a_fault_deep_in_a_yaml_file_is_told_with_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text("- id: one\n  kind: customer\n  turns:\n    - question: What?\n      expect:\n        desision: [answer]\n")

    with pytest.raises(CaseError, match=r"cases\.yaml:6: .*'desision'"):
        read_cases(path)


@pytest.mark.parametrize("text", ["{", "[1,", "- a: [", "no list"])
def test_a_file_that_is_no_json_or_yaml_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("cases.jsonl" if text[0] in "{[" else "cases.yaml")
    path.write_text(text)

    with pytest.raises(CaseError, match=r"cases\.\w+:\d+: "):
        read_cases(path)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = jsonl(tmp_path, CASE | {"kind": "x"}, CASE | {"market": "france"})

    with pytest.raises(CaseError) as raised:
        read_cases(path)

    assert [line.split(":")[1] for line in str(raised.value).splitlines()] == ["1", "2"]


def test_the_shipped_cases_are_more_than_four_hundred_of_every_kind_and_name_known_pages() -> None:
    for path in SETS.glob("cases*.yaml"):
        read_cases(path, documents=PAGES)

    cases = read_suite("full")

    kinds = Counter(case.kind for case in cases)
    assert len(cases) >= 600
    assert min(kinds[kind] for kind in ("customer", "salesperson", "safety", "multi-turn")) >= 30
    assert {case.half for case in cases} == {"test", "development"}


def test_smoke_is_a_part_of_full_and_holds_every_case_that_must_hold() -> None:
    full, smoke = read_suite("full"), read_suite("smoke")

    assert {case.id for case in smoke} < {case.id for case in full}
    assert {case.id for case in full if case.must_hold} <= {case.id for case in smoke}
    assert len(smoke) < len(full) / 2


def test_the_labelled_sets_keep_their_halves_as_cases() -> None:
    questions = {question.id: question.half for question in read_questions(SETS / "retrieval.jsonl")}
    cases = {case.id: case.half for case in read_suite("full")}

    assert {name: cases[name] for name in questions} == questions
    assert from_conversations(SETS / "conversations.jsonl")[0].source == "conversations"


def test_the_mark_of_a_case_set_changes_with_any_case() -> None:
    one = [Case.model_validate(CASE)]
    other = [one[0].model_copy(update={"market": "GB"})]

    assert case_set(one) != case_set(other)
