"""Which car a seller means by "C3 2019", "c5 aircros" or "C4 PureTech 100", and what to say where there is no briefing.

Input: what was typed. Output: a `NamedCar`, or a `BriefingError` in the seller's language. Next: `composing.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rapidfuzz import process

from assistant.briefing.model import BriefingError
from assistant.briefing.plan import CarCushions, whole_words
from assistant.release import Release
from knowledge.vehicles import Generation, Vehicle
from knowledge.words import words

_LONGEST = 200  # characters that are read; a car has far fewer
_SHOWN = 60  # of them, in a message


@dataclass(frozen=True, kw_only=True)
class NamedCar:
    """A car of the range with what the pages say of its cushions.

    `chosen` says why it is this generation where the words do not: the newest without a year, the newer of two sold in the
    `year` named, the closest where none was. `no_energy`: the pages know no such car with the energy named.
    """

    vehicle: Vehicle
    horsepower: int | None
    cushions: CarCushions
    chosen: Literal["named", "newest", "shared", "closest"]
    year: int | None
    no_energy: bool


def find_car(named: str, release: Release, language: str) -> NamedCar:
    """Return the car that the words name. Raises `BriefingError` saying what there is instead, in `language`."""
    plan, plain = release.briefing, " ".join(words(named[:_LONGEST]))
    elsewhere = whole_words(plan.elsewhere.decisive).search(plain)
    # "Ami" alone is a friend in French, so the lexicon wants a word before it; here nothing but a car is named.
    found = release.recognition.find(named[:_LONGEST]) or release.recognition.find(f"Citroën {plain}")
    if found is None or elsewhere:
        raise BriefingError(_instead(named, plain, release, language))
    power = re.search(plan.horsepower, plain)
    horsepower = int(next(group for group in power.groups() if group)) if power else None
    generation, chosen = _generation(found, release)
    vehicle = replace(found, generation=generation.generation, year=None if chosen == "closest" else found.year)
    return NamedCar(
        vehicle=vehicle, horsepower=horsepower, cushions=plan.cushions_of(vehicle, horsepower), chosen=chosen, year=found.year,
        no_energy=bool(found.energy and generation.energies) and found.energy not in generation.energies,
    )  # fmt: skip


def car_name(car: NamedCar, release: Release, language: str) -> str:
    """Return the car as it was understood: "C4 (from 2020), 2020, petrol, 100 hp"."""
    phrases = release.briefing.phrases[language]
    name = release.catalogue.phrases[language].car(car.vehicle, release.lexicon.cars)
    energy = car.vehicle.energy
    known = [name, str(car.vehicle.year) if car.vehicle.year else ""]
    known.append(phrases[energy] if energy and energy != "electric" else "")  # an electric car's name says it
    known.append(phrases["horsepower"].format(power=car.horsepower) if car.horsepower else "")
    return ", ".join(one for one in known if one)


def _generation(found: Vehicle, release: Release) -> tuple[Generation, Literal["named", "newest", "shared", "closest"]]:
    model = release.lexicon.cars.by_name[found.model]
    if found.generation:
        return next(known for known in model.generations if known.generation == found.generation), "named"
    everywhere = [known for known in model.generations if not known.market_own] or list(model.generations)
    if found.year is None:
        return everywhere[-1], "newest"
    sold = release.lexicon.cars.generations_in(found.model, found.year)
    if sold:
        return sold[-1], "shared"
    year = found.year
    return min(reversed(everywhere), key=lambda one: max(one.span[0] - year, year - one.span[1], 0)), "closest"


def _instead(named: str, plain: str, release: Release, language: str) -> str:
    elsewhere = release.briefing.elsewhere
    models = [model.model for model in release.lexicon.cars.models]
    shown = "".join(character for character in named[:_SHOWN] if character.isprintable()).strip()
    kinds = (("past-car", elsewhere.decisive), ("other-make", elsewhere.makes), ("past-car", elsewhere.past))
    kind = next((kind for kind, cues in kinds if whole_words(cues).search(plain)), "unknown-car")
    near = ", ".join(name for name, _, _ in process.extract(shown, models, limit=3))
    phrase = release.briefing.phrases[language][kind if plain else "no-car"]
    return phrase.format(named=shown, near=near, range=", ".join(models))
