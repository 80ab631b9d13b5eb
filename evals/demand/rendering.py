"""How the report of a quarter looks: one self-contained HTML page, a PDF, a CSV of the needs. French or English.

Input: a `Quarter`. Output: text or bytes. Whatever customers wrote is escaped in HTML, handed to the PDF as data that is never
read as markup, kept from being a formula in CSV, and shown with hateful words masked.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any, Literal

import typst
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evals.demand.needs import Need, asked_of
from evals.demand.quarterly import Quarter
from evals.demand.review import Review
from evals.demand.tutorial_brief import shown
from knowledge.lexicon import Lexicon

Language = Literal["fr", "en"]
_PAGES = Path(__file__).parent / "pages"
_FORMULA = re.compile(r"^[\s\x00-\x1f]*[=+\-@\t\r|%]")
_QUOTES, _BARS = 4, 10


class Renderer:
    """Renders reports in one language, with the features' names of one lexicon."""

    def __init__(self, lexicon: Lexicon, language: Language) -> None:
        self._language = language
        self._names = {feature.id: next(iter(feature.words.get(language, ())), feature.id) for feature in lexicon.features}
        self.texts: dict[str, Any] = _texts()[language]

    def name(self, need: Need) -> str:
        """Return what a need is called: its feature as people say it, or the words that tell it from the others."""
        return self._names.get(need.feature or "", "") or (" · ".join(need.words) if need.words else need.id)

    def topic_name(self, name: str) -> str:
        """Return "kind: feature" in words."""
        kind, feature = name.split(": ", 1)
        return f"{self.texts['kinds'][kind]}: {self._names.get(feature, self.texts['kinds'].get(feature, feature))}"

    def html(self, quarter: Quarter) -> str:
        """Return the report as one page without a script, a font or an image from anywhere else."""
        environment = Environment(
            loader=FileSystemLoader(_PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        page = environment.get_template("quarterly.html")
        return page.render(
            q=_Shown(quarter), t=self.texts, language=self._language, total=asdict(quarter.total), shown=shown, name=self.name,
            topic_name=self.topic_name, quotes=lambda need: asked_of(need, _QUOTES), chart=Markup(self._chart(quarter)),  # noqa: S704  escaped piece by piece below
        )  # fmt: skip

    def pdf(self, quarter: Quarter) -> bytes:
        """Return the report as a PDF."""
        words = self.texts
        facts = {
            "title": words["title"].format(quarter=quarter.quarter),
            "language": self._language,
            "sum_title": words["sum"],
            "sum": words["sum_line"].format(**asdict(quarter.total)),
            "lines": [
                words["quarter_line"].format(reviews=quarter.reviews, remarks=quarter.remarks, undated=quarter.undated),
                words["hateful_line"].format(hateful=quarter.hateful),
                words["calm"],
            ],
            "changes_title": words["changes"],
            "changes_head": ["", words["people"], words["before"], words["trend"]],
            "changes": [
                [words["kinds"][change.name], str(change.people), str(change.before), words["trends"][change.trend]]
                for change in quarter.kinds
            ],
            "tutorials_title": words["tutorials"],
            "tutorials": [
                {
                    "name": self.name(need),
                    "line": self._line(need),
                    "quotes": [shown(r.text)[:400] for r in asked_of(need, _QUOTES)],
                }
                for need in quarter.tutorials
            ],
            "chart": self._chart(quarter),
            "product_title": words["product"],
            "product": [
                {"name": f"{self.topic_name(topic.name)}: {topic.people}", "quotes": [shown(r.text)[:400] for r in topic.remarks]}
                for topic in quarter.product
            ],
            "network_title": f"{words['network']}: {quarter.network_people}",
            "network": [shown(remark.text)[:400] for remark in quarter.network],
            "rated": [
                {"name": title, "quotes": [_rated(review) for _, review in rows]}
                for title, rows in ((words["best"], quarter.best), (words["worst"], quarter.worst))
            ],
            "none": words["none"],
        }
        template = (_PAGES / "quarterly.typ").read_bytes()
        # What customers wrote travels as a string of JSON: Typst shows it and never reads it as markup.
        return bytes(typst.compile(template, sys_inputs={"facts": json.dumps(facts, ensure_ascii=False)}))

    def csv(self, quarter: Quarter) -> str:
        """Return every need as a CSV row; a cell that a spreadsheet would compute gets an apostrophe in front."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(
            [
                "need",
                "name",
                "people",
                "before",
                "trend",
                "verdict",
                "gap",
                "score",
                "low",
                "high",
                "decision",
                "reason",
                "cars",
                "quote",
            ]
        )
        for need in quarter.needs:
            decision = quarter.decisions.get(need.id)
            quote = next(iter(asked_of(need, 1)), None)
            cells = [
                need.id, self.name(need), need.people, need.before, need.trend, need.verdict, round(need.gap, 3),
                round(need.score, 2), need.low, need.high, decision.choice if decision else "",
                decision.reason if decision else "",
                ", ".join(model for model, _ in need.cars), shown(quote.text) if quote else "",
            ]  # fmt: skip
            writer.writerow([harmless(cell) for cell in cells])
        return out.getvalue()

    def _line(self, need: Need) -> str:
        words = self.texts
        return (
            f"{need.people} {words['people']} ({words['before']}: {need.before}, {words['trends'][need.trend]}). "
            f"{words['score']}: {need.score:.1f} ({words['interval']}: {need.low} to {need.high}). "
            f"{words['knowledge']}: {words['verdicts'][need.verdict]}."
        )

    def _chart(self, quarter: Quarter) -> str:
        """Return bars as an SVG: people in grey, people who are not helped (demand x gap) in red."""
        needs = quarter.needs[:_BARS]
        if not needs:
            return ""
        most = max(1, *(need.people for need in needs))
        rows = []
        for place, need in enumerate(needs):
            top = 34 + 26 * place
            rows.append(
                f'<text x="240" y="{top + 14}" text-anchor="end">{escape(self.name(need)[:34])}</text>'
                f'<rect x="250" y="{top}" width="{360 * need.people / most:.1f}" height="18" fill="#c9c9c9"/>'
                f'<rect x="250" y="{top + 4}" width="{360 * need.score / most:.1f}" height="10" fill="#9c1f24"/>'
                f'<text x="{256 + 360 * need.people / most:.1f}" y="{top + 14}">{need.people} / {need.score:.1f}</text>'
            )
        title = escape(self.texts["chart"])
        height = 44 + 26 * len(needs)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" width="100%" role="img" aria-label="{title}">'
            f'<text x="10" y="18" font-weight="bold">{title}</text>{"".join(rows)}</svg>'
        )


class _Shown:
    """A quarter for the template, where a missing decision is None rather than an error."""

    def __init__(self, quarter: Quarter) -> None:
        self._quarter = quarter
        self.decisions = _OrNone(quarter.decisions)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._quarter, name)


class _OrNone(dict[str, Any]):
    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)

    def __missing__(self, key: str) -> None:
        return None


def harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula (OWASP, CSV injection); numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


@lru_cache(maxsize=1)
def _texts() -> dict[str, dict[str, Any]]:
    texts: dict[str, dict[str, Any]] = yaml.safe_load((_PAGES / "quarterly.yaml").read_text(encoding="utf-8"))
    return texts


def _rated(review: Review) -> str:
    about = f" — {shown(review.about)[:200]}" if review.about else ""
    return f"{review.stars} ★ {shown(review.text)[:400]}{about}"
