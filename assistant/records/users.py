"""Who may sign in: users with a role, argon2 hashes, sessions that end, and a lock after ten wrong passwords."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from assistant.records.database import aware
from assistant.records.tables import sessions, users
from knowledge.errors import ConfigurationError

UserRole = Literal["seller", "marketing"]
_FAILURES = 10
_LOCKED = timedelta(minutes=15)
_SESSION = timedelta(hours=10)
_SHORTEST = 12
_ONE_TIME = "one-time link"


@dataclass(frozen=True, kw_only=True)
class User:
    """A person or a session of theirs."""

    name: str
    role: str
    disabled: bool = False


class Users:
    """The users and sessions of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._hasher = PasswordHasher()
        # Checked when there is no such user, so that an answer takes as long as for one there is.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def add(self, name: str, role: UserRole, password: str) -> None:
        """Make a user, or give an existing one this role and password; their sessions end. Raises `ConfigurationError`."""
        if len(password) < _SHORTEST:
            message = f"The password is too short: {_SHORTEST} characters at least."
            raise ConfigurationError(message)
        values = {"role": role, "password": self._hasher.hash(password), "disabled": False, "failures": 0, "locked_until": None}
        with self._engine.begin() as connection:
            if connection.execute(update(users).where(users.c.name == name).values(values)).rowcount == 0:
                try:
                    connection.execute(insert(users).values(name=name, **values))
                except IntegrityError as error:
                    message = f"The user {name!r} is being made by somebody else. Try again."
                    raise ConfigurationError(message) from error
            connection.execute(delete(sessions).where(sessions.c.user == name))

    def all(self) -> list[User]:
        """Return every user by name."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(users).order_by(users.c.name))
            return [User(name=row.name, role=row.role, disabled=row.disabled) for row in rows]

    def disable(self, name: str) -> bool:
        """Shut a user out at once; say whether there is one by that name."""
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.user == name))
            return connection.execute(update(users).where(users.c.name == name).values(disabled=True)).rowcount > 0

    def sign_in(self, name: str, password: str) -> str | None:
        """Return the token of a new session, or None: wrong name or password, disabled, or locked for 15 minutes."""
        now = datetime.now(UTC)
        with self._engine.begin() as connection:
            row = connection.execute(select(users).where(users.c.name == name)).first()
            right = self._matches(row.password if row else self._nobody, password)
            if row is None or row.disabled or (row.locked_until and aware(row.locked_until) > now):
                return None
            if not right:
                failures = row.failures + 1
                locked = now + _LOCKED if failures >= _FAILURES else None
                values = {"failures": 0 if locked else failures, "locked_until": locked}
                connection.execute(update(users).where(users.c.name == name).values(values))
                return None
            connection.execute(update(users).where(users.c.name == name).values(failures=0, locked_until=None))
        return self._begin(name, row.role, _SESSION)

    def vouched(self, name: str, role: UserRole) -> str:
        """Return the token of a new session for somebody whom an identity provider vouches for."""
        return self._begin(name, role, _SESSION)

    def one_time_link(self) -> str:
        """Return a token that opens the staff pages once, on this machine, while there is no user yet."""
        return self._begin(_ONE_TIME, "marketing", timedelta(minutes=30))

    def redeem(self, token: str) -> str | None:
        """Return a session in exchange for the token of a one-time link, which is then spent; None when it is no such token."""
        with self._engine.begin() as connection:
            spent = delete(sessions).where(sessions.c.token == _hash(token), sessions.c.user == _ONE_TIME)
            if connection.execute(spent).rowcount == 0:
                return None
        return self._begin("this machine", "marketing", _SESSION)

    def session(self, token: str | None) -> User | None:
        """Return whose session a token opens; None when it ended, or never was."""
        if not token:
            return None
        with self._engine.connect() as connection:
            row = connection.execute(select(sessions).where(sessions.c.token == _hash(token))).first()
        if row is None or row.user == _ONE_TIME or aware(row.expires) <= datetime.now(UTC):
            return None
        return User(name=row.user, role=row.role)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(delete(sessions).where(sessions.c.token == _hash(token)))

    def _begin(self, name: str, role: str, lasts: timedelta) -> str:
        token = secrets.token_urlsafe(32)
        row = {"token": _hash(token), "user": name, "role": role, "expires": datetime.now(UTC) + lasts}
        with self._engine.begin() as connection:
            connection.execute(insert(sessions).values(row))
        return token

    def _matches(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerificationError:
            return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
