"""`bench paraphrases`: is a sentence let through that says what its page says, and is one withheld that says something else?

Input: `sets/paraphrases.jsonl`, sentences of the pages said in other words by somebody who had not seen the check; and
`mutations.py`, sentences of the pages with one thing changed; and `sets/weak-retellings.jsonl`, written as a good and as a weak
model retells. Each is checked as a sentence of a model is, before it would be
shown: against the whole passage that it rests on, in the scene of that passage's car and language. Output: shares by language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.composing.generative import Written
from assistant.entailment import Entailment
from assistant.grounding import Grounding, Scene
from assistant.prompting import Prompt
from assistant.vehicle_recognition import VehicleRecognition
from evals.grounding_bench import StoredVectors
from evals.mutations import KINDS, Mutation, Place, mutate, places
from evals.questions import Half, SetError
from knowledge.embedding import BundledEmbedder
from knowledge.ingest import LEXICON
from knowledge.lexicon import Lexicon
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, years_of

_PER_KIND, _SEED = 40, 1
Check = Callable[[str, Chunk, str], tuple[str, ...]]
_LANGUAGES = ("fr", "en")


class Paraphrase(BaseModel):
    """One sentence of a page, and the same in other words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    language: Literal["fr", "en"]
    document: str
    source: str
    paraphrase: str
    label_changed: str | None = None

    @property
    def half(self) -> Half:
        """The half it belongs to, by the parity of its id's hash."""
        return "test" if hashlib.sha256(f"paraphrase {self.id}".encode()).digest()[0] % 2 else "development"


def read_paraphrases(path: Path) -> list[Paraphrase]:
    """Return the paraphrases in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(Paraphrase.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            message = f"{path}:{number}: {'.'.join(map(str, first['loc']))}: {first['msg']}. Correct the line."
            raise SetError(message) from error
    return found


class Retelling(BaseModel):
    """A sentence of a page, and one made of it; `faithful` when that says the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    language: Literal["fr", "en"]
    document: str
    source: str
    claim: str
    faithful: bool


def read_retellings(path: Path) -> list[Retelling]:
    """Return the sentences in a JSONL file. Raises `SetError`."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            found.append(Retelling.model_validate_json(line))
        except ValidationError as error:
            message = f"{path}:{number}: this is not a retelling: {error}"
            raise SetError(message) from error
    return found


def shipped_mutations(corpus: Path) -> tuple[list[Place], list[Mutation]]:
    """Return the sentences of the pages in `corpus`, and the mutations of them that are measured."""
    found = places(corpus)
    return found, mutate(found, Lexicon.read(corpus / LEXICON).cars, per_kind=_PER_KIND, seed=_SEED)


def open_check(corpus: Path) -> Check:
    """Return the check of a text in a language against one passage: the reasons why a sentence of it would be withheld.

    The data is that in `corpus`. Raises `ConfigurationError`.
    """
    entailment = Entailment.open(StoredVectors(BundledEmbedder()), corpus)
    recognition = VehicleRecognition(Lexicon.read(corpus / LEXICON))
    grounding = Grounding(entailment, Prompt.read(corpus / "prompts"), recognition)

    def check(text: str, chunk: Chunk, language: str) -> tuple[str, ...]:
        scene = Scene(audience="sales", vehicle=_car_of(chunk), language=language, passages=(chunk,))
        judged = [
            grounding.check(Written(text=sentence.text, chunks=(chunk,), resolved=True), scene, car_named=True)
            for sentence in sentences(text, language)
        ]
        return tuple(reason for one in judged if one.drafted is None for reason in one.reasons)

    return check


def accepted(
    paraphrases: list[Paraphrase], found: list[Place], check: Check
) -> tuple[dict[str, Any], list[tuple[Paraphrase, tuple[str, ...]]]]:
    """Return shares by language and half, and what was withheld. Of sentences that left the pages it is counted apart."""
    passages = {(place.chunk.language, place.sentence): place.chunk for place in found}
    judged = [
        (one, check(one.paraphrase, chunk, one.language))
        for one in paraphrases
        if (chunk := passages.get((one.language, one.source)))
    ]
    table: dict[str, Any] = {
        f"{language} {half}": _share(not reasons for one, reasons in judged if one.language == language and one.half == half)
        for language in _LANGUAGES
        for half in ("development", "test")
    }
    table["all"] = _share(not reasons for _, reasons in judged)
    if len(judged) < len(paraphrases):
        table["sentences no longer on the pages"] = len(paraphrases) - len(judged)
    return table, [(one, reasons) for one, reasons in judged if reasons]


def retold(retellings: list[Retelling], found: list[Place], check: Check) -> dict[str, Any]:
    """Return by language the share shown of sentences that say the same, and the share withheld of those that do not."""
    passages = {(place.chunk.language, place.sentence): place.chunk for place in found}
    judged = [
        (one, not check(one.claim, chunk, one.language))
        for one in retellings
        if (chunk := passages.get((one.language, one.source)))
    ]
    table: dict[str, Any] = {}
    for language in _LANGUAGES:
        rows = [(one.faithful, shown) for one, shown in judged if one.language == language]
        table[f"{language} faithful, shown"] = _share(shown for faithful, shown in rows if faithful)
        table[f"{language} wrong, withheld"] = _share(not shown for faithful, shown in rows if not faithful)
    return table


def rejected(mutations: list[Mutation], check: Check) -> tuple[dict[str, Any], list[Mutation]]:
    """Return shares rejected by language and kind, and the mutations that would have been shown."""
    judged = [(one, bool(check(one.claim, one.chunk, one.language))) for one in mutations]
    table = {
        f"{language} {kind}": _share(
            withheld for one, withheld in judged if language in (one.language, "both") and kind in (one.kind, "all")
        )
        for language in (*_LANGUAGES, "both")
        for kind in (*KINDS, "all")
    }
    return table, [one for one, withheld in judged if not withheld]


def _share(hits: Iterable[bool]) -> dict[str, float | int]:
    counted = list(hits)
    return {"sentences": len(counted), "share": round(sum(counted) / len(counted), 4) if counted else 0.0}


def _car_of(chunk: Chunk) -> Vehicle | None:
    """Return a car that the passage holds for, None when it is tied to none."""
    if not chunk.vehicles:
        return None
    scope = chunk.vehicles[0]
    year = None if scope.generation else max(1919, years_of(scope.years)[0])
    return Vehicle(model=scope.model, generation=scope.generation, year=year, energy=scope.energy)
