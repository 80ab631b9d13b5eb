"""The brief of one tutorial: what the content team gets for a need. A document, a draft page, and cases.

Input: a checked `Need`. Output: three files. The draft has the tutorial's format with empty facts to fill: no fact is invented.
It says `draft: true`, a key that no page may have, so that ingest refuses it until a person has finished it
and taken the key out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from evals.cases import Case, read_cases
from evals.demand.needs import Need, asked_of
from evals.demand.remark_lexicon import RemarkLexicon
from evals.demand.understanding import Remark
from knowledge.words import fold

_QUOTES, _CASES = 8, 6
_OUTLINE: dict[str, tuple[tuple[str, str], ...]] = {
    "fr": (("what", "Ce que cela fait"), ("needs", "Ce qu'il faut"), ("steps", "Comment faire, pas à pas"),
           ("display", "Ce que l'on voit et entend"), ("limits", "Les limites"), ("warning", "Attention"),
           ("trouble", "Si cela ne marche pas")),
    "en": (("what", "What it does"), ("needs", "What must be there"), ("steps", "How to do it, step by step"),
           ("display", "What you see and hear"), ("limits", "Its limits"), ("warning", "Take care"),
           ("trouble", "If it does not work")),
}  # fmt: skip
_TO_FILL = {"fr": "À REMPLIR d'après une source nommée.", "en": "TO BE FILLED from a named source."}


def write_brief(need: Need, folder: Path, *, quarter: str) -> tuple[Path, ...]:
    """Write brief, draft page (one a language that people wrote in, French and English) and cases; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page = page_id(need)
    languages = [name for name in ("fr", "en") if any(remark.language == name for remark in need.remarks)] or ["fr"]
    paths = [folder / f"{page}.brief.md"]
    paths[0].write_text(_brief(need, quarter, page), encoding="utf-8")
    for language in languages:
        path = folder / f"{page}.{language}.draft.md"
        path.write_text(_draft(need, page, language), encoding="utf-8")
        paths.append(path)
    cases = folder / f"{page}.cases.yaml"
    cases.write_text(_cases(need, page), encoding="utf-8")
    return (*paths, cases)


def page_id(need: Need) -> str:
    """Return the id that the page of a need is to have."""
    return re.sub(r"[^a-z0-9]+", "-", fold(need.id)).strip("-")[:50].strip("-") or "need"


def waiting_cases(folder: Path, documents: set[str]) -> list[Case]:
    """Return the cases of briefs below `folder` whose page is in `documents`: what `publish` has to ask from then on.

    Cases of pages that are not written yet wait. Raises `CaseError` when a file was broken by hand.
    """
    cases: dict[str, Case] = {}
    for path in sorted(folder.rglob("*.cases.yaml")):
        for case in read_cases(path):
            if all(set(turn.expect.documents) <= documents for turn in case.turns):
                cases.setdefault(case.id, case)
    return list(cases.values())


def shown(text: str) -> str:
    """Return a customer's words on one line, hateful words masked."""
    return " ".join(RemarkLexicon.read().masked(text)[0].split())


def _quoted(text: str) -> str:
    """Return words as Markdown text that is nothing but text."""
    return re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", shown(text)[:400])


def _brief(need: Need, quarter: str, page: str) -> str:
    remarks = asked_of(need, _QUOTES)
    lines = [
        f"# Tutorial brief: {page}",
        "",
        f"Quarter {quarter}. {need.people} people ({need.before} the quarter before: {need.trend}).",
        f"Demand x gap {need.score:.1f} (90 % interval {need.low:.1f} to {need.high:.1f}).",
        f"The knowledge answers: {need.verdict}.",
        "",
        "## In customers' words",
        "",
        *(f"- “{_quoted(remark.text)}” ({_signed(remark)})" for remark in remarks),
        "",
        "## Cars concerned",
        "",
        *([f"- {model}: {people} people" for model, people in need.cars] or ["- No remark names a car. Ask the network."]),
        "",
        "## What the knowledge has, and what is missing",
        "",
    ]
    for item in need.probes:
        pages = "; ".join(item.pages) or "no page"
        lines.append(f"- “{_quoted(item.text)}” → {item.outcome} ({item.decision.value}; {pages})")
    return "\n".join(
        [*lines, "", "## Questions it must answer", "", f"They are cases in `{page}.cases.yaml`; `publish` asks them.", ""]
    )


def _signed(remark: Remark) -> str:
    parts = [remark.language, remark.review.market, remark.car.model if remark.car else None, str(remark.review.day or "")]
    return ", ".join(part for part in parts if part)


def _draft(need: Need, page: str, language: str) -> str:
    front: dict[str, Any] = {
        "draft": True,
        "id": page,
        "kind": "tutorial",
        "title": "",
        "language": language,
        "audience": "customer",
        "markets": ["*"],
        "vehicles": [],
        "features": [need.feature] if need.feature else [],
        "claims": {"status": "fact", "as_of": None, "speaker": None, "confidence": None},
        "sources": [],
        "reviewed": None,
        "questions": [shown(remark.text)[:200] for remark in asked_of(need, _CASES) if remark.language == language],
    }
    head = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=120)
    sections = []
    for role, heading in _OUTLINE[language]:
        task = " task=use" if role == "steps" else ""
        body = f"1. {_TO_FILL[language]}" if role == "steps" else _TO_FILL[language]
        sections.append(f'## {heading} {{#{role} .{role}{task} facts="" sources=""}}\n\n{body}\n')
    return f"---\n{head}---\n\n" + "\n".join(sections)


def _cases(need: Need, page: str) -> str:
    cases = []
    for number, remark in enumerate(asked_of(need, _CASES), start=1):
        case: dict[str, Any] = {
            "id": f"demand-{page}-{number}"[:80],
            "kind": "customer",
            "market": remark.review.market or "FR",
            "tags": {"topic": page, "difficulty": "medium", "persona": "customer"},
            "source": "demand",
            # Where cars differ and none is named, the choice leads to the page.
            "turns": [
                {"question": shown(remark.text)[:1500], "expect": {"decision": ["answer", "clarify"], "documents": [page]}}
            ],
        }
        if remark.language in ("fr", "en"):
            case["language"] = remark.language
        cases.append(case)
    written = datetime.now(UTC).date().isoformat()
    return f"# Questions that the page {page} must answer, in customers' words; written {written}.\n" + yaml.safe_dump(
        cases, allow_unicode=True, sort_keys=False, width=120
    )
