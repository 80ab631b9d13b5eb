"""Writes results as JUnit XML, which every CI shows: one suite a kind of case, one test a case."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

from evals.run_folder import CaseResult

# What XML 1.0 can't hold in any form (section 2.2, Char).
_NO_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[CaseResult], run: str) -> str:
    """Return the XML; a crash is an error, anything other than expected a failure."""
    root = Element("testsuites", name=_clean(run))
    by_kind: dict[str, list[CaseResult]] = defaultdict(list)
    for result in results:
        by_kind[result.slices.get("kind", "cases")].append(result)
    for kind, found in sorted(by_kind.items()):
        crashed = sum(result.crash is not None for result in found)
        failed = sum(not result.passed for result in found) - crashed
        suite = SubElement(
            root, "testsuite", name=_clean(kind), tests=str(len(found)), failures=str(failed), errors=str(crashed)
        )  # fmt: skip
        for result in found:
            seconds = sum(turn.scores.get("latency", 0.0) for turn in result.turns) / 1000
            test = SubElement(suite, "testcase", classname=_clean(kind), name=_clean(result.case_id), time=f"{seconds:.3f}")
            if result.crash is not None:
                SubElement(test, "error", message=_clean(result.crash))
            lines = [
                f"turn {turn.number}, {failure.metric}: expected {failure.expected}; found {failure.found}"
                for turn in result.turns
                for failure in turn.failures
            ]
            if lines:
                SubElement(test, "failure", message=_clean(lines[0])).text = _clean("\n".join(lines))
    return tostring(root, encoding="unicode", xml_declaration=True)


def _clean(text: str) -> str:
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
