"""Every page in every state: walks that stop at each state worth looking at. Accessibility and pictures use the same ones."""

from __future__ import annotations

from tests.browser.scene import Walk
from tests.browser.states_collecting import collecting, not_collecting, otherwise, reading
from tests.browser.states_costs import costing
from tests.browser.states_health import minding
from tests.browser.states_living import living
from tests.browser.states_member import following
from tests.browser.states_sending import failing, filling, resuming, sending
from tests.browser.states_signing import deciding, joining, keeping, ruling, signing_in

SIGNING: tuple[Walk, ...] = (signing_in, joining, keeping, deciding, ruling)
SENDING: tuple[Walk, ...] = (filling, sending, failing, resuming, following, living)
WALKS: tuple[Walk, ...] = (*SIGNING, *SENDING, costing, minding, collecting, otherwise, not_collecting, reading)
