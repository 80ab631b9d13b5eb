"""Run as `sitecustomize` of a child: writes down every attempt of its Python code to reach another machine.

The file named by SOCKET_RECORD gets one line "watching" for each process, and one line for each attempt.
"""

import os
import sys

_LOCAL = ("127.", "::1", "localhost")


def _note(line):
    descriptor = os.open(os.environ["SOCKET_RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


def _watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        target = arguments[1][0] if isinstance(arguments[1], tuple) else "127."
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        target = arguments[0] or "localhost"
    else:
        return
    name = target.decode() if isinstance(target, bytes) else target
    if not name.startswith(_LOCAL):
        _note(f"{event} {name}")


_note("watching")
sys.addaudithook(_watch)
