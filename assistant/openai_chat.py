"""A chat model behind any OpenAI-compatible endpoint (OpenAI, Azure, vLLM, Ollama, llama.cpp). The only module that calls one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError
from pydantic import SecretStr

from assistant.chat_model import ChatModelError, Message

_CONNECT_SECONDS = 3.0
_TOO_MANY, _SERVER_ERROR = 429, 500


class OpenAIChat:
    """See `ChatModel`. `silence` is how many seconds the endpoint may say nothing; other deadlines are the caller's."""

    def __init__(self, *, model: str, api_key: str, base_url: str | None, silence: float, max_tokens: int) -> None:
        self._client = ChatOpenAI(
            model=model,
            api_key=SecretStr(api_key),
            base_url=base_url,
            temperature=0,
            extra_body={"max_tokens": max_tokens},  # the name that every compatible server knows
            timeout=httpx.Timeout(silence, connect=_CONNECT_SECONDS),
            max_retries=0,  # the library would wait up to two minutes for a Retry-After
            store=False,
            stream_usage=False,
        )

    def stream(self, messages: list[Message]) -> Iterator[str]:
        """See `ChatModel`. A stream that ends without a finish reason was cut, and counts as a failure."""
        sent = [SystemMessage(m.text) if m.role == "system" else HumanMessage(m.text) for m in messages]
        finished: str | None = None
        try:
            for chunk in self._client.stream(sent):
                finished = chunk.response_metadata.get("finish_reason") or finished
                if chunk.text:
                    yield chunk.text
        except (APIConnectionError, APITimeoutError) as error:
            raise ChatModelError(type(error).__name__, retriable=True) from error
        except APIStatusError as error:
            retriable = error.status_code == _TOO_MANY or error.status_code >= _SERVER_ERROR
            reason = f"HTTP status {error.status_code}"
            raise ChatModelError(reason, retriable=retriable) from error
        except (OpenAIError, httpx.HTTPError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            # What a malformed stream raises depends on where it is malformed.
            reason = f"its stream is malformed ({type(error).__name__})"
            raise ChatModelError(reason) from error
        if finished is None:
            reason = "its stream was cut before it said that it was done"
            raise ChatModelError(reason)
        if finished not in ("stop", "length"):
            reason = f"it stopped because of {finished}"
            raise ChatModelError(reason)
