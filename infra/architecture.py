"""The processors that Lambda offers: a clinic chooses one in its file, and its zip is packed for it."""

from __future__ import annotations

import platform
from enum import StrEnum


class Architecture(StrEnum):
    """A processor, as Lambda calls it."""

    X86_64 = "x86_64"
    ARM64 = "arm64"

    @property
    def machine(self) -> str:
        """Answer what the names of wheels call it."""
        return "aarch64" if self is Architecture.ARM64 else "x86_64"

    @property
    def elf(self) -> int:
        """Answer the number by which compiled code says that it is for it (e_machine of the ELF header)."""
        return 183 if self is Architecture.ARM64 else 62


def own() -> Architecture:
    """Answer this machine's: the clinic on one machine runs the zip itself."""
    return Architecture.ARM64 if platform.machine() in ("aarch64", "arm64") else Architecture.X86_64
