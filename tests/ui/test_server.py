"""The server's own pages and the headers around all of them."""

from __future__ import annotations

import gzip

import pytest
from fastapi.testclient import TestClient

from knowledge.document import Claims, Role, Source
from knowledge.splitting import Chunk
from ui.passages import passage_page
from ui.texts import language_of


def test_a_source_opens_the_exact_passage_of_its_page(client: TestClient) -> None:
    response = client.get("/passages/phc-origin.fr.rally")

    assert response.status_code == 200
    assert 'id="passage" class="cited"' in response.text
    assert "rallye" in response.text.split('id="passage"')[1].split("</section>")[0]
    assert '<html lang="fr">' in response.text


def test_a_passage_that_is_gone_is_said_in_the_readers_language(client: TestClient) -> None:
    response = client.get("/passages/no-such.fr.page", headers={"accept-language": "en-GB,en;q=0.9"})

    assert response.status_code == 404
    assert "no longer online" in response.text


def test_sales_passages_cannot_be_opened_by_customers(client: TestClient) -> None:
    response = client.get("/passages/sales-objections.fr.leaks")

    assert response.status_code == 404


@pytest.mark.parametrize("path", ["/", "/passages/phc-origin.fr.rally", "/own/passages.css", "/healthz"])
def test_every_answer_keeps_the_browser_on_this_site(client: TestClient, path: str) -> None:
    headers = client.get(path).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "object-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_our_own_pages_need_no_inline_script_or_style(client: TestClient) -> None:
    response = client.get("/passages/phc-origin.fr.rally")

    assert "unsafe-inline" not in response.headers["content-security-policy"]
    assert "<script" not in response.text
    assert "style=" not in response.text


def test_the_widget_is_small_and_needs_nothing_from_elsewhere(client: TestClient) -> None:
    response = client.get("/widget.js", headers={"accept-encoding": "identity"})

    assert response.headers["content-type"].startswith("text/javascript")
    assert len(gzip.compress(response.content)) <= 25_000
    assert b"innerHTML" not in response.content
    assert b"eval(" not in response.content


@pytest.mark.parametrize(("query", "language"), [("?lang=en", "en"), ("?lang=fr", "fr"), ("?lang=<script>", "fr"), ("", "fr")])
def test_the_customer_page_speaks_the_language_asked_for(query: str, language: str, client: TestClient) -> None:
    page = client.get(f"/{query}").text

    assert f'<html lang="{language}">' in page
    assert f'data-language="{language}"' in page
    assert "<script>" not in page


def test_html_in_a_passage_title_or_source_is_shown_as_text() -> None:
    evil = "<img src=x onerror=alert(1)>"
    chunk = Chunk(
        id="a.en.b", document_id="a", kind="faq", title=evil, section_id="b", section=evil, role=Role.QUESTION, task=None, part=1,
        language="en", audience="customer", markets=("*",), vehicles=(), features=(),
        claims=Claims(status="fact", as_of=2020), sources=(Source(label=evil),), text=f"{evil} [x](javascript:alert(1))",
    )  # fmt: skip

    page = passage_page((chunk,), chunk.id)

    assert "<img" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("header", "language"),
    [("fr-FR,fr;q=0.9", "fr"), ("en-GB", "en"), ("de-DE,en;q=0.8", "en"), ("de", "fr"), ("", "fr"), (None, "fr")],
)
def test_the_page_follows_the_browsers_language(header: str | None, language: str) -> None:
    assert language_of(header) == language
