"""The customer page: the widget's conversation over the whole page, with questions to begin with, car by car."""

from __future__ import annotations

import json
from html import escape

from ui.texts import TEXTS, typeset

_OTHER = {"fr": ("en", "English"), "en": ("fr", "Français")}


def customer_page(language: str) -> str:
    """Return the page in "fr" or "en"; it holds no script or style of its own and nothing from another site."""
    texts = TEXTS[language]
    other, other_name = _OTHER[language]
    cars = "\n".join(
        f"<section><h3>{escape(car)}</h3><p>{''.join(_question(question) for question in questions)}</p></section>"
        for car, questions in texts.by_car.items()
    )
    examples = escape(json.dumps(texts.examples, ensure_ascii=False))
    return f"""<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(texts.title)}</title>
<link rel="icon" href="/own/icon.svg"><link rel="stylesheet" href="/own/customer.css">
<script src="/widget.js" data-embed="no" defer></script><script src="/own/customer.js" defer></script></head>
<body>
<header><h1>{escape(texts.title)}</h1><a href="/?lang={other}" hreflang="{other}" lang="{other}">{other_name}</a></header>
<main><citroen-assistant page data-language="{language}" data-examples="{examples}"></citroen-assistant></main>
<aside aria-labelledby="by-car"><h2 id="by-car">{escape(texts.cars)}</h2>
{cars}
<footer><p>{escape(texts.privacy)}</p><p><button type="button" id="erase">{escape(texts.erase)}</button></p></footer></aside>
</body></html>"""


def _question(question: str) -> str:
    return f'<button type="button" data-question="{escape(question)}">{escape(typeset(question))}</button>'
