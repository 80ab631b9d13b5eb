"""The report of a run: whole, offline, in two languages, and deaf to whatever a visitor typed."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from evals.cases import Case
from evals.comparison import Comparison, Row
from evals.gate import GateReport
from evals.invariants import Cause
from evals.metrics import METRICS
from evals.metrics.figures import summarize
from evals.report import write_report
from evals.report.curves import calibration
from evals.report.texts import Texts, report_language
from evals.run_folder import COMPARISON, GATE, SUMMARY, CaseResult, Failure, Override, RunError, RunFolder, RunInfo, TurnResult
from knowledge.errors import ConfigurationError

_BASES = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><svg onload=alert(1)>', "' onmouseover='alert(1)",
    "</details></main><iframe src=javascript:alert(1)>", "{{ 7*7 }}{% raw %}", "<!--<script>", "]]><b>&lt;script&gt;",
    "javascript:alert(1)", "</script><script>alert(1)</script>",
)  # fmt: skip
_PAYLOADS = [
    form for base in _BASES for form in (base, base.upper(), base * 2, f"$x$ {base}\u202e", f"\ufeff{base}\r\n&quot;")
]  # fmt: skip
_BEGAN = datetime(2026, 11, 1, 9, tzinfo=UTC)


class _Elements(HTMLParser):
    """Collects what a browser would build."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _info(name: str, *, at: datetime = _BEGAN, overrides: tuple[Override, ...] = ()) -> RunInfo:
    return RunInfo(
        id=name, suite="smoke", started=at, finished=at + timedelta(minutes=1), snapshot="s1", embedder="fake",
        composer="extractive",
        cases=2, case_set="c", seed=1, threads=1, settings={}, versions={}, prompts={}, rules={}, code="x", overrides=overrides,
    )  # fmt: skip


def _result(
    name: str, *, text: str = "Bonjour", failures: tuple[Failure, ...] = (), crash: str | None = None, **slices: str
) -> CaseResult:
    answer = {
        "decision": "answer", "text": text, "rules": [], "confidence": 0.8,
        "citations": [{"n": 1, "title": text, "section": text, "document_id": text, "quote": text, "url": text}],
    }  # fmt: skip
    turn = TurnResult(
        number=1, question=text, expected={"decision": ["answer"]}, answer=answer, failures=failures,
        scores={"decision": 0.0 if failures else 1.0, "latency": 12.0},
    )  # fmt: skip
    known = {"kind": "customer", "language": "fr", "market": "FR", "topic": "phc"} | slices
    return CaseResult(case_id=name, slices=known, turns=() if crash else (turn,), crash=crash)


def _run(path: Path, results: list[CaseResult], **info: Any) -> Path:
    cases = [
        Case.model_validate({"id": result.case_id, "kind": "customer", "turns": [{"question": "q", "expect": {}}]})
        for result in results
    ]
    folder = RunFolder(path)
    folder.create(_info(path.name, **info), cases)
    for result in results:
        folder.append(result)
    folder.write(SUMMARY, summarize(results))
    return path


def _failed(metric: str = "decision") -> tuple[Failure, ...]:
    return (Failure(metric=metric, expected="decline", found="answer"),)


def _page(run: Path, tmp_path: Path, language: str = "en") -> str:
    return write_report(run, tmp_path / "out", report_language(language)).read_text(encoding="utf-8")


def test_a_report_asks_no_one_for_anything(tmp_path: Path) -> None:
    page = _page(_run(tmp_path / "r", [_result("a"), _result("b", failures=_failed())]), tmp_path)
    elements = _Elements(page).tags

    policy = next(a["content"] for tag, a in elements if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    loading = [(tag, a) for tag, a in elements if {"src", "srcset", "action", "formaction"} & a.keys() or tag in ("link", "base")]
    assert loading == []
    assert all((a.get("xlink:href") or a.get("href") or "#").startswith("#") for _, a in elements)
    assert "url(http" not in page
    assert "@import" not in page.replace("@import url", "@import")


def test_fifty_payloads_in_every_text_of_a_run_stay_text(tmp_path: Path) -> None:
    results = [
        _result(
            f"case-{number}", text=payload, topic=payload, language=payload, market=payload, kind=payload,
            failures=(Failure(metric=payload, expected=payload, found=payload),),
        )
        for number, payload in enumerate(_PAYLOADS)
    ]  # fmt: skip
    harmless = [
        _result(
            f"case-{number}",
            failures=_failed(f"m{number}"),
            topic=f"t{number}",
            language=f"l{number}",
            market=f"k{number}",
            kind=f"n{number}",
        )
        for number in range(50)
    ]
    override = Override(at=_BEGAN, snapshot=_PAYLOADS[0], name=_PAYLOADS[1], reason=_PAYLOADS[2], causes=())

    attacked = _Elements(_page(_run(tmp_path / "a", results, overrides=(override,)), tmp_path)).tags
    calm = _Elements(_page(_run(tmp_path / "b" / "run", harmless), tmp_path)).tags

    assert len(_PAYLOADS) == 50
    assert [tag for tag, _ in attacked].count("script") == 1
    assert {tag for tag, _ in attacked} <= {tag for tag, _ in calm} | {"br"}
    assert not [name for _, attributes in attacked for name in attributes if name.startswith("on")]
    root = ET.fromstring((tmp_path / "out" / "junit.xml").read_text(encoding="utf-8"))  # noqa: S314  our own file
    assert len(root.findall(".//testcase")) == 50


def test_the_policy_allows_exactly_the_script_that_is_there(tmp_path: Path) -> None:
    import base64
    import hashlib

    page = _page(_run(tmp_path / "r", [_result("a", failures=_failed())]), tmp_path)

    script = re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)
    assert len(script) == 1
    assert base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode() in page


def test_a_failure_is_shown_with_question_answer_source_expectation_and_reason(tmp_path: Path) -> None:
    failure = Failure(metric="fact_recall", expected="wanted-fact", found="missing: wanted-fact")
    page = _page(_run(tmp_path / "r", [_result("my-case", text="said-this", failures=(failure,))]), tmp_path)

    for part in ("my-case", "said-this", "wanted-fact", "missing: wanted-fact", "Expected facts told"):
        assert part in page


@pytest.mark.parametrize(("language", "words"), [("fr", "Pas encore"), ("en", "Not yet")])
def test_the_verdict_comes_first_in_the_readers_language(tmp_path: Path, language: str, words: str) -> None:
    page = _page(_run(tmp_path / "r", [_result("a"), _result("b", failures=_failed())]), tmp_path, language)

    assert f'<html lang="{language}">' in page
    assert page.index(words) < page.index("<svg")


def test_what_may_never_happen_outweighs_every_share(tmp_path: Path) -> None:
    results = [*(_result(f"ok-{number}") for number in range(99)), _result("leak", failures=_failed("no_sales_leak"))]

    assert "may never happen" in _page(_run(tmp_path / "r", results), tmp_path)


def test_a_refusal_of_the_gate_is_the_headline_with_its_causes_and_overrides_stay_visible(tmp_path: Path) -> None:
    override = Override(at=_BEGAN, snapshot="s0", name="Jeanne", reason="fair tomorrow", causes=("x",))
    run = _run(tmp_path / "r", [_result("a")], overrides=(override,))
    gate = GateReport(
        snapshot="s1", suite="smoke", run="r", baseline=None, passed=False, causes=(Cause(kind="page", text="phc is gone"),),
        notes=(), scores={}, comparison=None,
    )  # fmt: skip
    RunFolder(run).write(GATE, gate)

    page = _page(run, tmp_path)

    assert "Refused" in page
    assert "phc is gone" in page
    assert "Jeanne" in page


def test_a_comparison_says_what_fell_beyond_chance(tmp_path: Path) -> None:
    run = _run(tmp_path / "r", [_result("a")])
    row = Row(
        metric="decision", dimension="all", value="all", cases=9, changed=5, before=0.9, after=0.5, low=-0.5, high=-0.3, p=0.001,
        verdict="worse",
    )  # fmt: skip
    comparison = Comparison(
        before="old", after="r", shared=9, notes=(), verdict="worse", rows=(row,), flips_to_worse=(), flips_to_better=()
    )
    RunFolder(run).write(COMPARISON, comparison)

    assert "Worse than the version before (old): Right decision fell beyond chance." in _page(run, tmp_path)


def test_earlier_runs_of_the_same_suite_make_a_trend(tmp_path: Path) -> None:
    _run(tmp_path / "runs" / "one", [_result("a")])
    later = _run(tmp_path / "runs" / "two", [_result("a")], at=_BEGAN + timedelta(days=1))

    assert 'aria-label="Over the runs"' in _page(later, tmp_path)


def test_a_crash_is_an_error_in_junit_and_a_wrong_answer_a_failure(tmp_path: Path) -> None:
    results = [_result("good"), _result("wrong", failures=_failed()), _result("broke", crash="ValueError: x\x00")]
    _page(_run(tmp_path / "r", results), tmp_path)

    suite = ET.fromstring((tmp_path / "out" / "junit.xml").read_text(encoding="utf-8"))[0]  # noqa: S314  our own file
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "1")


def test_the_json_beside_it_holds_the_verdict_and_the_failed_cases(tmp_path: Path) -> None:
    _page(_run(tmp_path / "r", [_result("a"), _result("b", failures=_failed())]), tmp_path)

    written = json.loads((tmp_path / "out" / "report.json").read_text(encoding="utf-8"))
    assert written["verdict"]["tone"] == "mixed"
    assert [one["case_id"] for one in written["failed"]] == ["b"]


def test_a_run_that_was_killed_is_reported_as_far_as_it_came(tmp_path: Path) -> None:
    run = _run(tmp_path / "r", [_result("a")])
    (run / SUMMARY).unlink()
    RunFolder(run).write("run.json", _info("r").model_copy(update={"finished": None}))

    assert "has not ended" in _page(run, tmp_path)


def test_a_folder_that_is_no_run_or_can_not_be_written_is_named(tmp_path: Path) -> None:
    run = _run(tmp_path / "r", [_result("a")])
    (tmp_path / "file").write_text("")

    with pytest.raises(RunError, match="nowhere"):
        write_report(tmp_path / "nowhere", tmp_path, "en")
    with pytest.raises(RunError, match="--out"):
        write_report(run, tmp_path / "file", "en")


def test_both_languages_name_every_metric_and_an_unknown_language_is_refused() -> None:
    for language in ("fr", "en"):
        assert Texts.read(report_language(language)).metrics.keys() == METRICS.keys()
    assert Texts.read("fr").meanings.keys() == METRICS.keys()
    with pytest.raises(ConfigurationError, match="'xx'"):
        report_language("xx")


def test_turns_of_equal_confidence_share_a_bin_and_rules_stay_out_of_the_curve() -> None:
    ruled = _result("ruled").turns[0].model_copy(update={"answer": {"rules": ["price"], "confidence": 1.0}})
    results = [_result("a"), _result("b"), _result("c").model_copy(update={"turns": (ruled,)})]

    bins = calibration(results)

    assert [(one.turns, one.confidence, one.answerable) for one in bins] == [(2, 0.8, 1.0)]
