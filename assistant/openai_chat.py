"""A chat model behind any OpenAI-compatible endpoint (OpenAI, Azure, vLLM, Ollama, llama.cpp). The only module that calls one.

Input: messages. Output: text, or `ChatModelError` for whatever an endpoint can do wrong. See docs/models.md.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import APIConnectionError, APIStatusError, OpenAIError
from pydantic import SecretStr

from assistant.chat_model import ChatModelError, Message

_TOO_MANY, _SERVER_ERROR = 429, 500
_CONNECTIONS = 16
# These two want `max_completion_tokens`; every other compatible server knows `max_tokens` (Ollama knows only that).
_NEW_NAMES = re.compile(r"(?:^|\.)(?:openai\.com|azure\.com)$")


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a model is, and how it is asked. Times in seconds; `silence` is how long the endpoint may send nothing."""

    model: str
    api_key: str
    base_url: str | None = None
    max_tokens: int = 600
    temperature: float = 0.0
    connect: float = 3.0
    silence: float = 8.0


class OpenAIChat:
    """See `ChatModel`. Deadlines for text are the caller's: an endpoint can be busy without saying anything."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(endpoint.silence, connect=endpoint.connect),
            limits=httpx.Limits(max_connections=_CONNECTIONS),
        )
        host = httpx.URL(endpoint.base_url).host if endpoint.base_url else "api.openai.com"
        budget = "max_completion_tokens" if _NEW_NAMES.search(host) else "max_tokens"
        self._client = ChatOpenAI(
            model=endpoint.model,
            api_key=SecretStr(endpoint.api_key),
            base_url=endpoint.base_url,
            temperature=endpoint.temperature,
            extra_body={budget: endpoint.max_tokens},
            http_async_client=self._http,
            timeout=httpx.Timeout(endpoint.silence, connect=endpoint.connect),
            max_retries=0,  # the library would wait up to two minutes for a Retry-After
            use_responses_api=False,
            store=False,
            stream_usage=False,
        )

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[str, None]:
        """See `ChatModel`. A stream that ends without a finish reason was cut, and counts as a failure."""
        sent = [SystemMessage(m.text) if m.role == "system" else HumanMessage(m.text) for m in messages]
        finished: str | None = None
        try:
            async for chunk in self._client.astream(sent):
                finished = chunk.response_metadata.get("finish_reason") or finished
                if chunk.text:
                    yield str(chunk.text)
        except APIStatusError as error:
            raise _refused(error) from error
        except (APIConnectionError, httpx.HTTPError) as error:
            raise ChatModelError(type(error).__name__, retriable=True) from error
        except (OpenAIError, ValueError, TypeError, LookupError, AttributeError, AssertionError) as error:
            # What a malformed stream raises depends on where it is malformed.
            reason = f"its stream is malformed ({type(error).__name__})"
            raise ChatModelError(reason) from error
        if finished is None:
            reason = "its stream was cut before it said that it was done"
            raise ChatModelError(reason)
        if finished not in ("stop", "length"):
            reason = f"it stopped because of {finished[:40]!r}"
            raise ChatModelError(reason)

    async def close(self) -> None:
        """See `ChatModel`."""
        await self._http.aclose()


def _refused(error: APIStatusError) -> ChatModelError:
    """Return what an HTTP status means. What the endpoint wrote goes nowhere: it may repeat the key, or the question."""
    status = error.status_code
    retriable = status == _TOO_MANY or status >= _SERVER_ERROR
    return ChatModelError(f"HTTP status {status}", retriable=retriable, retry_after=_seconds(error.response.headers))


def _seconds(headers: Any) -> float | None:
    """Return how long the endpoint asks to wait; a date instead of seconds is further off than an answer can wait."""
    said = headers.get("retry-after", "")
    return float(said) if re.fullmatch(r"\d{1,6}(?:\.\d+)?", said) else None
