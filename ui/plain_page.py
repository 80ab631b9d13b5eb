"""A page of our own around some markup: the passages, the sign-in. No script, one style sheet, nothing from another site."""

from __future__ import annotations

from html import escape


def plain_page(language: str, title: str, body: str) -> str:
    """Return the whole page; `body` is markup that its caller has escaped."""
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} — Citroën</title>
<link rel="icon" href="/own/icon.svg"><link rel="stylesheet" href="/own/passages.css"></head>
<body><main>
{body}
</main></body></html>"""
