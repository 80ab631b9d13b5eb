"""Commands on what is kept: users, erasure, retention."""

from __future__ import annotations

import json
import re
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from assistant.records import Records

user_app = typer.Typer(help="Who may sign in to the store and marketing pages.", no_args_is_help=True)
records_app = typer.Typer(help="What is kept of conversations.", no_args_is_help=True)


def _records() -> Records:
    from assistant.bootstrap import open_records
    from assistant.settings import Settings

    return open_records(Settings.read())


@user_app.command("add")
def add(
    name: str,
    role: Annotated[str, typer.Option(help="seller or marketing.")] = "seller",
    password: Annotated[str | None, typer.Option(help="Without it, asked for, or read from stdin.")] = None,
) -> None:
    """Make a user, or give one a new password; their sessions end."""
    from assistant.records.users import Users

    if role not in ("seller", "marketing"):
        message = f"role {role!r} is not known; choose seller or marketing"
        raise typer.BadParameter(message)
    if password is None:
        password = (
            typer.prompt("Password", hide_input=True, confirmation_prompt=True)
            if sys.stdin.isatty()
            else sys.stdin.readline().strip()
        )
    with closing(_records()) as records:
        Users(records.engine).add(name, role, password)  # type: ignore[arg-type]  # checked above
    print(f"{name} may sign in as {role}.")


@user_app.command("list")
def list_users(as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False) -> None:
    """List the users."""
    from assistant.records.users import Users

    with closing(_records()) as records:
        known = Users(records.engine).all()
    if as_json:
        print(json.dumps([{"name": user.name, "role": user.role, "disabled": user.disabled} for user in known]))
        return
    for user in known:
        print(f"{user.name}  {user.role}{'  disabled' if user.disabled else ''}")


@user_app.command("disable")
def disable(name: str) -> None:
    """Shut a user out at once."""
    from assistant.records.users import Users

    with closing(_records()) as records:
        known = Users(records.engine).disable(name)
    if not known:
        print(f"There is no user {name!r}.", file=sys.stderr)
        raise typer.Exit(1)
    print(f"{name} is shut out.")


@records_app.command("erase")
def erase(conversation_id: str) -> None:
    """Erase a conversation for good, whoever it belongs to."""
    with closing(_records()) as records:
        gone = records.erase(conversation_id, by_operator=True)
    if not gone:
        print(f"There is no conversation {conversation_id!r}.", file=sys.stderr)
        raise typer.Exit(1)
    print("Erased; it stays erased after a restore.")


@records_app.command("purge")
def purge(older_than: Annotated[str, typer.Option(help="Age, in days, such as 395d.")] = "395d") -> None:
    """Delete the conversations that began longer ago than that."""
    age = re.fullmatch(r"(\d{1,5})d?", older_than)
    if age is None:
        message = f"{older_than!r} is no age; write it in days, such as 395d"
        raise typer.BadParameter(message)
    with closing(_records()) as records:
        count = records.purge(datetime.now(UTC) - timedelta(days=int(age[1])))
    print(f"{count} conversations deleted.")
