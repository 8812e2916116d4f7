"""Every handler, ready to be killed: what stands before it, what it does, and how it is done again."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel
from chalicelib.domain.recipient import Outcome
from chalicelib.usecases import challenge, collect, correct, draft, hear, remind, reschedule, shred, signin, tell, upload
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.hear import Heard
from chalicelib.usecases.remind import Remind
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.upload import Complete
from tests.builders import IP, Sending, a_browser, a_draft, a_session
from tests.faults.world import World, refused

MIB = 1024 * 1024
Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Walk:
    """A transfer, and a handler's work on it that may be done any number of times."""

    sending: Sending
    act: Act


def landing_of_the_last_file(world: World) -> Walk:
    sending = world.put(b"one", b"two")
    world.land(world.event(sending, 0))
    return Walk(sending, lambda: world.land(world.event(sending, 1)))


def landing_of_something_foreign(world: World) -> Walk:
    sending = world.landing(b"hello")
    sending.sign(sending.asked(0))
    body = bytes(len(sending.files[0].frames))
    world.ports.bucket.client.put_object(Bucket=world.settings.bucket, Key=f"t/{sending.id}/0", Body=body)
    return Walk(sending, lambda: world.land(world.event(sending)))


def sealing_of_what_was_replaced(world: World) -> Walk:
    sending = world.landed(b"hello")
    body = bytes(len(sending.files[0].frames))
    world.ports.bucket.client.put_object(Bucket=world.settings.bucket, Key=f"t/{sending.id}/0", Body=body)
    return Walk(sending, lambda: world.land(world.event(sending)))


def telling_a_recipient(world: World) -> Walk:
    sending = world.sealed()
    first = world.owed()[0]
    return Walk(sending, lambda: world.tell(json.dumps({"notice": first})))


def sweeping_what_is_over(world: World) -> Walk:
    sending = world.told(b"one", b"two")
    world.ports.clock.tick(days=7, seconds=1)
    return Walk(sending, lambda: world.tend(sending))


def sweeping_what_was_refused(world: World) -> Walk:
    walk = landing_of_something_foreign(world)
    walk.act()
    return Walk(walk.sending, lambda: world.tend(walk.sending))


def sweeping_what_never_landed(world: World) -> Walk:
    sending = world.landing(bytes(9 * MIB), b"two")
    sending.sign(sending.asked(0, 1))
    sending.put(1)
    world.ports.clock.tick(hours=24, seconds=1)
    return Walk(sending, lambda: world.tend(sending))


def sweeping_a_lost_event(world: World) -> Walk:
    sending = world.put(b"one", b"two")
    world.ports.clock.tick(minutes=15, seconds=1)
    return Walk(sending, lambda: world.tend(sending))


def sweeping_a_reminder(world: World) -> Walk:
    sending = world.told()
    world.ports.clock.tick(days=3, hours=12, seconds=1)
    return Walk(sending, lambda: world.tend(sending))


def revoking(world: World) -> Walk:
    sending = world.told(b"one", b"two")
    return Walk(sending, lambda: refused(lambda: shred.revoke(Revoke(sending.sender, sending.id), world.ports)))


def cancelling(world: World) -> Walk:
    sending = world.put(b"one")
    return Walk(sending, lambda: refused(lambda: shred.revoke(Revoke(sending.sender, sending.id), world.ports)))


def making_a_draft(world: World) -> Walk:
    """The same wish again and again is the same draft; the browser goes on with it."""
    wish = a_draft(world.member.id, (5,), world.people)
    sending = world.draft()
    return Walk(sending, lambda: draft.make(wish, world.ports))


def sending_the_envelope(world: World) -> Walk:
    sending = world.draft()
    return Walk(sending, lambda: refused(sending.send_envelope))


def signing_a_large_file(world: World) -> Walk:
    sending = world.landing(bytes(9 * MIB))
    return Walk(sending, lambda: refused(lambda: sending.sign(sending.asked(0, 1))))


def completing_a_large_file(world: World) -> Walk:
    sending = world.landing(bytes(9 * MIB))
    done = sending.put_parts(0)
    return Walk(sending, lambda: refused(lambda: upload.complete(Complete(sending.sender, sending.id, 0, done), world.ports)))


def reminding_by_hand(world: World) -> Walk:
    sending = world.told()
    return Walk(sending, lambda: refused(lambda: remind.remind(Remind(sending.sender, sending.id), world.ports)))


def moving_the_end(world: World) -> Walk:
    sending = world.told()
    later = sending.transfer.expires_at + timedelta(days=10)
    return Walk(sending, lambda: refused(lambda: reschedule.reschedule(Reschedule(sending.sender, sending.id, later), world.ports)))


def correcting_an_address(world: World) -> Walk:
    sending = world.told()
    right = replace(world.people[0], email=f"right.{world.people[0].email}")
    command = Correct(sending.sender, sending.id, sending.recipients[0], right)
    return Walk(sending, lambda: refused(lambda: correct.correct(command, world.ports)))


def hearing_of_a_bounce(world: World) -> Walk:
    sending = world.told()
    message = message_of(world, sending)
    return Walk(sending, lambda: hear.hear(Heard(message, Outcome.BOUNCED), world.ports))


def asking_for_a_code(world: World) -> Walk:
    sending = world.told()
    first = sending.recipients[0]
    link = collect.AskCode(sending.id, first, world.ports.secrets.link_secret(sending.id, first), IP)
    return Walk(sending, lambda: refused(lambda: collect.ask_code(link, world.ports)))


def sending_a_code(world: World) -> Walk:
    sending = world.told()
    first = sending.recipients[0]
    link = collect.AskCode(sending.id, first, world.ports.secrets.link_secret(sending.id, first), IP)
    key = ChallengeKey(challenge.digest(collect.ask_code(link, world.ports).token))
    return Walk(sending, lambda: tell.send_code(key, world.ports))


def entering_a_code(world: World) -> Walk:
    sending = world.told()
    token = signin.ask_code(signin.AskCode(world.member.person.email, Channel.EMAIL, Browser(IP)), world.ports)
    code = world.ports.secrets.login_code(ChallengeKey(challenge.digest(token)))
    return Walk(sending, lambda: refused(lambda: signin.show_code(code, a_browser(token), world.ports)))


def opening(world: World) -> Walk:
    return _collecting(world, lambda session: collect.open_transfer(session, IP, world.ports))


def fetching_a_file(world: World) -> Walk:
    return _collecting(world, lambda session: collect.sign_file(session, 0, IP, world.ports))


def giving_a_receipt(world: World) -> Walk:
    sending = world.told()
    _, session = a_session(world.ports, sending.door())
    collect.open_transfer(session, IP, world.ports)
    return Walk(sending, lambda: collect.acknowledge(session, 0, IP, world.ports))


def _collecting(world: World, act: Callable[[Any], object]) -> Walk:
    sending = world.told()
    _, session = a_session(world.ports, sending.door())
    return Walk(sending, lambda: act(session))


def message_of(world: World, sending: Sending, number: int = 0) -> str:
    """Find the name of the message that told a recipient."""
    import requests

    address = world.people[number].email
    kept = requests.get(f"{world.ports.post.ses.meta.endpoint_url}/_ministack/ses/messages", timeout=10).json()
    return next(str(one["MessageId"]) for account in kept["messages"].values() for one in account if one["To"] == [address])


def _is_walk(name: str, made: object) -> bool:
    return name[0] != "_" and getattr(made, "__annotations__", {}).get("return") is Walk


HANDLERS: dict[str, Callable[[World], Walk]] = {name: made for name, made in list(globals().items()) if _is_walk(name, made)}
