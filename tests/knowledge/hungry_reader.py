"""A reader that does to its process what a hostile file would do; `options["does"]` says what."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
import time
from pathlib import Path
from typing import Any

from knowledge.loaders.extract import Reading


def read(path: Path, options: dict[str, Any]) -> Reading:
    if options["does"] == "eat memory":
        return Reading(notes=(str(len(bytearray(4 * 2**30))),))
    if options["does"] == "sleep":
        time.sleep(600)
    if options["does"] == "compute":
        while True:
            pass
    if options["does"] == "crash":
        os.abort()
    if options["does"] == "write a lot":
        sys.stdout.write("x" * 10_000_000)
        sys.stdout.flush()
    if options["does"] == "connect":
        socket.create_connection(("192.0.2.1", 9), timeout=1)
    if options["does"] == "connect from C":
        library = ctypes.CDLL(None, use_errno=True)
        return Reading(notes=(str(library.socket(2, 1, 0)),))
    return Reading(notes=(str(sorted(os.environ)),))
