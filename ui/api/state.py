"""What the routes share: the assistants, the records, the threads, the counters. Built once by `ui.server`."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import HTTPException, Request

from assistant.assistant import Assistant
from assistant.records import Records
from assistant.records.users import User, Users
from assistant.settings import Settings
from knowledge.embedding import Embedder
from ui.api.metrics import Metrics
from ui.api.streaming import Answering

SESSION_COOKIE = "session"


@dataclass(frozen=True, kw_only=True)
class State:
    """The parts of a running server. `sales` is None where only the public surfaces are served."""

    settings: Settings
    customer: Assistant
    sales: Assistant | None
    embedder: Embedder
    records: Records
    users: Users
    answering: Answering
    metrics: Metrics
    problems: tuple[str, ...]

    def staff(self, request: Request) -> User | None:
        """Return who is signed in, or None; nothing but the session's cookie counts."""
        return self.users.session(request.cookies.get(SESSION_COOKIE)) if self.sales else None

    def assistant_for(self, request: Request) -> Assistant:
        """Return the assistant for whoever asks: the customer's unless a member of staff is signed in and asks from the store."""
        if self.sales and request.url.path.startswith("/store") and self.staff(request):
            return self.sales
        return self.customer


def state_of(request: Request) -> State:
    """Return the parts of the server that a request came to."""
    state: State = request.app.state.parts
    return state


def require_staff(request: Request) -> User:
    """Return who is signed in. Raises 401 otherwise."""
    user = state_of(request).staff(request)
    if user is None:
        raise HTTPException(status_code=401, detail="Sign in first.")
    return user
