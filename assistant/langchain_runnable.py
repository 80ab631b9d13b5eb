"""The assistant as LangChain knows it: a `Runnable` from a question to the answer object."""

from __future__ import annotations

from typing import Any

from langchain_core.runnables import Runnable, RunnableLambda

from assistant.answer import Question
from assistant.assistant import Assistant


def as_runnable(assistant: Assistant) -> Runnable[str, dict[str, Any]]:
    """Return a runnable over one assistant: takes a question, gives `Answer.as_json()`.

    The audience is the assistant's; a call takes nothing that could change it.
    """

    def answer(question: str) -> dict[str, Any]:
        return assistant.reply(Question(text=question)).as_json()

    return RunnableLambda(answer)
