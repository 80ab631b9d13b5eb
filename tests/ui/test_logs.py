"""What the log says of an error: its kind and its place, not its message, which may quote a visitor."""

from __future__ import annotations

import json
import logging

from ui.logs import JsonLines


def test_an_error_is_told_by_kind_and_place_and_never_by_its_words() -> None:
    try:
        int("I am Jean Dupont")  # what can't be read is in the error's words
    except ValueError as error:
        record = logging.LogRecord("records", logging.ERROR, "x.py", 1, "The turn was not kept.", (), _raised(error))

    line = json.loads(JsonLines().format(record))

    assert line["error"] == "ValueError"
    assert line["message"] == "The turn was not kept."
    assert line["where"][-1].startswith("test_logs.py:")
    assert "Jean" not in json.dumps(line)


def _raised(error: BaseException) -> tuple[type[BaseException], BaseException, object]:
    return type(error), error, error.__traceback__
