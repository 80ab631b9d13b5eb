"""Which column of an export is what: told by its name, or said by the person who imports.

Input: an export. Output: `Columns`, and reviews made of rows. A preview shows both before anything is stored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.redaction import redact
from evals.demand.cleaning import clean
from evals.demand.dates import DayOrder, day_order, read_day
from evals.demand.exports import Export, Row
from evals.demand.ledger import Pseudonyms
from evals.demand.review import ExportError, Review
from knowledge.words import words

Meaning = Literal["text", "title", "day", "person", "stars", "market", "language", "vehicle", "reference"]
# What exports call their columns, folded; the first that fits wins.
_NAMES: dict[Meaning, tuple[str, ...]] = {
    "text": ("text", "texte", "review", "review text", "avis", "comment", "comments", "commentaire", "commentaires", "body",
             "content", "contenu", "message", "verbatim", "remark", "remarque", "description", "feedback"),
    "title": ("title", "titre", "subject", "objet", "headline", "review title"),
    "day": ("date", "day", "jour", "created", "created at", "review date", "date avis", "date de l avis", "date de publication",
            "published", "posted", "submitted", "submission date", "timestamp"),
    "person": ("author", "auteur", "name", "nom", "user", "utilisateur", "customer", "client", "customer id", "client id",
               "pseudo", "reviewer", "email", "e mail", "person", "id client", "user id"),
    "stars": ("rating", "note", "stars", "etoiles", "score", "nb etoiles", "rate"),
    "market": ("market", "country", "pays", "marche", "country code"),
    "language": ("language", "langue", "lang", "locale"),
    "vehicle": ("vehicle", "vehicule", "model", "modele", "car", "voiture", "product", "produit"),
    "reference": ("id", "review id", "id avis", "reference", "ref"),
}  # fmt: skip
_MARKETS = {
    "france": "FR", "royaume uni": "GB", "united kingdom": "GB", "uk": "GB", "belgique": "BE", "belgium": "BE", "suisse": "CH",
    "switzerland": "CH", "espagne": "ES", "spain": "ES", "allemagne": "DE", "germany": "DE", "italie": "IT", "italy": "IT",
    "ireland": "IE", "irlande": "IE", "inde": "IN", "india": "IN", "portugal": "PT", "luxembourg": "LU",
    "netherlands": "NL", "pays bas": "NL",
}  # fmt: skip
_HIGHEST_STARS = 5.0


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The column of each meaning, and how its days are written. `order_known` is False when no cell decides it."""

    of: dict[Meaning, str]
    order: DayOrder
    order_known: bool


def find_columns(export: Export, *, said: dict[str, str] | None = None, order: DayOrder | None = None) -> Columns:
    """Return which column is what; `said` maps meanings to columns and wins over names.

    Raises `ExportError` naming the columns there are when none holds the text, or when `said` names a missing one.
    """
    of: dict[Meaning, str] = {}
    folded = {" ".join(words(column)): column for column in reversed(export.columns)}
    for meaning, names in _NAMES.items():
        if column := next((folded[name] for name in names if name in folded), None):
            of[meaning] = column
    for name, column in (said or {}).items():
        known_meaning = next((known for known in _NAMES if known == name), None)
        if known_meaning is None or column not in export.columns:
            message = f"{name}={column!r} names no column. Meanings: {', '.join(_NAMES)}; columns: {', '.join(export.columns)}."
            raise ExportError(message)
        of[known_meaning] = column
    if "text" not in of:
        message = (
            f"No column holds the text of the reviews. Columns: {', '.join(export.columns)}. Say it with --column text=NAME."
        )
        raise ExportError(message)
    cells = [str(row.get(of["day"]) or "") for row in export.rows] if "day" in of else []
    learnt = day_order(cells)
    return Columns(of=of, order=order or learnt or "dmy", order_known=bool(order or learnt))


def review_of(row: Row, columns: Columns, pseudonyms: Pseudonyms) -> Review | None:
    """Return the review in a row, cleaned and redacted; None when the row holds neither words nor stars."""
    cells = {meaning: row.get(column) for meaning, column in columns.of.items()}
    title, body = clean(_words_of(cells.get("title"))), clean(_words_of(cells.get("text")))
    text = f"{title}\n{body}" if title and not body.startswith(title) else body
    stars = _stars(cells.get("stars"))
    if not text and stars is None:
        return None
    person = clean(_words_of(cells.get("person")))
    return Review(
        text=redact(text),
        day=read_day(cells.get("day"), columns.order),
        person=pseudonyms.of(person) if person else None,
        stars=stars,
        market=_market(_words_of(cells.get("market"))),
        language=(re.findall(r"^[a-z]{2}\b|^[a-z]{2}(?=[-_])", _words_of(cells.get("language")).lower()) or [None])[0],
        vehicle=redact(clean(_words_of(cells.get("vehicle")))) or None,
        reference=redact(clean(_words_of(cells.get("reference"))))[:80] or None,
    )


def _words_of(cell: object) -> str:
    return "" if cell is None else str(cell)


def _stars(cell: object) -> float | None:
    """Return 1 to 5 stars; "8/10" is brought to five, "★★★" counted, anything else is unknown."""
    text = _words_of(cell)
    if "★" in text:
        return float(min(text.count("★"), _HIGHEST_STARS))
    match = re.search(r"(\d+(?:[.,]\d+)?)(?:\s*/\s*(\d+))?", text)
    if not match:
        return None
    value, of = float(match[1].replace(",", ".")), float(match[2] or _HIGHEST_STARS)
    return round(value / of * _HIGHEST_STARS, 2) if of and value <= of else None


def _market(cell: str) -> str | None:
    folded = " ".join(words(cell))
    if folded in _MARKETS:
        return _MARKETS[folded]
    return cell.strip().upper() if re.fullmatch(r"\s*[A-Za-z]{2}\s*", cell) else None
