"""A generator of randomness that remembers the ids it made."""

import os

from chalicelib.domain.ids import ID_BYTES, id_from


class Made:
    """The system's generator, with a memory: so that a test finds every notice of its own again."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def bytes(self, length: int) -> bytes:
        """Give random bytes."""
        made = os.urandom(length)
        if length == ID_BYTES:
            self.ids.append(id_from(made))
        return made
