"""A briefing as text, JSON, Markdown, HTML or a PDF page; its idea as a social reply or a follow-up e-mail."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import typst

from assistant.briefing.model import Briefing
from assistant.briefing.talk_track import follow_up, social_reply

FORMATS = ("text", "json", "md", "html", "pdf", "social", "email")
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


def _sources(briefing: Briefing) -> list[str]:
    rows = []
    for citation in briefing.citations:
        chunk = citation.chunk
        labels = "; ".join(source.label for source in chunk.sources)
        status = "" if chunk.claims.status == "fact" else f", {chunk.claims.status}"
        rows.append(f"{chunk.title} — {chunk.section} ({labels}{status}, {chunk.claims.as_of})")
    return rows


def _marks(citations: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in citations)


def _text(briefing: Briefing) -> str:
    lines = [briefing.car, briefing.idea_title, *briefing.notes]
    for section in briefing.sections:
        lines += ["", briefing.headings[section.role].upper()]
        lines += [f"{statement.text} {_marks(statement.citations)}" for statement in section.statements]
    lines += ["", briefing.headings["never-say"].upper()]
    lines += [f"✗ {item.claim}\n  {item.why} {_marks(item.citations)}" for item in briefing.never_say]
    lines += ["", briefing.headings["sources"], *(f"[{n}] {row}" for n, row in enumerate(_sources(briefing), start=1))]
    return "\n".join(lines)


def _markdown(briefing: Briefing) -> str:
    lines = [f"# {briefing.car}", "", f"*{briefing.idea_title}*", *(f"\n{note}" for note in briefing.notes)]
    for section in briefing.sections:
        lines += ["", f"## {briefing.headings[section.role]}", ""]
        lines += [f"{statement.text} {_marks(statement.citations)}" for statement in section.statements]
    lines += ["", f"## {briefing.headings['never-say']}", ""]
    lines += [f"- **{item.claim}** {item.why} {_marks(item.citations)}" for item in briefing.never_say]
    lines += ["", f"## {briefing.headings['sources']}", "", *(f"{n}. {row}" for n, row in enumerate(_sources(briefing), start=1))]
    return "\n".join(lines) + "\n"


def _html(briefing: Briefing) -> str:
    def said(text: str, citations: tuple[int, ...]) -> str:
        return f"{escape(text)}<sup>{''.join(f'[{number}]' for number in citations)}</sup>"

    body = [f"<h1>{escape(briefing.car)}</h1>", f'<p class="idea">{escape(briefing.idea_title)}</p>']
    body += [f"<p>{escape(note)}</p>" for note in briefing.notes]
    for section in briefing.sections:
        body.append(f"<h2>{escape(briefing.headings[section.role])}</h2><p>")
        body.append(" ".join(said(statement.text, statement.citations) for statement in section.statements) + "</p>")
    claims = "".join(
        f"<p><strong>{escape(item.claim)}</strong><br>{said(item.why, item.citations)}</p>" for item in briefing.never_say
    )
    body.append(f'<section class="never"><h2>{escape(briefing.headings["never-say"])}</h2>{claims}</section>')
    rows = "".join(f"<li>{escape(row)}</li>" for row in _sources(briefing))
    body.append(f"<h2>{escape(briefing.headings['sources'])}</h2><ol>{rows}</ol>")
    return (
        f'<!doctype html><html lang="{briefing.language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(briefing.car)}</title><style>{_STYLE}</style></head><body>{''.join(body)}</body></html>"
    )


def _pdf(briefing: Briefing) -> bytes:
    data: dict[str, Any] = {
        "language": briefing.language,
        "car": briefing.car,
        "idea": briefing.idea_title,
        "notes": list(briefing.notes),
        "small": briefing.minutes <= 2,  # noqa: PLR2004  up to two minutes fit one page
        "sections": [
            {"title": briefing.headings[section.role], "said": [[one.text, _marks(one.citations)] for one in section.statements]}
            for section in briefing.sections
        ],
        "never": briefing.headings["never-say"],
        "claims": [[item.claim, item.why, _marks(item.citations)] for item in briefing.never_say],
        "sources": briefing.headings["sources"],
        "rows": _sources(briefing),
    }
    # Everything goes in as data and is set as text: nothing that a page holds is read as markup.
    made = typst.compile(_TEMPLATE.read_bytes(), sys_inputs={"data": json.dumps(data)}, format="pdf")
    return bytes(made)
