"""Measures briefings: every car of the range, every profile, both languages, one, two and five minutes.

What they say of the cushions is held to a table that was written from the facts, by somebody who had not seen the code.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.assistant import Assistant
from assistant.briefing.composing import brief
from assistant.briefing.model import WORDS_A_MINUTE, Briefing, BriefingError, BriefingRequest, Has
from evals.questions import SETS, SetError
from knowledge.vehicles import CarRange
from knowledge.words import words
from knowledge.yaml_text import parse

_WITHIN = 0.15
_LANGUAGES, _MINUTES = ("fr", "en"), (1, 2, 5)


class LabelledCar(BaseModel):
    """A car as a seller may name it, and whether it has Progressive Hydraulic Cushions by the fact that is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    car: str
    model: str
    generation: str | None
    year: int
    energy: str | None
    has: Has
    fact: str
    label_changed: str | None = None  # why a label is not the one first given

    def is_in(self, cars: CarRange) -> bool:
        """Say whether the knowledge has a model of this name; "ë-" and the market in brackets are no part of it."""
        name = "".join(words(re.sub(r"^ë-| \(.*\)$", "", self.model)))
        known = [name for model in cars.models for name in (model.model, *model.names)]
        known += [name for model in cars.models for generation in model.generations for name in generation.names]
        return name in {"".join(words(one)) for one in known}


def read_profiles(path: Path) -> dict[str, dict[str, str]]:
    """Return customers by name, in the words of each language. Raises `OSError`, `yaml.YAMLError`."""
    profiles = parse(path.read_text(encoding="utf-8"))
    if not isinstance(profiles, dict):
        message = f"{path} must map names to texts by language"
        raise yaml.YAMLError(message)
    return profiles


def read_forbidden(path: Path) -> dict[str, list[re.Pattern[str]]]:
    """Return the patterns of what no briefing may assert, by language. Raises `OSError`, `yaml.YAMLError`."""
    return {language: [re.compile(one) for one in rows] for language, rows in parse(path.read_text(encoding="utf-8")).items()}


def read_cars(path: Path) -> list[LabelledCar]:
    """Return the table of cars in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(LabelledCar.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}:{number} is no labelled car: {error}"
            raise SetError(message) from error
    return found


def measure_all(assistant: Assistant) -> dict[str, Any]:
    """Return the figures of `measure` over the shipped profiles, and under "cushions" those of `measure_cushions`.

    Raises `OSError`, `yaml.YAMLError`, `SetError`.
    """
    profiles, forbidden = read_profiles(SETS / "briefing-profiles.yaml"), read_forbidden(SETS / "forbidden-claims.yaml")
    return measure(assistant, profiles, forbidden) | {"cushions": measure_cushions(assistant, read_cars(SETS / "cushions.jsonl"))}


def measure(
    assistant: Assistant, profiles: dict[str, dict[str, str]], forbidden: dict[str, list[re.Pattern[str]]]
) -> dict[str, Any]:
    """Return the shares over all briefings, each from 0 to 1, and the median milliseconds of one."""
    with assistant.release() as release:
        models = release.lexicon.cars.models
    cars = [f"{model.model} {generation.generation}" for model in models for generation in model.generations]

    hits: dict[str, list[bool]] = defaultdict(list)
    ideas: dict[tuple[str, str], set[str]] = defaultdict(set)
    asserted: set[str] = set()
    times = []
    for car in cars:
        for texts in profiles.values():
            for language in _LANGUAGES:
                for minutes in _MINUTES:
                    began = time.perf_counter()
                    request = BriefingRequest(vehicle=car, customer=texts[language], minutes=minutes, language=language)  # type: ignore[arg-type]  # one of the three
                    made = brief(assistant, request)
                    times.append((time.perf_counter() - began) * 1000)
                    hits["within its length"].append(
                        abs(made.words - minutes * WORDS_A_MINUTE) <= _WITHIN * minutes * WORDS_A_MINUTE
                    )
                    hits["grounded"].append(_grounded(made))
                    claims = _forbidden(made, forbidden[language])
                    asserted.update(claims)
                    hits["no forbidden claim"].append(not claims)
                    hits["has something never to say"].append(bool(made.never_say))
                    ideas[(car, language)].add(made.idea)
    shares = {name: round(sum(values) / len(values), 4) for name, values in hits.items()}
    spread = sum(len(found) for found in ideas.values()) / (len(ideas) * len(profiles))
    return {
        "briefings": len(times), "cars": len(cars), "customers": len(profiles), **shares, "forbidden claims": sorted(asserted),
        "different ideas per profile": round(spread, 4), "median_ms": round(sorted(times)[len(times) // 2], 1),
    }  # fmt: skip


def measure_cushions(assistant: Assistant, cars: Iterable[LabelledCar]) -> dict[str, Any]:
    """Return for how many cars of the range a briefing says of the cushions what the table says, and where it does not.

    A car outside of the range is answered well when there is no briefing for it, and what there is instead.
    """
    with assistant.release() as release:
        known = release.lexicon.cars
    within: list[bool] = []
    outside: list[bool] = []
    differences = []
    for labelled in cars:
        try:
            said: str = brief(assistant, BriefingRequest(vehicle=labelled.car, minutes=1)).cushions
        except BriefingError:
            said = "no briefing"
        in_range = labelled.is_in(known)
        right = said == (labelled.has if in_range else "no briefing")
        (within if in_range else outside).append(right)
        if not right:
            differences.append(f"{labelled.car}: {labelled.has if in_range else 'no briefing'}, said {said}")
    return {
        "cars in the range": len(within),
        "right": round(sum(within) / len(within), 4),
        "cars outside the range": len(outside),
        "told what there is instead": round(sum(outside) / len(outside), 4) if outside else None,
        "differences": differences,
    }


def _forbidden(made: Briefing, patterns: list[re.Pattern[str]]) -> list[str]:
    """Return the sentences that assert what no briefing may; answers to objections and reasons of never-says may name it."""
    said = [one.text for part in made.sections if part.role != "objections" for one in part.statements]
    return [text for text in said for pattern in patterns if pattern.search(text.lower())]


def _grounded(made: Briefing) -> bool:
    by_number = {citation.n: citation.chunk for citation in made.citations}
    said = [(line.text, line.lead, line.citations) for section in made.sections for line in section.statements]
    said += [(item.why, item.claim, item.citations) for item in made.never_say]
    return all(text in by_number[numbers[0]].text and lead in by_number[numbers[0]].section for text, lead, numbers in said)
