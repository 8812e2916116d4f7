"""What each function does, ready to be done with its hands: the least that needs every right it has."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import requests

from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.login import Channel, Door
from chalicelib.domain.member import Role, Standing
from chalicelib.usecases import account, challenge, collect, follow, health, members, policy, resume, shred, signin, tell
from chalicelib.usecases.earning import Browser
from chalicelib.usecases.follow import Mine
from chalicelib.usecases.resume import Resume
from chalicelib.usecases.shred import Revoke
from chalicelib.workers import sweep
from tests.builders import IP, a_member, a_session, signed_in
from tests.faults import walks
from tests.faults.walks import Walk
from tests.faults.world import World
from tests.stack import TICK

Act = Callable[[], object]
MIB = 1024 * 1024


def as_a_walk(walk: Callable[[World], Walk]) -> Callable[[World], Act]:
    """Take an act of the walks that are killed everywhere."""
    return lambda world: walk(world).act


def signing_out(world: World) -> Act:
    token, _ = a_session(world.ports, Door(member=world.member.id))
    return lambda: signin.sign_out(signin.whose(token, world.ports).session, world.ports)


def erasing_ones_account(world: World) -> Act:
    who = signed_in(world.ports, a_member(world.ports, email=f"gone.{world.member.person.email}"))
    return lambda: account.erase(who, world.ports)


def listing_what_one_sent(world: World) -> Act:
    world.draft()
    return lambda: follow.mine(Mine(world.member.id), world.ports)


def looking_at_the_service(world: World) -> Act:
    return lambda: health.look(world.ports)


def revoking_one_recipient(world: World) -> Act:
    sending = world.told()
    return lambda: shred.revoke_recipient(Revoke(sending.sender, sending.id, sending.recipients[0]), world.ports)


def putting_a_file(world: World) -> Act:
    sending = world.landing()
    return lambda: sending.put(0)


def fetching_a_file(world: World) -> Act:
    sending = world.told()
    _, session = a_session(world.ports, sending.door())
    return lambda: requests.get(collect.sign_file(session, 0, IP, world.ports), timeout=10).raise_for_status()


def revoking_what_is_half_put(world: World) -> Act:
    sending = world.landing(bytes(9 * MIB))
    sending.sign(sending.asked(0, 1))
    return lambda: shred.revoke(Revoke(sending.sender, sending.id), world.ports)


def going_on_with_an_upload(world: World) -> Act:
    sending = world.landing(bytes(9 * MIB))
    sending.sign(sending.asked(0, 1))
    return lambda: resume.resume(Resume(sending.sender, sending.id, IP), world.ports)


def failing_at_a_message(worker: Callable[[World, str], object]) -> Callable[[World], Act]:
    """A message that no worker can read: it says when it is to come back."""
    return lambda world: lambda: worker(world, "[")


def telling_the_sender(world: World) -> Act:
    sending = world.told()
    world.ports.clock.tick(days=7, seconds=1)
    world.tend(sending)
    return lambda: [world.tell(json.dumps({"notice": one})) for one in world.owed()]


def reminding_a_mobile(world: World) -> Act:
    """The one notice that leaves as a text message: the last rung of the ladder."""
    sending = world.told()
    world.ports.clock.tick(days=6, hours=12, seconds=1)
    world.tend(sending)
    return lambda: [world.tell(json.dumps({"notice": one})) for one in world.owed()]


def sending_a_code_by_email(world: World) -> Act:
    token = signin.ask_code(signin.AskCode(world.member.person.email, Channel.EMAIL, Browser(IP)), world.ports)
    return lambda: tell.send_code(ChallengeKey(challenge.digest(token)), world.ports)


def sweeping(world: World) -> Act:
    return lambda: sweep.sweep(TICK, None)


def founding_again(world: World) -> Act:
    """As long as nobody came in, another address may be said; here, as if the members of other tests had never been."""
    records = world.ports.audit.records
    for item in records.query("MEMBERS", "MEMBER#", "MEMBER#~"):
        records.client.delete_item(TableName=records.name, Key=records.key(item["pk"], item["sk"]))
    email = f"one.{world.member.person.email}"
    founder = a_member(world.ports, role=Role.ADMINISTRATOR, standing=Standing.INVITED, email=email)
    other = replace(founder.person, email=f"other.{founder.person.email}")
    return lambda: members.found(other, None, world.ports)


def keeping_the_secret_of_pro_sante_connect(world: World) -> Act:
    return lambda: policy.keep_psc_secret("a-demonstration-keeps-no-secret", world.ports)


ACTS: Mapping[str, Mapping[str, Callable[[World], Act]]] = {
    "APIHandler": {
        "sign out": signing_out,
        "erase one's account": erasing_ones_account,
        "make a draft": as_a_walk(walks.making_a_draft),
        "send the envelope": as_a_walk(walks.sending_the_envelope),
        "put a file with a signed address": putting_a_file,
        "go on with an upload": going_on_with_an_upload,
        "list what one sent": listing_what_one_sent,
        "look at the state of the service": looking_at_the_service,
        "move the end": as_a_walk(walks.moving_the_end),
        "remind by hand": as_a_walk(walks.reminding_by_hand),
        "revoke": as_a_walk(walks.revoking),
        "revoke what is half put": revoking_what_is_half_put,
        "revoke one recipient": revoking_one_recipient,
        "ask for a code": as_a_walk(walks.asking_for_a_code),
        "open a transfer": as_a_walk(walks.opening),
        "fetch a file with a signed address": fetching_a_file,
    },
    "Landed": {
        "see the last file land, and seal": as_a_walk(walks.landing_of_the_last_file),
        "see something foreign land": as_a_walk(walks.landing_of_something_foreign),
        "put off a message that failed": failing_at_a_message(World.land),
    },
    "Notices": {
        "tell a recipient": as_a_walk(walks.telling_a_recipient),
        "tell the sender": telling_the_sender,
        "remind a mobile": reminding_a_mobile,
        "put off a message that failed": failing_at_a_message(World.tell),
    },
    "Codes": {
        "send a code by e-mail": sending_a_code_by_email,
        "send a code by text message": as_a_walk(walks.sending_a_code),
        "put off a message that failed": failing_at_a_message(World.tell_codes),
    },
    "Deliveries": {
        "hear of a bounce": as_a_walk(walks.hearing_of_a_bounce),
    },
    "Sweep": {
        "look at what is due": sweeping,
        "make good a lost event": as_a_walk(walks.sweeping_a_lost_event),
        "destroy what is over": as_a_walk(walks.sweeping_what_is_over),
        "destroy what never landed": as_a_walk(walks.sweeping_what_never_landed),
        "remind": as_a_walk(walks.sweeping_a_reminder),
    },
    "Found": {
        "found again, with another address": founding_again,
        "keep the secret of Pro Santé Connect": keeping_the_secret_of_pro_sante_connect,
    },
}
