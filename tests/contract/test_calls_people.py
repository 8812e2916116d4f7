"""How many calls to AWS each step of signing in costs, and what members do with their accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
import requests

from chalicelib.domain.factor import Means
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel, Door, SignedIn
from chalicelib.domain.member import Member, Role, Standing
from chalicelib.usecases import account, challenge, federate, join, members, signin
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.federate import Returned
from chalicelib.usecases.join import Join
from chalicelib.usecases.members import Invite
from chalicelib.usecases.ports import Ports
from infra.local.provider import PEOPLE
from tests.builders import IP, a_browser, a_member, a_person, a_session
from tests.contract.counting import Step, clients_of, counting
from tests.fake_aws import FakeLetters
from tests.quiet import now
from tests.unit.authenticator import Authenticator
from tests.unit.signing import as_role

PASSWORD = "les-tilleuls-en-fleurs"
SHOWN = {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2}  # found, counted, opened; or found, counted, noted as wrong

# As in test_calls.py; from "who is signed in" on, the session is in each.
CALLS: dict[str, dict[str, int]] = {
    "ask for a sign-in code": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 2, "sqs.SendMessage": 1},
    "show a code": SHOWN,
    "show a wrong code": SHOWN,
    "show a password": SHOWN,
    "show a wrong password": SHOWN,
    "show a password at an address nobody has": SHOWN,
    "show the code of an app": SHOWN,
    "show a recovery code": SHOWN,
    "ask for a passkey": {"dynamodb.TransactWriteItems": 2},
    "show a passkey": SHOWN,
    "go to Pro Santé Connect": {"dynamodb.TransactWriteItems": 2},
    "come back from there": {"dynamodb.BatchGetItem": 2, "dynamodb.GetItem": 2, "dynamodb.TransactWriteItems": 2},
    "join": {"dynamodb.GetItem": 2, "dynamodb.TransactWriteItems": 2},
    "ask for another invitation": {"dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 3, "sqs.SendMessageBatch": 1},
    "who is signed in": {"dynamodb.BatchGetItem": 1},
    "who is signed in, five minutes later": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "sign out": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "look at one's account": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 2},
    "ask to add a passkey": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1},
    "add a passkey": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "set a password": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "ask to add an app": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "add an app": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "make recovery codes": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "sign out everywhere": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1},
    "erase oneself": {"dynamodb.BatchGetItem": 1, "dynamodb.Query": 1, "dynamodb.TransactWriteItems": 1, "dynamodb.BatchWriteItem": 1},
    "list the members": {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1, "dynamodb.Query": 1},
    "invite somebody": {"dynamodb.BatchGetItem": 1, "dynamodb.TransactWriteItems": 1, "sqs.SendMessageBatch": 1},
    "change a name": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 1,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    },
    "change the address of somebody with a password": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 2,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    },
    "shut somebody out": {"dynamodb.BatchGetItem": 1, "dynamodb.GetItem": 1, "dynamodb.TransactWriteItems": 1},
    "shut an administrator out": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
    },
    "reset somebody": {
        "dynamodb.BatchGetItem": 1,
        "dynamodb.GetItem": 1,
        "dynamodb.Query": 1,
        "dynamodb.TransactWriteItems": 1,
        "sqs.SendMessageBatch": 1,
    },
}
PROOFS = [name for name in CALLS if name.startswith("show")]


@pytest.fixture(scope="module")
def ports(real: Ports) -> Ports:
    """Give the real adapters, at the real time."""
    clock: Any = real.clock
    clock.set(now())
    return replace(real, letters=FakeLetters())


def somebody(ports: Ports, role: Role = Role.SENDER, standing: Standing = Standing.ACTIVE, **changes: Any) -> Member:
    return a_member(ports, 1, role, standing, email=f"{ports.new_id()}@example.fr", **changes)


def token_of(member: Member, ports: Ports, *means: Means) -> str:
    return a_session(ports, Door(member=member.id, turn=member.turn), *means)[0]


class Equipped:
    """Somebody who has set up everything there is."""

    def __init__(self, ports: Ports) -> None:
        self.ports, self.member = ports, somebody(ports)
        self.device = Authenticator(ports.clinic.origin)
        self.token = token_of(self.member, ports)
        self.add_passkey()
        self.goes_on(account.set_password(self.who, PASSWORD, ports))
        waiting = account.ask_authenticator(self.who, ports)
        self.app = pyotp.TOTP(waiting.secret)
        self.goes_on(account.confirm_authenticator(self.who, self.app.at(ports.clock.now() - timedelta(seconds=30)), ports))
        self.recovery, earned = account.new_recovery(self.who, ports)
        self.goes_on(earned)

    @property
    def who(self) -> SignedIn:
        return signin.whose(self.token, self.ports)

    def goes_on(self, earned: Earned) -> None:
        self.token = earned.token

    def add_passkey(self) -> None:
        answer = Authenticator(self.ports.clinic.origin).create(account.ask_passkey(self.who, self.ports))
        self.goes_on(account.add_passkey(self.who, "Une autre", answer, self.ports)[1])
        answer = self.device.create(account.ask_passkey(self.who, self.ports))
        self.goes_on(account.add_passkey(self.who, "Clé bleue", answer, self.ports)[1])


def a_code(ports: Ports, member: Member) -> tuple[str, str]:
    """Ask for a code; give it, and the token of its challenge."""
    token = signin.ask_code(signin.AskCode(member.person.email, Channel.EMAIL, Browser(IP)), ports)
    return ports.secrets.login_code(ChallengeKey(challenge.digest(token))), token


def returned(asked: federate.Asked) -> Returned:
    """Say at Pro Santé Connect who one is, and bring back what it gives."""
    there = urlsplit(asked.url)
    query = {name: values[0] for name, values in parse_qs(there.query).items()}
    answer = requests.post(asked.url.partition("?")[0], data={**query, "who": next(iter(PEOPLE))}, allow_redirects=False, timeout=5)
    back = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
    return Returned(back["code"], back["state"])


@pytest.fixture(scope="module")
def proofs(ports: Ports) -> dict[str, Step]:
    """Prepare every way of signing in."""
    one, other = Equipped(ports), somebody(ports)
    email, nobody = one.member.person.email, f"{ports.new_id()}@example.fr"
    code, token = a_code(ports, one.member)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    _, spoilt = a_code(ports, one.member)
    asked = signin.ask_passkey(IP, ports)
    answer = one.device.get(asked.options)
    half = Browser(IP, token_of(one.who.member, ports, Means.PASSWORD))
    elsewhere = Browser(IP, token_of(one.who.member, ports, Means.PASSWORD))
    linked = token_of(other, ports)
    going = federate.begin_link(signin.whose(linked, ports), IP, ports)
    federate.finish(returned(going), Browser(IP, linked, going=going.token), ports)
    coming = (going := federate.begin(IP, ports)).token
    back = returned(going)
    invited, late = (somebody(ports, standing=Standing.INVITED) for _ in range(2))
    link, old = (Join(member.id, ports.secrets.invitation_secret(member.id, 0, member.person.email)) for member in (invited, late))
    acts: dict[str, Callable[[], object]] = {
        "ask for a sign-in code": lambda: signin.ask_code(signin.AskCode(other.person.email, Channel.EMAIL, Browser(IP)), ports),
        "show a code": lambda: signin.show_code(code, a_browser(token), ports),
        "show a wrong code": lambda: signin.show_code(wrong, a_browser(spoilt), ports),
        "show a password": lambda: signin.show_password(email, PASSWORD, a_browser(), ports),
        "show a wrong password": lambda: signin.show_password(email, "not this one", a_browser(), ports),
        "show a password at an address nobody has": lambda: signin.show_password(nobody, PASSWORD, a_browser(), ports),
        "show the code of an app": lambda: signin.show_authenticator(one.app.at(ports.clock.now()), half, ports),
        "show a recovery code": lambda: signin.show_recovery(one.recovery[0], elsewhere, ports),
        "ask for a passkey": lambda: signin.ask_passkey(IP, ports),
        "show a passkey": lambda: signin.show_passkey(answer, Browser(IP, gesture=asked.token), ports),
        "go to Pro Santé Connect": lambda: federate.begin(IP, ports),
        "come back from there": lambda: federate.finish(back, Browser(IP, going=coming), ports),
        "join": lambda: join.join(link, a_browser(), ports),
        "ask for another invitation": lambda: join.again(old, IP, ports),
    }
    return {name: _whatever_comes(act) if "wrong" in name or "nobody" in name else act for name, act in acts.items()}


def _whatever_comes(act: Callable[[], object]) -> Step:
    def done() -> None:
        with pytest.raises(signin.Conflict):
            act()

    return done


@pytest.fixture(scope="module")
def accounts(ports: Ports) -> dict[str, Step]:
    """Prepare what members do once they are signed in."""
    leaving, gone = Equipped(ports), somebody(ports)
    one, elsewhere, app = (Equipped(ports) for _ in range(3))
    waiting = account.ask_authenticator(app.who, ports)
    code = pyotp.TOTP(waiting.secret).at(ports.clock.now())
    device = Authenticator(ports.clinic.origin)
    tokens = [token_of(gone, ports) for _ in range(2)]
    idle, adding = Equipped(ports), Equipped(ports)
    answer = device.create(account.ask_passkey(adding.who, ports))
    boss, other = (as_role(ports, somebody(ports, means=[Means.PASSKEY])) for _ in range(2))
    by, moved = token_of(boss, ports), Equipped(ports).member.id
    renamed, shut_out, reset = somebody(ports), somebody(ports), Equipped(ports).member
    person = a_person(2, email=f"{ports.new_id()}@example.fr")

    def mine(of: Equipped, act: Callable[[SignedIn], object]) -> Step:
        return lambda: act(of.who)

    def later() -> None:
        clock: Any = ports.clock
        clock.tick(minutes=5)
        signin.whose(idle.token, ports)
        clock.tick(minutes=-5)

    def administrating(act: Callable[[SignedIn], object]) -> Step:
        return lambda: act(signin.whose(by, ports))

    return {
        "who is signed in": lambda: signin.whose(one.token, ports),
        "who is signed in, five minutes later": later,
        "sign out": lambda: signin.sign_out(signin.whose(tokens[0], ports).session, ports),
        "look at one's account": mine(one, lambda who: account.overview(who, ports)),
        "ask to add a passkey": mine(one, lambda who: account.ask_passkey(who, ports)),
        "add a passkey": mine(adding, lambda who: account.add_passkey(who, "Encore une", answer, ports)),
        "set a password": mine(idle, lambda who: account.set_password(who, f"{PASSWORD}-2", ports)),
        "ask to add an app": mine(one, lambda who: account.ask_authenticator(who, ports)),
        "add an app": mine(app, lambda who: account.confirm_authenticator(who, code, ports)),
        "make recovery codes": mine(one, lambda who: account.new_recovery(who, ports)),
        "sign out everywhere": mine(elsewhere, lambda who: account.end_sessions(who, ports)),
        "erase oneself": mine(leaving, lambda who: account.erase(who, ports)),
        "list the members": administrating(lambda _: members.everybody(ports)),
        "invite somebody": administrating(lambda who: members.invite(Invite(who, person, Role.SENDER), ports)),
        "change a name": administrating(lambda who: members.change(who, renamed.id, replace(renamed.person, name="Dr Grace"), ports)),
        "change the address of somebody with a password": administrating(
            lambda who: members.change(who, moved, replace(person, email=f"new.{person.email}"), ports)
        ),
        "shut somebody out": administrating(lambda who: members.disable(who, shut_out.id, ports)),
        "shut an administrator out": administrating(lambda who: members.disable(who, other.id, ports)),
        "reset somebody": administrating(lambda who: members.reset(who, reset.id, ports)),
    }


@pytest.fixture(scope="module")
def steps(proofs: dict[str, Step], accounts: dict[str, Step]) -> dict[str, Step]:
    """Give all of them."""
    return {**proofs, **accounts}


@pytest.mark.parametrize("name", list(CALLS))
def test_a_thing_costs_what_the_table_says(real: Ports, steps: dict[str, Step], name: str) -> None:
    with counting(clients_of(real)) as counted:
        steps[name]()

    assert dict(counted) == CALLS[name]


@pytest.mark.parametrize("name", PROOFS)
def test_a_proof_is_judged_in_three_calls_none_of_them_to_kms(name: str) -> None:
    assert sum(CALLS[name].values()) <= 3
    assert not [call for call in CALLS[name] if call.startswith("kms.")]


def test_everything_in_the_table_is_measured(steps: dict[str, Step]) -> None:
    assert list(steps) == list(CALLS)
