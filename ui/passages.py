"""The page behind a source: the whole page in our own layout, opened at the exact passage.

Input: the passages of a page. Output: HTML. Everything in it is escaped or rendered with HTML switched off.
"""

from __future__ import annotations

from html import escape

from markdown_it import MarkdownIt

from knowledge.splitting import Chunk
from ui.plain_page import plain_page
from ui.texts import TEXTS, typeset

_MARKDOWN = MarkdownIt("commonmark", {"html": False})


def passage_page(page: tuple[Chunk, ...], chunk_id: str) -> str:
    """Return the page that holds `chunk_id`, with that passage marked."""
    first = page[0]
    texts = TEXTS.get(first.language, TEXTS["en"])
    sections = "\n".join(_section(chunk, marked=chunk.id == chunk_id) for chunk in page)
    cited = next(chunk for chunk in page if chunk.id == chunk_id)
    sources = "\n".join(f"<li>{_source(source.label, source.url, source.year)}</li>" for source in cited.sources)
    return plain_page(
        first.language,
        first.title,
        f"""<p><a href="/">← {escape(texts.back)}</a></p>
<h1>{escape(typeset(first.title))}</h1>
{sections}
<footer><h2>{escape(texts.reviewed)}</h2><ul>{sources}</ul></footer>""",
    )


def gone_page(language: str) -> str:
    """Return what to show when a passage no longer exists."""
    texts = TEXTS[language]
    return plain_page(language, texts.title, f'<p>{escape(texts.gone)}</p><p><a href="/">← {escape(texts.back)}</a></p>')


def _section(chunk: Chunk, *, marked: bool) -> str:
    attributes = ' id="passage" class="cited" tabindex="-1"' if marked else ""
    heading = f"<h2>{escape(typeset(chunk.section))}</h2>" if chunk.part == 1 else ""
    return f"<section{attributes}>{heading}{_MARKDOWN.render(typeset(chunk.text))}</section>"


def _source(label: str, url: str | None, year: int | None) -> str:
    shown = escape(label) if year is None or str(year) in label else f"{escape(label)} ({year})"
    return f'<a href="{escape(url)}" rel="noopener noreferrer">{shown}</a>' if url else shown
