"""An object file's eBPF programs in the kernel, through libbpf.

What is attached stays so while this process lives, and nothing of it is left afterwards.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class LoadFailed(Exception):
    """The kernel did not take the programs; libbpf has written why to standard error."""

    def __init__(self, doing: str, code: int) -> None:
        super().__init__(f"{doing}: {os.strerror(code)}")
        self.code = code
        """An errno."""


def _library() -> Any:
    library = ctypes.CDLL("libbpf.so.1", use_errno=True)
    pointers = {
        "bpf_object__open_file": (ctypes.c_char_p, ctypes.c_void_p),
        "bpf_object__next_program": (ctypes.c_void_p, ctypes.c_void_p),
        "bpf_program__attach": (ctypes.c_void_p,),
    }
    numbers = {
        "bpf_object__load": (ctypes.c_void_p,),
        "bpf_object__find_map_fd_by_name": (ctypes.c_void_p, ctypes.c_char_p),
        "bpf_program__set_autoload": (ctypes.c_void_p, ctypes.c_bool),
        "bpf_program__fd": (ctypes.c_void_p,),
    }
    for kind, functions in ((ctypes.c_void_p, pointers), (ctypes.c_int, numbers)):
        for name, arguments in functions.items():
            getattr(library, name).restype, getattr(library, name).argtypes = kind, arguments
    for name in ("bpf_program__name", "bpf_program__section_name"):
        getattr(library, name).restype, getattr(library, name).argtypes = ctypes.c_char_p, (ctypes.c_void_p,)
    return library


class Program:
    """One program of a `BpfObject`."""

    def __init__(self, library: Any, pointer: int) -> None:
        self._library = library
        self._pointer = pointer
        self.name = str(library.bpf_program__name(pointer).decode())
        """What its function is called in C."""
        self.section = str(library.bpf_program__section_name(pointer).decode())
        """What kind it is and where it is attached."""

    @property
    def fd(self) -> int:
        """Its descriptor, once loaded."""
        return int(self._library.bpf_program__fd(self._pointer))

    def attach(self) -> None:
        """Where its section says. Raises LoadFailed."""
        if not self._library.bpf_program__attach(self._pointer):
            raise LoadFailed(f"attaching {self.name} ({self.section})", ctypes.get_errno())

    def leave_out(self) -> None:
        """Not loaded with the others."""
        self._library.bpf_program__set_autoload(self._pointer, False)


class BpfObject:
    """An object file that clang made. Nothing is in the kernel before `load`."""

    def __init__(self, path: Path) -> None:
        self._library = _library()
        self._object = self._library.bpf_object__open_file(os.fsencode(path), None)
        if not self._object:
            raise LoadFailed(f"opening {path}", ctypes.get_errno())
        self.programs = {program.name: program for program in self._each()}
        """By name."""

    def load(self) -> None:
        """All programs and maps, in one go: the kernel's types are read once. Raises LoadFailed."""
        code = self._library.bpf_object__load(self._object)
        if code:
            raise LoadFailed("loading the programs", -code)

    def map_fd(self, name: str) -> int:
        """The descriptor of a map; `.bss` is the one of the variables. Raises KeyError."""
        fd = int(self._library.bpf_object__find_map_fd_by_name(self._object, name.encode()))
        if fd < 0:
            raise KeyError(name)
        return fd

    def _each(self) -> Iterator[Program]:
        pointer = None
        while pointer := self._library.bpf_object__next_program(self._object, pointer):
            yield Program(self._library, pointer)
