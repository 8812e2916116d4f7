"""Every page in every state: walks that stop at each state worth looking at. Accessibility and pictures use the same ones."""

from __future__ import annotations

from tests.browser.scene import Walk
from tests.browser.states_collecting import collecting, not_collecting, reading
from tests.browser.states_living import living
from tests.browser.states_member import following, managing, signing_in
from tests.browser.states_sending import failing, filling, sending

WALKS: tuple[Walk, ...] = (signing_in, filling, sending, failing, managing, following, living, collecting, not_collecting, reading)
