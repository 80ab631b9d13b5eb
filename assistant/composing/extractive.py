"""Composes without a model: the right sentences of the right sections, verbatim, joined by localized phrases.

Input: the verdict with its main passage, and what else was found. Output: blocks for `grounding.py` to verify.
"""

from __future__ import annotations

from dataclasses import replace

from assistant.catalogue import Phrases
from assistant.composing.draft import Block, Drafted
from assistant.decision import DIFFERS_BY_CAR, Verdict, numbers_in
from assistant.figures import figures_in
from assistant.release import Release
from assistant.understanding import Understood
from knowledge.document import Role
from knowledge.retrieval import RetrievedChunk, is_for_others
from knowledge.sentences import Sentence, sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, holds_for
from knowledge.words import stems

_LEAD_SENTENCES = 5
_SIDE_SENTENCES = 3
# How much worse than the first a passage of the page may be to be told as well, and how many; the second pair for a message that
# asks two things. Of the development questions with facts, this answers 86 % with all of them in 100 words on average; the first
# pair for all, 84 % in 91 words; two from 0.3 for all, 85 % in 100.
_NEARLY, _FURTHER = 0.2, 2
_NEARLY_OF_TWO, _FURTHER_OF_TWO = 0.5, 3
_FURTHER_SENTENCES = 5
_TOLD = frozenset(
    {Role.WHAT, Role.STORY, Role.ORIGIN, Role.HOW, Role.IMAGE, Role.PROOF, Role.NOT, Role.MODELS, Role.QUESTION, Role.DEFINITION}
)


def compose(understood: Understood, verdict: Verdict, found: list[RetrievedChunk], release: Release) -> list[Block]:
    """Return the blocks of an answer from `verdict.main`; empty when there is no main passage."""
    main = verdict.main
    if main is None:
        return []
    phrases = release.catalogue.phrases[main.language]
    told = _of_this_car(_body(main, understood, verdict, found, phrases, release), main, verdict.vehicle, release)
    return [
        *_only_for(main, verdict.vehicle, phrases, release),
        *_no_steps(main, verdict.vehicle, understood, phrases, release),
        *told,
    ]


def _of_this_car(blocks: list[Block], main: Chunk, vehicle: Vehicle | None, release: Release) -> list[Block]:
    """Return a tutorial's blocks without figures of other cars: a part for several cars tells them apart."""
    if main.kind != "tutorial" or vehicle is None or vehicle.generation is None:
        return blocks
    kept = [
        replace(block, sentences=tuple(one for one in block.sentences if not _names_others(one, vehicle, release)))
        for block in blocks
    ]
    return [block for block, whole in zip(kept, blocks, strict=True) if block.sentences or not whole.sentences]


def _names_others(drafted: Drafted, vehicle: Vehicle, release: Release) -> bool:
    """Say whether a sentence, unless it is a step, has numbers and names cars, and the one in question is none of them.

    One without numbers stays: it may be what not to do ("do not mix the two methods: the other car has its own").
    """
    cars = () if drafted.step or not numbers_in(drafted.text) else release.car_names.find(drafted.text)
    return bool(cars) and all(
        car.model != vehicle.model or (car.generation is not None and car.generation != vehicle.generation) for car in cars
    )


def _only_for(main: Chunk, vehicle: Vehicle | None, phrases: Phrases, release: Release) -> list[Block]:
    """Return the notice that an answer is for some of its page's cars only, where no car was named: theirs may be another."""
    if vehicle is not None or main.kind != "tutorial" or main.role not in DIFFERS_BY_CAR or not main.vehicles:
        return []
    page = {scope for chunk in release.index.chunks.values() if chunk.document_id == main.document_id for scope in chunk.vehicles}
    if page <= set(main.vehicles):
        return []
    cars = (Vehicle(model=scope.model, generation=scope.generation, energy=scope.energy) for scope in main.vehicles)
    named = ", ".join(dict.fromkeys(phrases.car(car, release.lexicon.cars) for car in cars))
    return [Block(phrase=phrases.only_for.format(cars=named))]


def _no_steps(main: Chunk, vehicle: Vehicle | None, understood: Understood, phrases: Phrases, release: Release) -> list[Block]:
    """Return the notice that the page switches on or off what is asked for on other cars only, before what it does tell.

    None before limits and warnings: they answer whether to switch something off, and not how.
    """
    if vehicle is None or main.role in (Role.LIMITS, Role.WARNING):
        return []
    tasks = {
        task for (role, task), weight in understood.roles.items() if role is Role.STEPS and task in ("on", "off") and weight >= 1
    }
    steps = [
        chunk
        for chunk in release.index.chunks.values()
        if chunk.document_id == main.document_id and chunk.role is Role.STEPS and chunk.task in tasks
    ]
    if not steps or any(holds_for(chunk.vehicles, vehicle) for chunk in steps):
        return []
    return [Block(phrase=phrases.no_steps.format(car=phrases.car(vehicle, release.lexicon.cars)))]


def _body(
    main: Chunk, understood: Understood, verdict: Verdict, found: list[RetrievedChunk], phrases: Phrases, release: Release
) -> list[Block]:
    """Return what the page tells, from the main passage on."""
    siblings = [chunk for chunk in _siblings(main, verdict.vehicle, release) if not is_for_others(chunk, understood.text)]
    if main.role is Role.STEPS:
        return _tutorial(main, found, siblings, understood, verdict, phrases, release)
    blocks = [Block(sentences=_chosen(main, understood.text, _LEAD_SENTENCES), body=True)]
    blocks += _further(main, found, siblings, understood, release)
    if main.role not in _TOLD:
        blocks += _warnings(main, siblings, understood, phrases)
    if main.role is Role.TROUBLE:
        blocks.append(Block(phrase=phrases.closing_trouble))
    elif main.kind == "tutorial":
        blocks.append(Block(phrase=phrases.closing_handbook))
    return blocks


def _tutorial(
    main: Chunk,
    found: list[RetrievedChunk],
    siblings: list[Chunk],
    understood: Understood,
    verdict: Verdict,
    phrases: Phrases,
    release: Release,
) -> list[Block]:
    """Return steps as steps, with what they need before them and their limits and warnings after them."""
    blocks = []
    needs = next((chunk for chunk in siblings if chunk.role is Role.NEEDS), None)
    if needs and main.task in ("on", "use"):
        blocks.append(Block(phrase=phrases.needs, sentences=_chosen(needs, understood.text, _SIDE_SENTENCES)))
    steps = _whole(main)
    lead = "" if steps[0].step is None else _lead(main, verdict.vehicle, phrases, release)
    blocks.append(Block(phrase=lead, sentences=steps, body=True))
    blocks += _further(main, found, siblings, understood, release)
    told = {drafted.chunk.id for block in blocks for drafted in block.sentences}
    limits = next((chunk for chunk in siblings if chunk.role is Role.LIMITS and chunk.id not in told), None)
    if limits:
        blocks.append(Block(phrase=phrases.limits, sentences=_chosen(limits, understood.text, _SIDE_SENTENCES)))
    blocks += _warnings(main, siblings, understood, phrases)
    return [*blocks, Block(phrase=phrases.closing_handbook)]


def _warnings(main: Chunk, siblings: list[Chunk], understood: Understood, phrases: Phrases) -> list[Block]:
    warnings = [chunk for chunk in siblings if chunk.role is Role.WARNING and chunk.id != main.id]
    said = tuple(drafted for chunk in warnings[:2] for drafted in _chosen(chunk, understood.text, _SIDE_SENTENCES))
    return [Block(phrase=phrases.warning, sentences=said)] if said else []


def _siblings(main: Chunk, vehicle: Vehicle | None, release: Release) -> list[Chunk]:
    """Return the other passages of the page that hold for the car, or for every car of the main passage."""
    return [
        chunk
        for chunk in release.index.chunks.values()
        if chunk.document_id == main.document_id
        and chunk.language == main.language
        and chunk.id != main.id
        and _holds_with(chunk, main, vehicle)
    ]


def _holds_with(chunk: Chunk, main: Chunk, vehicle: Vehicle | None) -> bool:
    """Say whether a passage may stand beside the main one: it holds for the car, or for every car of the main passage."""
    if vehicle and vehicle.generation:
        return holds_for(chunk.vehicles, vehicle)
    return not chunk.vehicles or (bool(main.vehicles) and set(main.vehicles) <= set(chunk.vehicles))


def _further(
    main: Chunk, found: list[RetrievedChunk], siblings: list[Chunk], understood: Understood, release: Release
) -> list[Block]:
    """Return the parts of the page that answer nearly as well as the main one, if there are any; steps stay with their own.

    Of a message that asks two things, one may be a figure by its name: the part that tells it comes first.
    """
    nearly, most = (_NEARLY_OF_TWO, _FURTHER_OF_TWO) if understood.asks_twice else (_NEARLY, _FURTHER)
    own = {chunk.id for chunk in siblings}
    figures = figures_in(understood, release).asked if understood.asks_twice else frozenset()
    tell = (item.chunk.id for item in found if item.chunk.id in own and release.lexicon.tells(figures, item.chunk.passage))
    telling = None if release.lexicon.tells(figures, main.passage) else next(tell, None)
    blocks = []
    for item in sorted(found[1:], key=lambda item: item.chunk.id != telling):
        # What is told of any car may give another one's figures.
        of_any_car = bool(main.vehicles) and not item.chunk.vehicles and any(map(str.isdigit, item.chunk.text))
        if item.chunk.id not in own or item.chunk.role in (Role.STEPS, Role.WARNING) or of_any_car:
            continue
        if item.chunk.id == telling or item.score >= found[0].score - nearly:
            blocks.append(Block(sentences=_chosen(item.chunk, understood.text, _FURTHER_SENTENCES), body=True))
    return blocks[:most]


def _lead(main: Chunk, vehicle: Vehicle | None, phrases: Phrases, release: Release) -> str:
    """Return the phrase that opens steps without a sentence of their own before them; it names the car, if it is one."""
    if vehicle is None and len(main.vehicles) == 1:
        scope = main.vehicles[0]
        vehicle = Vehicle(model=scope.model, generation=scope.generation, energy=scope.energy)
    car = phrases.on_car.format(car=phrases.car(vehicle, release.lexicon.cars)) if vehicle else ""
    return phrases.steps[main.task or "use"].format(car=car)


def _whole(chunk: Chunk) -> tuple[Drafted, ...]:
    return tuple(_drafted(sentence, chunk) for sentence in sentences(chunk.text, chunk.language))


def _chosen(chunk: Chunk, question: str, limit: int) -> tuple[Drafted, ...]:
    """Return up to `limit` sentences in reading order: the first, which answers the heading, and the nearest in words."""
    all_sentences = sentences(chunk.text, chunk.language)
    if len(all_sentences) <= limit:
        return _whole(chunk)
    asked = set(stems(question, chunk.language))
    order = sorted(
        range(1, len(all_sentences)),
        key=lambda place: (-len(asked & set(stems(all_sentences[place].text, chunk.language))), place),
    )
    kept = sorted([0, *order[: limit - 1]])
    return tuple(_drafted(all_sentences[place], chunk) for place in kept)


def _drafted(sentence: Sentence, chunk: Chunk) -> Drafted:
    return Drafted(text=sentence.text, chunk=chunk, step=sentence.step)
