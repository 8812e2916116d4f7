"""Ways of signing in, step by step, as a browser takes them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Refusal
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases import account, challenge, join, signin, tell
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.join import Join
from chalicelib.usecases.people import Change, Changed
from chalicelib.usecases.ports import Ports
from tests.builders import IP, a_member
from tests.unit.authenticator import Authenticator

PASSWORD = "les-tilleuls-en-fleurs"
ELSEWHERE = "198.51.100.9"


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.code


def who(earned: Earned, ports: Ports) -> SignedIn:
    return signin.whose(earned.token, ports)


def go_on(browser: Browser, earned: Earned, **changes: Any) -> Browser:
    return replace(browser, session=earned.token, known=earned.known or browser.known, **changes)


def by_code(member: Member, ports: Ports, browser: Browser | None = None, channel: Channel = Channel.EMAIL) -> Earned:
    """Ask for a code, have it sent, show it."""
    browser = browser or Browser(IP)
    token = signin.ask_code(signin.AskCode(member.person.email, channel, browser), ports)
    key = ChallengeKey(challenge.digest(token))
    tell.send_code(key, ports)
    return signin.show_code(ports.secrets.login_code(key), replace(browser, challenge=token), ports)


def joined(ports: Ports, *, mobile: str | None = None, number: int = 7) -> tuple[Member, Browser, Earned]:
    """Invite somebody and let them follow the link."""
    member = a_member(ports, number, standing=Standing.INVITED, mobile=mobile)
    earned = join.join(Join(member.id, ports.secrets.invitation_secret(member.id, member.turn, member.person.email)), Browser(IP), ports)
    return member, go_on(Browser(IP), earned), earned


def with_password_and_app(ports: Ports) -> tuple[Member, Browser, str]:
    """Let somebody join with a password and an authenticator app; give the app's secret."""
    member, browser, earned = joined(ports)
    earned = account.set_password(who(earned, ports), PASSWORD, ports)
    waiting = account.ask_authenticator(who(earned, ports), ports)
    earned = account.confirm_authenticator(who(earned, ports), code_at(waiting.secret, ports), ports)
    return member, go_on(browser, earned), waiting.secret


def code_at(secret: str, ports: Ports, later: float = 0) -> str:
    code: str = pyotp.TOTP(secret).at(ports.clock.now() + timedelta(seconds=later))
    return code


def with_passkey(ports: Ports, number: int = 7) -> tuple[Member, Authenticator, Browser]:
    """Let somebody join with a passkey."""
    member, browser, earned = joined(ports, number=number)
    device = Authenticator(ports.clinic.origin)
    options = account.ask_passkey(who(earned, ports), ports)
    _, earned = account.add_passkey(who(earned, ports), "Mon téléphone", device.create(options), ports)
    return member, device, go_on(browser, earned)


def by_passkey(device: Authenticator, ports: Ports, browser: Browser | None = None) -> Earned:
    asked = signin.ask_passkey(IP, ports)
    return signin.show_passkey(device.get(asked.options), replace(browser or Browser(IP), gesture=asked.token), ports)


def as_role(ports: Ports, member: Member, role: Role = Role.ADMINISTRATOR) -> Member:
    """Make somebody something else, whatever they have set up."""
    was = ports.members.read(member.id)
    assert was is not None
    now = was.turned(role=role)
    assert ports.members.change(Change(was, now, ports.event(Tag.ROLE_CHANGED, member=was.id))) is Changed.KEPT
    return now


def an_administrator(ports: Ports, number: int = 8) -> tuple[Member, Authenticator]:
    """Let somebody join with a passkey, who administers the clinic."""
    member, device, _ = with_passkey(ports, number)
    return as_role(ports, member), device
