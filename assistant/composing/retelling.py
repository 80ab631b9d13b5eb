"""Tells a checked extractive answer in a model's words, as far as the model can be believed; the page's words where not.

Input: the blocks of an extractive answer. Output: the same answer in parts, ready to be shown one after the other. Only the
body is retold: what a car needs, limits, warnings and closing phrases stay as they are. Nothing of a failed attempt is seen:
prose is held back until enough of it stands; a step that strays hands the list back to the page from that step on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from assistant.answer import Composer
from assistant.chat_model import ChatModelError
from assistant.composing.draft import Block, Drafted
from assistant.composing.generative import Written, write
from assistant.grounding import Grounding, Scene
from assistant.guarded_chat import GuardedChat
from assistant.prompting import Prompt
from assistant.timing import Timings
from knowledge.document import Role
from knowledge.errors import EmbedderError
from knowledge.splitting import Chunk
from knowledge.vehicles import Vehicle, holds_for

_log = logging.getLogger(__name__)
_MOST_PASSAGES, _MOST_WORDS = 4, 220
_ENOUGH = 2  # supported sentences from which prose is shown while the rest is still being written
_HOPELESS = 4  # unsupported sentences in a row at the start after which no more are waited for
# In these, a sentence left out would be missed; they are short and stay as they are.
_VERBATIM = frozenset({Role.WARNING, Role.LIMITS, Role.NEEDS})


@dataclass(frozen=True, kw_only=True)
class Telling:
    """What a retelling works from: the question, the language by code and by English name, and how the car is called.

    `left` says whether nobody waits for the answer any more.
    """

    question: str
    language_name: str
    car: str
    scene: Scene
    left: Callable[[], bool]


@dataclass(kw_only=True)
class Outcome:
    """What a retelling came to: how many sentences were shown and withheld, and the rules that withheld some."""

    shown: int = 0
    withheld: int = 0
    rules: list[str] = field(default_factory=list)

    @property
    def composer(self) -> Composer:
        """Who wrote the answer."""
        return "generative" if self.shown else "extractive"


class Reteller:
    """Retells the answers of one release with one chat model."""

    def __init__(self, chat: GuardedChat, prompt: Prompt, grounding: Grounding) -> None:
        self._chat = chat
        self._prompt = prompt
        self._grounding = grounding

    def retell(self, blocks: list[Block], telling: Telling, outcome: Outcome, timings: Timings) -> Iterator[list[Block]]:
        """Yield the answer in parts. Whatever the model does, an answer comes within its total deadline."""
        body = [block for block in blocks if block.body]
        if not _retellable(body):
            yield blocks
            return
        first = next(place for place, block in enumerate(blocks) if block.body)
        before = blocks[:first]
        after = [block for block in blocks[first:] if not block.body]
        with closing(self._written(telling, timings)) as sentences:
            if any(drafted.step for drafted in body[0].sentences):
                yield from self._steps(before, body, sentences, telling, outcome)
            else:
                yield from self._prose(before, body, self._checked(sentences, telling, outcome, timings), outcome)
        yield after

    def _written(self, telling: Telling, timings: Timings) -> Generator[Written]:
        """Yield what the model writes until it is done or fails; the time spent waiting counts as `model`."""
        passages = telling.scene.passages
        messages = self._prompt.messages(telling.question, passages, language=telling.language_name, car=telling.car)
        with closing(self._chat.stream(messages, left=telling.left)) as pieces:
            sentences = write(pieces, passages, telling.scene.language)
            while True:
                with timings.of("model"):
                    written = next(sentences, None)
                if written is None:
                    return
                yield written

    def _checked(
        self, sentences: Iterator[Written], telling: Telling, outcome: Outcome, timings: Timings
    ) -> Iterator[Drafted | None]:
        """Yield each sentence as it may be shown, or None for one that is withheld."""
        car_named = False
        for written in sentences:
            with timings.of("verify"):
                checked = self._grounding.check(written, telling.scene, car_named=car_named)
            if checked.drafted is None:
                outcome.withheld += 1
                outcome.rules += checked.rules
                _log.debug("withheld (%s): %s", ", ".join(checked.reasons), written.text)
            car_named = car_named or bool(checked.drafted and checked.drafted.chunk.vehicles)
            yield checked.drafted

    def _prose(
        self, before: list[Block], body: list[Block], sentences: Iterator[Drafted | None], outcome: Outcome
    ) -> Iterator[list[Block]]:
        """Yield the model's sentences once enough of them stand and one rests on the page's own grounds; else the page's."""
        grounds = {drafted.chunk.id for block in body for drafted in block.sentences}
        held: list[Drafted] = []
        withheld = 0
        finished = True
        try:
            for drafted in sentences:
                if drafted is None:
                    withheld += 1
                elif outcome.shown:
                    outcome.shown += 1
                    yield [Block(sentences=(drafted,), continues=True)]
                    continue
                else:
                    held.append(drafted)
                if _stands(held, grounds, at_least=max(_ENOUGH, withheld)) and not outcome.shown:
                    outcome.shown = len(held)
                    yield [*before, Block(sentences=tuple(held))]
                elif withheld >= _HOPELESS and not held:
                    break
        except (ChatModelError, EmbedderError) as error:
            finished = False
            _log.info("%s", error)
        if outcome.shown:
            return
        if finished and _stands(held, grounds, at_least=max(1, withheld)):
            outcome.shown = len(held)
            yield [*before, Block(sentences=tuple(held))]
        else:
            yield [*before, *body]

    def _steps(
        self, before: list[Block], body: list[Block], sentences: Iterator[Written], telling: Telling, outcome: Outcome
    ) -> Iterator[list[Block]]:
        """Yield the page's list, each step in the model's words for as long as they say the same; prose around it is dropped."""
        block = body[0]
        first = next(place for place, drafted in enumerate(block.sentences) if drafted.step)
        yield [*before, replace(block, sentences=block.sentences[:first])]
        told = first
        try:
            for written in sentences:
                if written.step is None:
                    continue
                page = block.sentences[told] if told < len(block.sentences) else None
                if page is None or page.step is None or written.step != page.step:
                    break
                if not self._grounding.same_step(written, page, telling.scene.language):
                    outcome.withheld += 1
                    _log.debug("withheld (not the page's step): %s", written.text)
                    break
                outcome.shown += 1
                told += 1
                step = replace(page, text=written.text, by_model=True)
                yield [Block(sentences=(step,), continues=True)]
        except (ChatModelError, EmbedderError) as error:
            _log.info("%s", error)
        rest = block.sentences[told:]
        yield [*([Block(sentences=rest, continues=True)] if rest else []), *body[1:]]


def passages_for(blocks: list[Block], found: Sequence[Chunk], vehicle: Vehicle | None) -> tuple[Chunk, ...]:
    """Return what the model is given: the grounds of the body first, then what else was found for this car and language.

    A list is retold from its own passage alone. Passages shown word for word around the body are left out, and so is what
    somebody claims, thinks or foresees: who said it, and when, would be the first thing to get lost.
    """
    body = [drafted for block in blocks if block.body for drafted in block.sentences]
    grounds = list(dict.fromkeys(drafted.chunk.id for drafted in body))
    chunks = {drafted.chunk.id: drafted.chunk for drafted in body}
    own = [chunks[name] for name in grounds]
    if any(drafted.step for drafted in body):
        return tuple(own[:1])
    shown = {drafted.chunk.id for block in blocks for drafted in block.sentences}
    more = [
        chunk
        for chunk in found
        if chunk.id not in shown
        and chunk.language == own[0].language
        and chunk.claims.status == "fact"
        and chunk.role not in (*_VERBATIM, Role.STEPS)
        and holds_for(chunk.vehicles, vehicle)
    ]
    kept: list[Chunk] = []
    words = 0
    for chunk in (*own, *more):
        words += len(chunk.text.split())
        if kept and (words > _MOST_WORDS or len(kept) >= _MOST_PASSAGES):
            break
        kept.append(chunk)
    return tuple(kept)


def _retellable(body: list[Block]) -> bool:
    """Say whether a body may be told in other words: facts of the page, in roles where no sentence is indispensable."""
    grounds = [drafted.chunk for block in body for drafted in block.sentences]
    return bool(grounds) and all(chunk.claims.status == "fact" and chunk.role not in _VERBATIM for chunk in grounds)


def _stands(held: list[Drafted], grounds: set[str], *, at_least: int) -> bool:
    return len(held) >= at_least and any(drafted.chunk.id in grounds for drafted in held)
