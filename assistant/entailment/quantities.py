"""Numbers with their units, as a sentence states them. Input: a text and its language. Output: `Quantity` objects.

Digits and number words, decimal comma and point, thousands, ranges that share a unit, ordinals and percent are read; how
many of what ("20 patents") is left to the comparison of words. Names with a digit in them (C5, H7) are in `names.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from knowledge.words import fold

_UNITS = {
    "km/h": "km/h kmh kph kilometres_heure kilometres_par_heure kilometers_per_hour kilometres_per_hour",
    "mph": "mph miles_per_hour miles_heure", "km": "km kilometre kilometres kilometer kilometers", "mi": "mile miles",
    "m": "m metre metres meter meters", "cm": "cm centimetre centimetres centimeters",
    "mm": "mm millimetre millimetres millimeters",
    "kg": "kg kilo kilos kilogramme kilogrammes kilograms", "g": "g gramme grammes grams", "t": "tonne tonnes tons",
    "l": "l litre litres liter liters", "ml": "ml millilitres", "kwh": "kwh kilowattheure kilowattheures",
    "kw": "kw kilowatt kilowatts",
    "w": "w watt watts", "v": "v volt volts", "a": "a ampere amperes amp amps", "ch": "ch chevaux hp bhp horsepower ps",
    "nm": "nm", "bar": "bar bars", "psi": "psi", "db": "db decibel decibels", "tr/min": "tr/min rpm",
    "%": "% percent per_cent pourcent pour_cent", "°": "°c °f ° degre degres degree degrees",
    "s": "s sec seconde secondes second seconds",
    "ms": "ms milliseconde millisecondes milliseconds", "min": "min mn minute minutes", "h": "h heure heures hour hours",
    "day": "jour jours day days", "week": "semaine semaines week weeks", "month": "mois month months",
    "year": "an ans annee annees year years",
    "times": "fois times", "eur": "€ eur euro euros", "$": "$ dollar dollars", "£": "£ pound pounds livres",
    "in": "inch inches pouce pouces", "ft": "ft foot feet pied pieds", "gb": "gb go", "hz": "hz hertz", "point": "points point",
}  # fmt: skip
_UNIT_OF = {written.replace("_", " "): unit for unit, names in _UNITS.items() for written in names.split()}
_WORDS = {
    "fr": "deux:2 trois:3 quatre:4 cinq:5 six:6 sept:7 huit:8 neuf:9 dix:10 onze:11 douze:12 treize:13 quatorze:14 quinze:15 "
    "seize:16 vingt:20 trente:30 quarante:40 cinquante:50 soixante:60 septante:70 huitante:80 nonante:90 quatre-vingt:80 "
    "quatre-vingts:80 dizaine:10 douzaine:12 vingtaine:20 trentaine:30 centaine:100 cent:100 cents:100 mille:1000 "
    "million:1000000 millions:1000000 milliard:1000000000 milliards:1000000000",
    "en": "two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13 fourteen:14 "
    "fifteen:15 sixteen:16 seventeen:17 eighteen:18 nineteen:19 twenty:20 thirty:30 forty:40 fifty:50 sixty:60 seventy:70 "
    "eighty:80 ninety:90 twice:2 thrice:3 dozen:12 hundred:100 thousand:1000 million:1000000 millions:1000000 "
    "billion:1000000000 billions:1000000000",
}  # fmt: skip
_NUMBER_WORDS = {
    language: {word: float(value) for word, value in (pair.split(":") for pair in listed.split())}
    for language, listed in _WORDS.items()
}
_IMPLIED = {  # words that support a number without being read as one
    1.0: {"un", "une", "one", "a", "an", "once", "single", "seul", "seule", "sole"},
    2.0: {"both", "pair", "paire", "couple", "double", "second", "seconde", "deuxieme", "deux"},
    0.5: {"half", "moitie", "demi", "demie"},
    3.0: {"triple"},
}
_IMPLIED_SPANS: dict[tuple[float, str], set[str]] = {
    (6.0, "month"): {"half", "semestre"}, (12.0, "month"): {"year", "an", "annee"}, (24.0, "h"): {"day", "jour"},
    (7.0, "day"): {"week", "semaine"},
}  # fmt: skip
_ORDINALS = {
    "premier": 1, "premiere": 1, "premiers": 1, "premieres": 1, "first": 1, "deuxieme": 2, "troisieme": 3, "third": 3,
    "quatrieme": 4, "fourth": 4, "cinquieme": 5, "fifth": 5, "sixieme": 6, "sixth": 6, "septieme": 7, "seventh": 7,
    "huitieme": 8, "eighth": 8, "neuvieme": 9, "ninth": 9, "dixieme": 10, "tenth": 10,
}  # fmt: skip
_SCALES = frozenset({100.0, 1000.0, 1e6, 1e9})
_TOKEN = re.compile(
    r"(?P<number>(?<![\w.,])\d{1,3}(?:[   .,']\d{3})+(?:[.,]\d+)?(?![\d])|(?<![\w])\d+(?:[.,]\d+)?)"
    r"(?P<suffix>er|ere|eme|e|nd|rd|th|st|s)?(?![\w]*\d)(?P<glued>(?:km/h|tr/min|[a-z]+)?)"
    r"|(?P<unit>km/h|tr/min|°\s?[cf]?|[%€$£])|(?P<word>[^\W\d_]+(?:-[^\W\d_]+)*)|(?P<join>[-\u2013\u2014/])"
)  # fmt: skip
_BETWEEN = frozenset({"last", "next", "first", "full", "derniers", "dernieres", "premiers", "premieres", "prochaines", "bonnes"})
_AMPERES = re.compile(r"(\d)\s?A\b")
_ELIDED = re.compile(r"\b(?:[ldmtsnjc]|qu)'(?=\w)")
_RANGE_JOINS = frozenset({"a", "to", "et", "and", "ou", "or", "-", "\u2013", "\u2014", "through"})
_FIRST_YEAR, _LAST_YEAR = 1900, 2100


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number with its unit. `readings` has two values where comma or point can be read in two ways."""

    readings: tuple[float, ...]
    unit: str = ""
    ordinal: bool = False
    written: str = ""
    at: int = 0

    @property
    def is_year(self) -> bool:
        """Say whether it may be a year: a bare whole number of four digits."""
        value = self.readings[0]
        return not self.unit and value.is_integer() and _FIRST_YEAR <= value <= _LAST_YEAR

    def same_value(self, other: Quantity) -> bool:
        """Say whether some reading of both is the same number."""
        return bool(set(self.readings) & set(other.readings))


def quantities(text: str, language: str) -> tuple[Quantity, ...]:
    """Return the quantities of `text` in order. A bare "one" or "un" is none: it is an article too often."""
    found: list[Quantity] = []
    plain = fold(_AMPERES.sub(r"\1 ampere", text).replace("\u2019", "'"))
    matches = list(_TOKEN.finditer(_ELIDED.sub(" ", plain)))
    words = _NUMBER_WORDS.get(language, {}) | ({} if language in _NUMBER_WORDS else _NUMBER_WORDS["en"])
    index = 0
    while index < len(matches):
        read = _digits(matches, index, language) or _spelt(matches, index, words)
        if read is None:
            index += 1
            continue
        quantity, index = read
        found.append(quantity)
    return tuple(_shared_units(found, _ELIDED.sub(" ", plain)))


def implies(tokens: tuple[str, ...], value: float, unit: str = "") -> bool:
    """Say whether the words imply a number without stating it: "a" for 1, "both" for 2, "half" for 6 months."""
    return not (_IMPLIED.get(value, set()) | _IMPLIED_SPANS.get((value, unit), set())).isdisjoint(tokens)


def _digits(matches: list[re.Match[str]], index: int, language: str) -> tuple[Quantity, int] | None:
    match = matches[index]
    if match["number"] is None:
        return None
    suffix, glued = match["suffix"] or "", match["glued"] or ""
    if suffix == "s" and Quantity(readings=_readings(match["number"], language)).is_year:  # the 1950s
        return Quantity(readings=_readings(match["number"], language), written=match[0], at=match.start()), index + 1
    if suffix + glued in _UNIT_OF:
        return _quantity(match["number"], _UNIT_OF[suffix + glued], match, language), index + 1
    if glued:  # a name such as "2cv"
        return None
    if suffix and suffix != "s":
        return Quantity(
            readings=_readings(match["number"], language), ordinal=True, written=match[0], at=match.start()
        ), index + 1
    following = index + 1
    readings = _readings(match["number"], language)
    if following < len(matches) and matches[following]["word"] in (
        "million",
        "millions",
        "milliard",
        "milliards",
        "billion",
        "thousand",
    ):
        scale = (_NUMBER_WORDS["fr"] | _NUMBER_WORDS["en"])[matches[following]["word"]]
        readings = tuple(round(value * scale, 3) for value in readings)
        following += 1
    unit, following = _unit(matches, following)
    return Quantity(readings=readings, unit=unit, written=match["number"], at=match.start()), following


def _quantity(number: str, unit: str, match: re.Match[str], language: str) -> Quantity:
    return Quantity(readings=_readings(number, language), unit=unit, written=match[0], at=match.start())


def _readings(written: str, language: str) -> tuple[float, ...]:
    """Return the value first as the language writes numbers, then as others do, where these differ."""
    plain = re.sub(r"[   ']", "", written)
    decimal = "," if language == "fr" else "."
    grouped = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", plain) is not None
    if plain.count(".") + plain.count(",") > 1:
        last = max(plain.rfind("."), plain.rfind(","))
        if grouped and len(set(re.sub(r"\d", "", plain))) == 1:
            return (float(re.sub(r"[.,]", "", plain)),)
        return (float(re.sub(r"[.,]", "", plain[:last]) + "." + plain[last + 1 :]),)
    if grouped:
        both = (float(re.sub(r"[.,]", "", plain)), float(plain.replace(",", ".")))
        return both if decimal not in plain else both[::-1]
    return (float(plain.replace(",", ".")),)


def _spelt(matches: list[re.Match[str]], index: int, words: dict[str, float]) -> tuple[Quantity, int] | None:
    """Read number words from `index` on: "twenty-five", "quatre-vingt-dix", "deux cents"; or an ordinal word."""
    first = matches[index]["word"]
    if first is None:
        return None
    if first in _ORDINALS:
        return Quantity(readings=(float(_ORDINALS[first]),), ordinal=True, written=first, at=matches[index].start()), index + 1
    values: list[float] = []
    following, written = index, []
    while following < len(matches) and (word := matches[following]["word"]) is not None:
        parts = [word] if word in words else word.split("-")
        if not all(part in words or part in ("et", "un", "une", "one", "and") for part in parts) or parts[0] not in words:
            break
        values += [words.get(part, 1.0) for part in parts if part not in ("et", "and")]
        written.append(word)
        following += 1
    if not values:
        return None
    unit, following = _unit(matches, following)
    unit = "times" if first in ("twice", "thrice") else unit
    return Quantity(readings=(_compose(values),), unit=unit, written=" ".join(written), at=matches[index].start()), following


def _compose(values: list[float]) -> float:
    total = current = 0.0
    for value in values:
        if value in _SCALES:
            current = max(current, 1.0) * value
            if value > 100:  # noqa: PLR2004
                total, current = total + current, 0.0
        elif value == 20 and current == 4:  # noqa: PLR2004  quatre-vingt
            current = 80.0
        else:
            current += value
    return total + current


def _unit(matches: list[re.Match[str]], index: int) -> tuple[str, int]:
    """Return the unit that begins at `index`, the longest name first, and what follows; "last" or a hyphen may stand between."""
    if index + 1 < len(matches) and (matches[index]["word"] in _BETWEEN or matches[index][0] == "-"):
        unit, following = _unit(matches, index + 1)
        return (unit, following) if unit else ("", index)
    for size in (3, 2, 1):
        pieces = [match["word"] or match["unit"] or match["join"] or "" for match in matches[index : index + size]]
        written = " ".join(piece.replace(" ", "") for piece in pieces).replace(" / ", "/")
        if len(pieces) == size and written in _UNIT_OF and written not in ("a", "s"):
            return _UNIT_OF[written], index + size
        if len(pieces) == size == 1 and written in ("a", "s") and matches[index][0] == written:
            return ("s", index + 1) if written == "s" else ("", index)
    return "", index


def _shared_units(found: list[Quantity], folded: str) -> list[Quantity]:
    """Give the first number of "30 to 180 km/h" the unit of the second."""
    shared = list(found)
    for place, (left, right) in reversed(list(enumerate(pairwise(found)))):
        between = folded[left.at + len(left.written) : right.at].split() if right.at > left.at else []
        joined = len(between) == 1 and between[0] in _RANGE_JOINS
        unit = shared[place + 1].unit
        if joined and unit and not left.unit and not left.ordinal:
            shared[place] = Quantity(readings=left.readings, unit=unit, written=left.written, at=left.at)
    return shared
