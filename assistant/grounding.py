"""Checks every sentence against the passage it cites before it is shown.

A verbatim sentence is checked by identity: it is in the cited passage letter for letter, the passage is there for this
audience, and it holds for the car in question. No vector is computed. A sentence that a model wrote is checked by
`Grounding`: its citations resolve, it says nothing forbidden, it is in the answer's language, and what it cites supports it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from assistant.clauses import alternatives_differ
from assistant.composing.draft import Block, Drafted
from assistant.composing.generative import Written
from assistant.entailment import Entailment, Judged, Pair
from assistant.policy import may_show
from assistant.prompting import Prompt
from assistant.vehicle_recognition import VehicleRecognition
from knowledge.document import Audience
from knowledge.language import identify
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, holds_for
from knowledge.words import stems, words

_STEP_WORDS = 0.7


def pair_of(sentence: str, ground: tuple[Chunk, ...], language: str) -> Pair:
    """Return a model's sentence beside the passages it rests on, as the check wants them."""
    return Pair(
        claim=sentence,
        source="\n\n".join(chunk.text for chunk in ground),
        language=language,
        headings=tuple(f"{chunk.title} — {chunk.section}" for chunk in ground),
    )


def verify(blocks: list[Block], *, audience: Audience, vehicle: Vehicle | None) -> tuple[list[Block], int]:
    """Return the blocks without unsupported sentences, and how many were withheld. A block left without sentences goes."""
    kept: list[Block] = []
    withheld = 0
    for block in blocks:
        sound = tuple(drafted for drafted in block.sentences if supported(drafted, audience=audience, vehicle=vehicle))
        withheld += len(block.sentences) - len(sound)
        if sound or not block.sentences:
            kept.append(replace(block, sentences=sound))
    return kept, withheld


def supported(drafted: Drafted, *, audience: Audience, vehicle: Vehicle | None) -> bool:
    """Say whether a verbatim sentence may be shown with this passage as its ground."""
    return drafted.text in drafted.chunk.text and may_show(drafted.chunk, audience) and holds_for(drafted.chunk.vehicles, vehicle)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What a model's sentences are checked for: the reader, the car, the language, and the passages the model was given."""

    audience: Audience
    vehicle: Vehicle | None
    language: str
    passages: tuple[Chunk, ...]


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What a check found: the sentence as it may be shown, or None with the reasons; `rules` it would have broken."""

    drafted: Drafted | None = None
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Grounding:
    """Checks what a model wrote. Safe from several threads, which take turns."""

    def __init__(self, entailment: Entailment, prompt: Prompt, recognition: VehicleRecognition) -> None:
        self._entailment = entailment
        self._prompt = prompt
        self._recognition = recognition
        self._turn = threading.Lock()

    def check(self, written: Written, scene: Scene, *, car_named: bool) -> Checked:
        """Return whether a sentence may be shown, with the fewest of its citations that support it.

        A sentence without a citation is held against each passage alone. `car_named` says that the answer has already
        named the car it is about. Raises `EmbedderError`.
        """
        refused = self._refused(written, scene)
        if refused:
            return refused
        cited = [chunk for chunk in written.chunks or scene.passages if _may_rest_on(chunk, scene)]
        grounds: list[tuple[Chunk, ...]] = [(chunk,) for chunk in cited]
        if len(cited) > 1 and written.chunks:
            grounds.append(tuple(cited))
        judged = self._judged(written.text, grounds, scene)
        sound = [(-len(ground), found.support, ground) for found, ground in zip(judged, grounds, strict=True) if found.supported]
        if not sound:
            return Checked(reasons=_reasons(judged))
        _, _, ground = max(sound, key=lambda item: item[:2])
        if not (car_named or scene.vehicle or self._names_car(written.text)) and self._loses_car(written.text, ground):
            return Checked(reasons=("car not named",))
        return Checked(drafted=Drafted(text=written.text, chunk=ground[0], also=ground[1:], by_model=True))

    def same_step(self, written: Written, page: Drafted, language: str) -> bool:
        """Say whether a model's step says what the page's step says, no more and no less. Raises `EmbedderError`."""
        if not written.resolved or self._prompt.broken_rules(written.text) or _foreign(written.text, language):
            return False
        if any(chunk.id != page.chunk.id for chunk in written.chunks) or not _same_words(written.text, page.text, language):
            return False
        heading = f"{page.chunk.title} — {page.chunk.section}\n"
        there = Pair(claim=written.text, source=heading + page.text, language=language)
        back = Pair(claim=page.text, source=heading + written.text, language=language)
        with self._turn:
            return all(found.supported for found in self._entailment.check([there, back]))

    def _judged(self, text: str, grounds: list[tuple[Chunk, ...]], scene: Scene) -> list[Judged]:
        """Return for each ground whether a sentence says what it says."""
        with self._turn:
            found = self._entailment.retold([pair_of(text, ground, scene.language) for ground in grounds])
        judged = []
        for whole, ground in zip(found, grounds, strict=True):
            stated = [one.text for chunk in ground for one in sentences(chunk.text, chunk.language)]
            turned = ("and, or",) if alternatives_differ(text, stated) else ()
            mixed = ("another page",) if _names_another_page(text, ground, scene.passages) else ()
            reasons = (*whole.reasons, *turned, *mixed)
            judged.append(replace(whole, reasons=reasons, supported=not reasons))
        return judged

    def _refused(self, written: Written, scene: Scene) -> Checked | None:
        rules = self._prompt.broken_rules(written.text)
        if rules:
            return Checked(reasons=tuple(f"rule: {rule}" for rule in rules), rules=rules)
        if not written.resolved:
            return Checked(reasons=("citation",))
        if written.text.rstrip('"»” ').endswith("?"):
            return Checked(reasons=("asks",))
        if _foreign(written.text, scene.language):
            return Checked(reasons=("language",))
        return None

    def _loses_car(self, text: str, ground: tuple[Chunk, ...]) -> bool:
        """Say whether passages name the cars they hold for and a sentence that rests on them does not repeat them."""
        return any(chunk.vehicles and text not in chunk.text and self._names_car(chunk.text) for chunk in ground)

    def _names_car(self, text: str) -> bool:
        return self._recognition.find(text) is not None


def _may_rest_on(chunk: Chunk, scene: Scene) -> bool:
    return may_show(chunk, scene.audience) and holds_for(chunk.vehicles, scene.vehicle)


def _foreign(text: str, language: str) -> bool:
    return identify(text, previous=language) != language


def _names_another_page(text: str, ground: tuple[Chunk, ...], passages: tuple[Chunk, ...]) -> bool:
    """Say whether a sentence names what another passage is about and its own never mention: two of them mixed up."""
    own = _spaced(" ".join(chunk.passage for chunk in ground))
    said = _spaced(text)
    return any(title in said and title not in own for title in (_spaced(chunk.title) for chunk in passages))


def _spaced(text: str) -> str:
    """Return the folded words of a text, each with a space on both sides, so that whole words are found in it."""
    return f" {' '.join(words(text))} "


def _same_words(one: str, other: str, language: str) -> bool:
    """Say whether two steps hold most of each other's words: what is done to what must be named in both."""
    mine, theirs = set(stems(one, language)), set(stems(other, language))
    return len(mine & theirs) >= _STEP_WORDS * max(len(mine), len(theirs), 1)


def _reasons(judged: list[Judged]) -> tuple[str, ...]:
    if not judged:
        return ("no passage for this reader and car",)
    return max(judged, key=lambda found: found.support).reasons
