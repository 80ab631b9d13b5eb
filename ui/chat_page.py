"""The customer page: a conversation that streams, shows its sources, and follows the browser's language.

Gradio draws it; what is said comes from the assistant it is handed. The history shown in the browser is never read back:
only the conversation id, kept on the server, links one question to the next.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from assistant.answer import Answer, Delta, Done, Question
from assistant.assistant import Assistant
from knowledge.errors import BrandAssistantError
from ui.texts import TEXTS, Texts, language_of

_log = logging.getLogger(__name__)
_MARKER = re.compile(r"\[(\d+)\]")
_LINK_PARTS = re.compile(r"[:/.@](?=\S)")  # a word joiner behind these keeps an address from becoming a link
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")
STYLE = Path(__file__).parent / "static" / "chat.css"

Messages = list[dict[str, Any]]


@dataclass
class _Session:
    """What the server keeps of one open page; `question` is the one being answered."""

    language: str = "fr"
    conversation_id: str | None = None
    question: str = ""


def chat_page(assistant: Assistant) -> gr.Blocks:
    """Return the page over `assistant`."""
    french = TEXTS["fr"]
    page: gr.Blocks
    with gr.Blocks(title=french.title, analytics_enabled=False, fill_height=True, delete_cache=(3600, 3600)) as page:
        session = gr.State(_Session())
        title = gr.Markdown(f"# {french.title}", elem_id="title")
        disclosure = gr.Markdown(french.disclosure, elem_id="disclosure")
        chat = gr.Chatbot(
            show_label=False, elem_id="conversation", layout="bubble", buttons=[], feedback_options=None, height=None,
            min_height=360, examples=_examples(french), allow_tags=False, sanitize_html=True, scale=1, resizable=False,
        )  # fmt: skip
        with gr.Row(elem_id="ask"):
            box = gr.Textbox(
                placeholder=french.placeholder, show_label=False, label=french.placeholder, max_lines=4, scale=8, autofocus=True,
                container=False, elem_id="question",
            )  # fmt: skip
            send = gr.Button(french.send, variant="primary", scale=1, min_width=96)
        new = gr.Button(french.new, variant="secondary", size="sm", elem_id="new")

        page.load(_greet, None, [session, title, disclosure, chat, box, send, new], api_visibility="private")
        for trigger in (box.submit, send.click):
            trigger(_asked, [box, chat, session], [box, chat, session], api_visibility="private", show_progress="hidden").then(
                _answerer(assistant), [chat, session], [chat, session], api_visibility="private", show_progress="hidden"
            )
        for pick in (chat.option_select, chat.example_select):
            pick(_picked, [chat, session], [chat, session], api_visibility="private", show_progress="hidden").then(
                _answerer(assistant), [chat, session], [chat, session], api_visibility="private", show_progress="hidden"
            )
        new.click(_afresh, [session], [chat, session, box], api_visibility="private", show_progress="hidden")
    return page


def _examples(texts: Texts) -> list[ExampleMessage]:
    return [ExampleMessage(text=example) for example in texts.examples]


def _greet(request: gr.Request) -> tuple[Any, ...]:
    language = language_of(request.headers.get("accept-language"))
    texts = TEXTS[language]
    return (
        _Session(language=language),
        f"# {texts.title}",
        texts.disclosure,
        gr.Chatbot(examples=_examples(texts)),
        gr.Textbox(placeholder=texts.placeholder, label=texts.placeholder),
        texts.send,
        texts.new,
    )


def _afresh(session: _Session) -> tuple[Messages, _Session, str]:
    return [], _Session(language=session.language), ""


def _asked(text: str, shown: Messages, session: _Session) -> tuple[str, Messages, _Session]:
    return "", _with_question(shown, text), replace(session, question=text)


def _picked(shown: Messages, session: _Session, picked: gr.SelectData) -> tuple[Messages, _Session]:
    text = picked.value["text"] if isinstance(picked.value, dict) else str(picked.value)
    return _with_question(shown, text), replace(session, question=text)


def _answerer(assistant: Assistant) -> Any:
    def answer(shown: Messages, session: _Session) -> Iterator[tuple[Messages, _Session]]:
        question = session.question
        texts = TEXTS[session.language]
        asked = Question(
            text=question, conversation_id=session.conversation_id, language=None if question.strip() else session.language
        )
        said = ""
        try:
            for event in assistant.stream(asked):
                if isinstance(event, Delta):
                    said += event.text
                    yield [*shown, _message("assistant", said)], session
                elif isinstance(event, Done):
                    session = replace(session, conversation_id=event.answer.conversation_id)
                    yield [*shown, _final(event.answer, texts)], session
        except BrandAssistantError:
            _log.exception("A question could not be answered")
            yield [*shown, _message("assistant", texts.busy)], session

    return answer


def _final(answer: Answer, texts: Texts) -> dict[str, Any]:
    """Return the message of a finished answer: markers and sources as links, choices and suggestions as buttons."""
    pages = {str(citation.n): f"/passages/{citation.chunk.id}#passage" for citation in answer.citations}
    body = _MARKER.sub(lambda match: f"[\\[{match[1]}\\]]({pages[match[1]]})" if match[1] in pages else match[0], answer.text)
    if answer.citations:
        lines = [
            f"{citation.n}. [{citation.chunk.title} — {citation.chunk.section}]({pages[str(citation.n)]})"
            f" ({citation.chunk.claims.as_of})"
            for citation in answer.citations
        ]
        body += f"\n\n**{texts.sources}**\n\n" + "\n".join(lines)
    options = [*answer.choices, *([] if answer.choices else answer.suggestions)]
    return _message("assistant", body, options)


def _message(role: str, content: str, options: list[str] | None = None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": role, "content": content}
    if options:
        message["options"] = [{"value": option, "label": option} for option in options]
    return message


def _with_question(shown: Messages, text: str) -> Messages:
    """Add what a person typed, shown letter for letter: no Markdown, and no address that becomes a link.

    The buttons of earlier answers go: what they offered has been passed over.
    """
    plain = [{key: value for key, value in message.items() if key != "options"} for message in shown]
    return [*plain, _message("user", _MARKDOWN.sub(r"\\\1", _LINK_PARTS.sub("\\g<0>\u2060", text)))]
