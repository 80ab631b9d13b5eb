"""Answer, ask back, or say that the knowledge is silent.

Input: the understood question and what retrieval found. Output: a `Verdict` with the passage to answer from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.answer import Decision
from assistant.calibration import features
from assistant.figures import NAMED, figures_in
from assistant.release import Release
from assistant.understanding import Understood
from knowledge.document import Audience, Role
from knowledge.retrieval import RetrievedChunk
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, VehicleScope, holds_for
from knowledge.words import stems

# Roles in which another car's text would be wrong, not just less fitting.
DIFFERS_BY_CAR = frozenset({Role.STEPS, Role.LIMITS, Role.DISPLAY, Role.NEEDS, Role.TROUBLE})
_MAY_BE_MEANT = 0.1  # how much worse than the first a passage about a car may be and still be what is meant
_ON_CARS = frozenset({"tutorial", "model", "comfort"})  # kinds of pages that tell of cars one by one
_MAY_BE_OTHER_CAR = 0.4  # the same for a passage about another car than the first one's
_MENTIONED = 0.5  # weight from which a feature may be what the question is about
_SAME_QUESTION = 0.95  # nearness of a question to one that a page is known to answer, when it is that in other words
_MOST_CHOICES = 8
_SAME_WORDS = 0.5  # share of stems two passages have in common when they tell the same
_CAR_OR_YEAR = re.compile(r"\b(?:ë-)?C\d\b|\b(?:19|20)\d\d\b|^\d+\.", re.MULTILINE)
_FIGURE = re.compile(r"\d+(?:[.,]\d+)?")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A decision with its grounds. `main` is the passage to answer from; `documented` the cars that do have a page.

    `evidence` is what the confidence rests on, empty where nothing was weighed.
    """

    decision: Decision
    confidence: float
    main: Chunk | None = None
    vehicle: Vehicle | None = None
    choices: tuple[Vehicle, ...] = ()
    documented: tuple[Vehicle, ...] = ()
    evidence: dict[str, float] = field(default_factory=dict)


def decide(
    understood: Understood, found: list[RetrievedChunk], labels: dict[str, float], release: Release, audience: Audience
) -> Verdict:
    """Return what to do with a question. `labels` are the classifier's probabilities for it."""
    evidence = features(found, labels) if found else {}
    confidence = release.calibration.probability(evidence)
    vehicle = understood.vehicle
    figures = figures_in(understood, release)
    if vehicle is None and (choices := _offered(figures.scopes, understood, release)):
        return Verdict(decision=Decision.CLARIFY, confidence=confidence, choices=choices, evidence=evidence)
    own = None if understood.asks_twice else figures.of_car(understood, found)
    if own:
        return Verdict(
            decision=Decision.ANSWER, confidence=confidence, main=own, vehicle=_settled(vehicle, own), evidence=evidence
        )
    documented = _documented_elsewhere(understood, found, release)
    if documented:
        return Verdict(decision=Decision.DECLINE, confidence=confidence, vehicle=vehicle, documented=documented)
    least = release.calibration.answer_from if audience == "customer" else release.calibration.seller_from
    if confidence < least or not figures.are_told(found, release):
        return Verdict(decision=Decision.DECLINE, confidence=confidence, vehicle=vehicle, evidence=evidence)
    main = found[0].chunk
    for asked in dict.fromkeys([main.id, *_asked_for(found)]):
        choices = _cars_to_choose_from(release.index.chunks[asked], found, understood, release)
        if not choices:
            continue
        return Verdict(
            decision=Decision.CLARIFY,
            confidence=confidence,
            main=release.index.chunks[asked],
            vehicle=vehicle,
            choices=choices,
            evidence=evidence,
        )
    return Verdict(decision=Decision.ANSWER, confidence=confidence, main=main, vehicle=_settled(vehicle, main), evidence=evidence)


def _asked_for(found: list[RetrievedChunk]) -> list[str]:
    """Return the passages of the page that may be meant beside the first.

    These are the one that does what is to be done (steps, where steps are asked for), the one that is known to answer questions
    like this one, and where the first is about no car, the nearest one that is.
    """
    own = [item for item in found if item.chunk.document_id == found[0].chunk.document_id]
    doing = [item.chunk.id for item in own if item.evidence.role > 0][:1]
    known = max(own, key=lambda item: item.evidence.asked_here).chunk.id
    general = not found[0].chunk.vehicles and found[0].evidence.role == 0
    near = [item.chunk.id for item in own if item.chunk.vehicles and item.score >= found[0].score - _MAY_BE_MEANT]
    return [*doing, known, *(near[:1] if general else [])]


def _documented_elsewhere(understood: Understood, found: list[RetrievedChunk], release: Release) -> tuple[Vehicle, ...]:
    """Return the other cars a named feature is documented for, when it is not documented for the car in question.

    None where a page that does hold for the car is known to answer this question, or one like it and names the feature too.
    """
    named = {feature for feature, weight in understood.features.items() if weight >= NAMED}
    if understood.vehicle is None or not named:
        return ()
    asked = found[0].evidence.asked if found else 0.0
    if asked >= _SAME_QUESTION or (asked >= release.calibration.asked_from and _names_one_of(found[0].chunk, named, release)):
        return ()
    mentioned = {feature for feature, weight in understood.features.items() if weight >= _MENTIONED}
    told = [chunk for chunk in release.index.chunks.values() if not mentioned.isdisjoint(chunk.features)]
    if any(chunk.vehicles and holds_for(chunk.vehicles, understood.vehicle) for chunk in told):
        return ()
    pages = [chunk for chunk in told if not named.isdisjoint(chunk.features)]
    if any(not chunk.vehicles and chunk.role is not Role.WHAT for chunk in pages):
        return ()
    return _vehicles({scope for chunk in pages for scope in chunk.vehicles}, release)


def _names_one_of(chunk: Chunk, features: set[str], release: Release) -> bool:
    return any(release.lexicon.is_named(feature, chunk.passage, chunk.language) for feature in features)


def _cars_to_choose_from(
    main: Chunk, found: list[RetrievedChunk], understood: Understood, release: Release
) -> tuple[Vehicle, ...]:
    """Return the cars to offer when the page tells the same thing differently for different cars, and none is settled."""
    asks_which = understood.roles.get((Role.MODELS, None), 0.0) >= 1.0
    if asks_which or not main.vehicles:
        return ()
    of_others = _of_other_cars(main, found, understood, release)
    if of_others:
        return of_others
    # Sections of a tutorial with the same role are about the same thing; those of other pages need not be. What something is,
    # a section tells of several cars at once, or of one whose thing is another.
    of_one_model = len({scope.model for scope in main.vehicles}) == 1
    differs = main.role in (*DIFFERS_BY_CAR, Role.MODELS) or (main.role is Role.WHAT and of_one_model)
    if main.kind != "tutorial" or not differs:
        return ()
    same = [
        chunk
        for chunk in release.index.chunks.values()
        if _tells_of(main, chunk) and holds_for(chunk.vehicles, understood.vehicle)
    ]
    others = [chunk for chunk in same if not set(chunk.vehicles) & set(main.vehicles) and chunk.id in _near(main, found)]
    if all(_tells_the_same(main, chunk) for chunk in others):
        return ()
    return _offered({scope for chunk in same for scope in chunk.vehicles}, understood, release)


def _offered(scopes: set[VehicleScope], understood: Understood, release: Release) -> tuple[Vehicle, ...]:
    """Return the cars of these scopes that the market sells and the question does not rule out; none where that leaves one."""
    market = release.markets.market(understood.market)
    cars = _vehicles({scope for scope in scopes if holds_for((scope,), understood.vehicle)}, release)
    choices = tuple(car for car in cars if market.sells(car))[:_MOST_CHOICES]
    return choices if len(choices) > 1 else ()


def _of_other_cars(main: Chunk, found: list[RetrievedChunk], understood: Understood, release: Release) -> tuple[Vehicle, ...]:
    """Return the cars that passages nearly as near as the main one are about, where the question leaves open which is meant.

    That is so when it names a model of which the passage tells one generation only, or no car at all and the passage is from a
    page on one car.
    """
    vehicle = understood.vehicle
    if vehicle is None:
        others = [item for item in found if item.chunk.kind == "model" == main.kind]
    elif vehicle.generation is None and vehicle.year is None and main.kind in _ON_CARS:
        others = [item for item in found if item.chunk.document_id == main.document_id or item.chunk.kind == "model"]
    else:
        return ()
    own, near = set(main.vehicles), _near(main, found)
    apart = [item.chunk for item in others if item.chunk.id in near and not own & set(item.chunk.vehicles)]
    scopes = {scope for chunk in apart for scope in chunk.vehicles if holds_for((scope,), vehicle)}
    return _offered(own | scopes, understood, release) if scopes else ()


def _near(main: Chunk, found: list[RetrievedChunk]) -> set[str]:
    """Return the passages that answer the question nearly as well as the main one."""
    least = max(item.score for item in found if item.chunk.id == main.id) - _MAY_BE_OTHER_CAR
    return {item.chunk.id for item in found if item.score >= least}


def _tells_of(main: Chunk, chunk: Chunk) -> bool:
    return chunk.document_id == main.document_id and (chunk.role, chunk.task, chunk.language) == (
        main.role,
        main.task,
        main.language,
    )


def numbers_in(text: str) -> list[str]:
    """Return the numbers in a text that are no car, year or step."""
    return _FIGURE.findall(_CAR_OR_YEAR.sub(" ", text))


def _tells_the_same(one: Chunk, other: Chunk) -> bool:
    """Say whether two passages give the same figures in mostly the same words, the names and years of cars left out."""
    if sorted(numbers_in(one.text)) != sorted(numbers_in(other.text)):
        return False
    words = [frozenset(stems(_CAR_OR_YEAR.sub(" ", chunk.text), one.language)) for chunk in (one, other)]
    return len(words[0] & words[1]) >= _SAME_WORDS * len(words[0] | words[1])


def _vehicles(scopes: set[VehicleScope], release: Release) -> tuple[Vehicle, ...]:
    """Return the cars of these scopes in the order of the range, energies left out."""
    named = {(scope.model, scope.generation) for scope in scopes if not scope.named_only}
    return tuple(
        Vehicle(model=model.model, generation=generation.generation)
        for model in release.lexicon.cars.models
        for generation in model.generations
        if (model.model, generation.generation) in named
    )


def _settled(vehicle: Vehicle | None, main: Chunk) -> Vehicle | None:
    """Return the car the answer is about: the one in question, with the generation that its passage settles."""
    if vehicle is None or vehicle.generation is not None:
        return vehicle
    generations = {scope.generation for scope in main.vehicles if scope.model == vehicle.model}
    if len(generations) == 1:
        return Vehicle(model=vehicle.model, generation=generations.pop(), year=vehicle.year, energy=vehicle.energy)
    return vehicle
