"""Ways to spoil a corpus that the gate has to notice, and ways to change it that it has to let pass. For tests.

Input: a private copy of a corpus folder. Output: the copy, changed in place; each function returns where it struck.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from knowledge.embedding import Embedder, Vectors

_SECTION = re.compile(r"(?m)^## .*$")


@dataclass(frozen=True, kw_only=True)
class Sabotage:
    """One way to spoil a corpus, and the kind of cause that the gate has to name first."""

    name: str
    spoil: Callable[[Path], str]
    cause: str


def remove_page(corpus: Path) -> str:
    """Delete a page in every language."""
    for language in ("fr", "en"):
        (corpus / f"pages/{language}/tutorial/adaptive-cruise-control.md").unlink()
    return "adaptive-cruise-control"


def delete_warning(corpus: Path) -> str:
    """Take a warning out of a tutorial, in every language."""
    for language in ("fr", "en"):
        path = corpus / f"pages/{language}/tutorial/child-seats.md"
        path.write_text(_without_section(path.read_text(encoding="utf-8"), "airbag"), encoding="utf-8")
    return "airbag"


def swap_steps(corpus: Path) -> str:
    """Exchange the steps of two cars, in every language."""
    for language in ("fr", "en"):
        path = corpus / f"pages/{language}/tutorial/cruise-control.md"
        text = path.read_text(encoding="utf-8")
        one, other = _body(text, "on-c4-iii"), _body(text, "on-berlingo-iii")
        text = text.replace(one, "\0").replace(other, one).replace("\0", other)
        path.write_text(text, encoding="utf-8")
    return "cruise-control"


def switch_rule_off(corpus: Path) -> str:
    """Take a rule out of the table."""
    path = corpus / "rules.yaml"
    table = [row for row in yaml.safe_load(path.read_text(encoding="utf-8")) if row["rule"] != "emergency"]
    path.write_text(yaml.safe_dump(table, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return "emergency"


def translate_phrase(corpus: Path) -> str:
    """Put a locked phrase into French, in words that no list foresees."""
    path = corpus / "pages/fr/brand/brand-comfort-is-the-new-cool.md"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Comfort is the new cool", "Être bien, c'est tendance"), encoding="utf-8")
    return "Comfort is the new cool"


def serve_french_to_english_readers(corpus: Path) -> str:
    """Put the French text of a page where its English text was."""
    french = (corpus / "pages/fr/tutorial/cruise-control.md").read_text(encoding="utf-8")
    english = corpus / "pages/en/tutorial/cruise-control.md"
    english.write_text(re.sub(r"(?m)^language: fr$", "language: en", french), encoding="utf-8")
    return "cruise-control.en"


SABOTAGES = (
    Sabotage(name="a page removed", spoil=remove_page, cause="page removed"),
    Sabotage(name="a warning deleted", spoil=delete_warning, cause="warning missing"),
    Sabotage(name="two cars' steps swapped", spoil=swap_steps, cause="cars swapped"),
    Sabotage(name="a rule switched off", spoil=switch_rule_off, cause="rule off"),
    Sabotage(name="a locked phrase translated", spoil=translate_phrase, cause="locked phrase"),
    Sabotage(name="French content for English readers", spoil=serve_french_to_english_readers, cause="wrong language"),
)


def reword_sentence(corpus: Path) -> str:
    """Change one sentence without changing what it says."""
    path = corpus / "pages/en/brand/brand-origins.md"
    text = path.read_text(encoding="utf-8")
    reworded = text.replace(
        "Fans protested against the absence of the DS and the SM.", "The missing DS and SM made fans protest."
    )
    path.write_text(reworded, encoding="utf-8")
    return "brand-origins.en"


def add_page(corpus: Path) -> str:
    """Add a page that says something new, sourced like the others."""
    path = corpus / "pages/en/brand/brand-origins.md"
    head, _, _ = path.read_text(encoding="utf-8").partition("\n## ")
    head = re.sub(r"(?m)^id: .*$", "id: brand-podcast", head)
    head = re.sub(r"(?m)^title: .*$", "title: A podcast about comfort", head)
    head = re.sub(r"(?ms)^questions:\n(?:  - .*?\n)+", "questions:\n  - Is there a podcast about comfort?\n", head)
    section = (
        '## Is there a podcast? {#what .what sources="1"}\n\nCitroën Origins gained a podcast with Luc Ferry in April 2020.\n'
    )
    (path.parent / "brand-podcast.md").write_text(f"{head}\n{section}", encoding="utf-8")
    return "brand-podcast.en"


class NoiseEmbedder:
    """An embedder whose vectors are noise: the same text gives the same vector, and no two texts are near each other."""

    def __init__(self, like: Embedder) -> None:
        self.dimensions = like.dimensions
        self.fingerprint = "noise:1"

    def embed_query(self, text: str) -> Vectors:
        """See `Embedder`."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).normal(size=self.dimensions).astype(np.float32)
        return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)

    def embed_questions(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return self.embed_passages(texts)

    def embed_passages(self, texts: list[str]) -> Vectors:
        """See `Embedder`."""
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimensions)


def _without_section(text: str, name: str) -> str:
    start, end = _bounds(text, name)
    return text[:start] + text[end:]


def _body(text: str, name: str) -> str:
    start, end = _bounds(text, name)
    return text[text.index("\n", start) : end]


def _bounds(text: str, name: str) -> tuple[int, int]:
    """Return where a section begins and ends. Raises `ValueError` when the page has none of that name."""
    heads = list(_SECTION.finditer(text))
    for place, head in enumerate(heads):
        if f"{{#{name} " in head.group():
            return head.start(), heads[place + 1].start() if place + 1 < len(heads) else len(text)
    message = f"there is no section {name!r}"
    raise ValueError(message)
