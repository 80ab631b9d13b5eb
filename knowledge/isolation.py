"""Takes the network away from this process, for good: called by a child before it reads a file it can't trust.

On Linux the kernel refuses every new socket (a seccomp filter, which needs no privilege and holds for C libraries too).
Elsewhere, and beside it, an audit hook refuses what Python code tries.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

# include/uapi/linux: prctl.h, seccomp.h, filter.h, audit.h; the call numbers are those of each machine's unistd.
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
_AT_CALL, _AT_MACHINE = 0, 4
_MACHINES = {"x86_64": (0xC000003E, (41, 53)), "aarch64": (0xC00000B7, (198, 199))}  # socket, socketpair
_ENDS_IN_NETWORK = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))


def forbid_network() -> None:
    """Refuse sockets from now on, in this process and all that it starts. Raises `OSError` when the kernel won't."""
    sys.addaudithook(_refuse)
    if sys.platform == "linux" and platform.machine() in _MACHINES:
        _filter_sockets(*_MACHINES[platform.machine()])


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in _ENDS_IN_NETWORK:
        message = f"{event} is refused: a file is being read, which needs no network"
        raise PermissionError(message)


def _filter_sockets(machine: int, calls: tuple[int, ...]) -> None:
    """Install the filter: another machine's calls and the socket calls are refused, everything else is allowed."""
    steps = [(_LOAD, 0, 0, _AT_MACHINE), (_JUMP_IF_EQUAL, 0, len(calls) + 1, machine), (_LOAD, 0, 0, _AT_CALL)]
    # A jump counts the instructions it skips: behind the calls stand "allow" and "refuse".
    steps += [(_JUMP_IF_EQUAL, len(calls) - place, 0, call) for place, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    steps[1] = (_JUMP_IF_EQUAL, 0, len(steps) - 3, machine)
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.addressof(code))
    library = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)):
        if library.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "the kernel did not take the network away")
