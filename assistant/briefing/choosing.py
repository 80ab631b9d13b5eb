"""What the pages may tell of one car in one language: passages that hold for it, and of each the sentences that fit.

Input: names of pages and sections, from the plan. Output: passages and sentences, in that order. It judges nothing by meaning:
what speaks of the cushions and what is another car's is found by words that are data. Next: `composing.py`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from assistant.briefing.naming import NamedCar
from assistant.release import Release
from knowledge.document import Role
from knowledge.sentences import sentences
from knowledge.splitting import Chunk
from knowledge.vehicles import holds_for, years_of

_SHORTEST_NAME = 5  # characters: shorter names are words of their own ("ami")
# Of a whole page, what is said of a wish of the customer's: not how to use a feature, nor what goes wrong with it.
FITTING = (
    Role.WHAT, Role.MODELS, Role.HOW, Role.PROOF, Role.IMAGE, Role.STORY, Role.ORIGIN, Role.COMPARE, Role.DEFINITION,
)  # fmt: skip


class CarPages:
    """The passages of a release that hold for one car in one language."""

    def __init__(self, release: Release, car: NamedCar, language: str) -> None:
        self._release, self._car, self.language = release, car, language
        self._has = car.cushions.has == "with"

    @cached_property
    def _by_page(self) -> dict[str, list[Chunk]]:
        found: dict[str, list[Chunk]] = defaultdict(list)
        for chunk in self._release.index.chunks.values():
            told = chunk.language == self.language and chunk.claims.status != "forecast"
            if told and holds_for(chunk.vehicles, self._car.vehicle):
                found[chunk.document_id].append(chunk)
        return found

    @property
    def page(self) -> str:
        """The name of the car's own page."""
        return f"car-{self._car.vehicle.model.lower().replace(' ', '-')}"

    def passages(self, names: Iterable[str], *, roles: tuple[Role, ...] = ()) -> list[Chunk]:
        """Return the passages of pages and sections in the order of `names`, each once; of a page, the car's own ones first.

        Where the car's energy is not known, what holds for one energy only comes after what holds for all.
        `roles` narrows down whole pages; a section that is named is wanted for what it is. Left out is what speaks of the
        cushions where the car has none, what came after its year, and what a page that tells cars apart says in general.
        """
        plan = self._release.briefing
        later = {page for row in plan.not_yet if row.speaks_of(self._car.vehicle) for page in row.pages}
        found: dict[str, Chunk] = {}
        for name in names:
            page, _, section = name.partition("#")
            held = self._by_page.get(page, [])
            own = any(chunk.vehicles and chunk.role in FITTING for chunk in held)
            told = [one for one in held if one.section_id == section or (not section and (not roles or one.role in roles))]
            for chunk in sorted(told, key=lambda chunk: (not chunk.vehicles, self._by_energy(chunk))):
                in_general = page in plan.named_only and not own and not chunk.vehicles
                barred = not self._has and not {page, f"{page}#{chunk.section_id}"}.isdisjoint(plan.about_cushions.pages)
                if not (in_general or barred or page in later):
                    found.setdefault(chunk.id, chunk)
        return list(found.values())

    def _by_energy(self, chunk: Chunk) -> bool:
        return self._car.vehicle.energy is None and bool(chunk.vehicles) and all(scope.energy for scope in chunk.vehicles)

    def own(self, names: Iterable[str]) -> list[Chunk]:
        """Return the passages of pages and sections as they are, whatever they speak of."""
        wanted = [name.partition("#") for name in names]
        return [one for page, _, section in wanted for one in self._by_page.get(page, []) if section in ("", one.section_id)]

    def told(self, chunk: Chunk, *, of_this_car: bool = True, of_the_cushions: bool = False) -> list[str]:
        """Return the sentences of a passage from its first on, up to one that is not for this car.

        With `of_this_car` that is one about another car; without `of_the_cushions`, one that speaks of cushions that the car
        has not got, unless the passage is the car's own. A comparison stands sentence by sentence, so it is only sifted.
        Steps, and what leads in to them, are left out.
        """
        kept = []
        for sentence in sentences(chunk.text, chunk.language):
            text = sentence.text
            if sentence.step is not None or text.endswith(":") or text.startswith(("-", "*", "|")) or text[:1].isdigit():
                continue
            without = not (of_the_cushions or self._has or chunk.vehicles) and self.speaks_of_cushions(text)
            if without or (of_this_car and self._of_another(text)):
                if chunk.role is Role.COMPARE:
                    continue
                break
            kept.append(text)
        return kept

    def speaks_of_cushions(self, text: str) -> bool:
        """Say whether a text names the cushions."""
        return self._release.briefing.about_cushions.patterns[self.language].search(text) is not None

    def _of_another(self, text: str) -> bool:
        """Say whether a text names cars of the range and this one is not among them."""
        named = list(self._cars.finditer(text))
        return bool(named) and not any(self._is_this(match) for match in named)

    def _is_this(self, match: re.Match[str]) -> bool:
        """Say whether a car as pages write it, "C5 Aircross (2018-2025)", is this one; years that fit no other are this one's."""
        vehicle, years = self._car.vehicle, [int(year) for year in re.findall(r"\d{4}", match["years"] or "")]
        if self._models[match["model"].lower()] != vehicle.model:
            return False
        model = self._release.lexicon.cars.by_name[vehicle.model]
        spans = {known.generation: years_of(known.years) for known in model.generations if not known.market_own}
        mine = spans.get(vehicle.generation or "")
        return not years or mine is None or _names(mine, years) or not any(_names(span, years) for span in spans.values())

    @cached_property
    def _models(self) -> dict[str, str]:
        """Every name that a page may give a car, in lower case, with its model."""
        models = self._release.lexicon.cars.models
        named = {name: model.model for model in models for name in model.names if len(name) >= _SHORTEST_NAME}
        return named | {model.model.lower(): model.model for model in models}

    @cached_property
    def _cars(self) -> re.Pattern[str]:
        names = "|".join(map(re.escape, sorted(self._models, key=len, reverse=True)))
        years = r"(?: \((?P<years>[^)]*\d{4}[^)]*)\))?"
        return re.compile(rf"\b(?P<model>{names})\b(?: [^\s(]+(?= \())?{years}", re.IGNORECASE)


def _names(span: tuple[int, int], years: list[int]) -> bool:
    """Say whether the years in brackets are those of a generation: both ends, or the one end of an open span."""
    return years == [year for year in span if year not in years_of("-")]
