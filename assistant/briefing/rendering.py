"""A briefing as text, JSON, Markdown, HTML or a PDF page; its idea as a social reply or a follow-up e-mail."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

import typst

from assistant.answer import Citation
from assistant.briefing.composing import lead
from assistant.briefing.model import Briefing, Line
from assistant.briefing.talk_track import follow_up, social_reply

FORMATS = ("text", "json", "md", "html", "pdf", "social", "email")
_LABELS = 2  # sources that are named of a passage; the passage itself has them all
_SIZES = (12.5, 12, 11.5, 11, 10.5, 10, 9.5, 9)  # points, the largest that fits one page
_SIZES_OF_PAGES = (10.5,)
_TEMPLATE = Path(__file__).with_name("briefing.typ")
_STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#1c1c1f;background:#fff}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.2rem 0 .3rem}p{margin:.3rem 0}sup{font-size:.7em}
.never{border:2px solid #1c1c1f;padding:.2rem 1rem .8rem;margin-top:1rem}.idea{font-style:italic}ol{font-size:.85rem}
@media (prefers-color-scheme:dark){body{color:#f1f0ee;background:#17181b}.never{border-color:#f1f0ee}}
@media print{body{margin:0;font-size:10.5pt}}"""


def render(briefing: Briefing, form: str, *, public_url: str = "") -> str | bytes:
    """Return a briefing as "text", "json", "md", "html", "social", "email" (all str) or "pdf" (bytes).

    `public_url` is the server's address in the links of what goes to the customer.
    """
    if form == "json":
        return json.dumps(briefing.as_json(), ensure_ascii=False, indent=1)
    if form == "pdf":
        return _pdf(briefing)
    if form in ("social", "email"):
        return (social_reply if form == "social" else follow_up)(briefing, public_url)
    return {"md": _markdown, "html": _html}.get(form, _text)(briefing)


def source_rows(citations: tuple[Citation, ...], phrases: dict[str, str]) -> list[str]:
    """Return each cited passage in a line: its page, who says so, how sure it is and as of which year."""
    rows = []
    for citation in citations:
        chunk, claims = citation.chunk, citation.chunk.claims
        labels = [source.label for source in chunk.sources[:_LABELS]]
        more = len(chunk.sources) - len(labels)
        labels += [f"+ {more}"] if more else []
        status = phrases[claims.status]
        said = f"{status} ({claims.speaker})" if claims.speaker else status
        sure = f"{said}, {phrases[claims.confidence]}, {phrases['as-of'].format(year=claims.as_of)}"
        where = f"{chunk.title}, {lead(chunk)}"
        rows.append(f"{where} ({'; '.join([*labels, sure])})")
    return rows


def _marks(citations: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in citations)


def _quoted(briefing: Briefing, said: str) -> str:
    return briefing.phrases["quoted"].format(said=said)


def _sources(briefing: Briefing) -> list[str]:
    return source_rows(briefing.citations, briefing.phrases)


def _text(briefing: Briefing) -> str:
    lines = [briefing.car, briefing.idea_title, f"{briefing.verdict.text} {_marks(briefing.verdict.citations)}", *briefing.notes]
    for section in briefing.sections:
        lines += ["", briefing.headings[section.role].upper()]
        for line in section.statements:
            lines += [_quoted(briefing, line.lead)] if line.lead else []
            lines.append(f"{line.text} {_marks(line.citations)}")
    lines += ["", briefing.headings["never-say"].upper()]
    lines += [f"✗ {_quoted(briefing, item.claim)}\n  {item.why} {_marks(item.citations)}" for item in briefing.never_say]
    lines += ["", briefing.headings["sources"].upper(), *(f"[{n}] {row}" for n, row in enumerate(_sources(briefing), start=1))]
    return "\n".join(lines)


def _markdown(briefing: Briefing) -> str:
    verdict = f"**{_plain(briefing.verdict.text)}** {_marks(briefing.verdict.citations)}"
    lines = [f"# {_plain(briefing.car)}", "", f"*{briefing.idea_title}*", "", verdict, *(f"\n{note}" for note in briefing.notes)]
    for section in briefing.sections:
        lines += ["", f"## {briefing.headings[section.role]}", ""]
        for line in section.statements:
            lines += ["", f"*{_plain(_quoted(briefing, line.lead))}*"] if line.lead else []
            lines.append(f"{_plain(line.text)} {_marks(line.citations)}")
    lines += ["", f"## {briefing.headings['never-say']}", ""]
    lines += [
        f"- **{_plain(_quoted(briefing, item.claim))}** {_plain(item.why)} {_marks(item.citations)}"
        for item in briefing.never_say
    ]
    rows = (f"{n}. {_plain(row)}" for n, row in enumerate(_sources(briefing), start=1))
    return "\n".join([*lines, "", f"## {briefing.headings['sources']}", "", *rows]) + "\n"


def _plain(text: str) -> str:
    """Return text so that Markdown shows it as it is: a page's sentence is no markup."""
    return re.sub(r"([\\`*_<>\[\]])", r"\\\1", text)


def _html(briefing: Briefing) -> str:
    def said(text: str, citations: tuple[int, ...]) -> str:
        return f"{escape(text)}<sup>{''.join(f'[{number}]' for number in citations)}</sup>"

    body = [f"<h1>{escape(briefing.car)}</h1>", f'<p class="idea">{escape(briefing.idea_title)}</p>']
    body.append(f"<p><strong>{said(briefing.verdict.text, briefing.verdict.citations)}</strong></p>")
    body += [f"<p>{escape(note)}</p>" for note in briefing.notes]
    for section in briefing.sections:
        paragraphs: list[str] = []
        for line in section.statements:
            text = said(line.text, line.citations)
            if line.lead:
                paragraphs.append(f"<em>{escape(_quoted(briefing, line.lead))}</em><br>{text}")
            elif paragraphs:
                paragraphs[-1] += f" {text}"
            else:
                paragraphs.append(text)
        body += [f"<h2>{escape(briefing.headings[section.role])}</h2>", *(f"<p>{one}</p>" for one in paragraphs)]
    claims = "".join(
        f"<p><strong>{escape(_quoted(briefing, item.claim))}</strong><br>{said(item.why, item.citations)}</p>"
        for item in briefing.never_say
    )
    body.append(f'<section class="never"><h2>{escape(briefing.headings["never-say"])}</h2>{claims}</section>')
    rows = "".join(f"<li>{escape(row)}</li>" for row in _sources(briefing))
    body.append(f"<h2>{escape(briefing.headings['sources'])}</h2><ol>{rows}</ol>")
    whole = "\n".join(body)
    return (
        f'<!doctype html><html lang="{briefing.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(briefing.car)}</title><style>{_STYLE}</style></head><body>{whole}</body></html>"
    )


def _said(briefing: Briefing, line: Line) -> list[str]:
    return [_quoted(briefing, line.lead) if line.lead else "", line.text, _marks(line.citations)]


def _pdf(briefing: Briefing) -> bytes:
    data: dict[str, Any] = {
        "language": briefing.language,
        "car": briefing.car,
        "idea": briefing.idea_title,
        "notes": list(briefing.notes),
        "sizes": _SIZES if briefing.minutes <= 2 else _SIZES_OF_PAGES,  # noqa: PLR2004  up to two minutes fit one page
        "verdict": [briefing.verdict.text, _marks(briefing.verdict.citations)],
        "sections": [
            {
                "title": briefing.headings[section.role],
                "said": [
                    [_quoted(briefing, one.lead) if one.lead else "", one.text, _marks(one.citations)]
                    for one in section.statements
                ],
            }
            for section in briefing.sections
        ],
        "never": briefing.headings["never-say"],
        "claims": [[_quoted(briefing, item.claim), item.why, _marks(item.citations)] for item in briefing.never_say],
        "sources": briefing.headings["sources"],
        "rows": _sources(briefing),
    }
    # Everything goes in as data and is set as text: nothing that a page holds is read as markup.
    made = typst.compile(_TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(data)}, format="pdf")
    return bytes(made)
