"""How members, what they have set up, sessions and throttles are written as items, and read back."""

import json
from datetime import timedelta
from hashlib import sha256

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.items import Sealer, instant, moment, must
from chalicelib.adapters.dynamodb.table import Item, Key
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.device import Browser, Device, System
from chalicelib.domain.factor import WAITING, Authenticator, Factor, Keyring, Link, Means, Passkey, Password, Proof, Recovery, Workplace
from chalicelib.domain.ids import MemberId, RecipientId, SessionKey, TransferId
from chalicelib.domain.login import Door, Session
from chalicelib.domain.member import REVIEW_EVERY, Member, Role, Standing
from chalicelib.domain.throttle import Throttle
from chalicelib.usecases.people import Review, SessionName

MEMBERS = "MEMBERS"
ACCEPTANCE = ("CLINIC", "ACCEPTANCE")
ADMINISTRATORS = ("CLINIC", "ADMINISTRATORS")
REVIEW = ("CLINIC", "REVIEW")
LINGER = timedelta(days=1)  # housekeeping only: every read checks the time itself


def member_key(member: MemberId) -> Key:
    return MEMBERS, f"MEMBER#{member}"


def ring_key(member: MemberId, name: str) -> Key:
    """Name one thing of a keyring; of a passkey's id, which may be longer than a key can be, the digest."""
    kind, _, passkey = name.partition("#")
    return f"A#{member}", f"PASSKEY#{sha256(passkey.encode()).hexdigest()}" if passkey else kind.upper()


def session_key(name: SessionName) -> Key:
    return (f"S#{name.key}", "SESSION") if name.member is None else (f"A#{name.member}", f"SESSION#{name.key}")


def throttle_key(scope: str) -> Key:
    return f"G#{scope}", "THROTTLE"


def link_key(subject: str) -> Key:
    return f"PSC#{subject}", "LINK"


def member_item(member: Member, sealer: Sealer) -> Item:
    pk, sk = member_key(member.id)
    return {
        "pk": pk,
        "sk": sk,
        "id": member.id,
        "role": str(member.role),
        "standing": str(member.standing),
        "turn": member.turn,
        "means": {str(one) for one in member.means} or None,
        "invited_at": instant(member.invited_at),
        "last_seen_at": None if member.last_seen_at is None else instant(member.last_seen_at),
        **items.person_item(member.person, (pk, sk), sealer),
    }


def member_from(item: Item, sealer: Sealer) -> Member:
    return Member(
        MemberId(item["id"]),
        items.person_from(item, sealer),
        Role(item["role"]),
        must(moment(item["invited_at"])),
        moment(item.get("last_seen_at")),
        Standing(item["standing"]),
        item["turn"],
        frozenset(map(Means, item.get("means", ()))),
    )


def factor_item(member: MemberId, factor: Factor, sealer: Sealer) -> Item:
    """Write one thing of a keyring; of a password, only that there is one: its hash lies with the address."""
    at = {"created_at": instant(factor.created_at)}
    match factor:
        case Passkey():
            return passkey_item(member, factor, sealer)
        case Password():
            pk, sk = ring_key(member, Means.PASSWORD)
            return {"pk": pk, "sk": sk, **at}
        case Authenticator():
            return authenticator_item(member, Means.AUTHENTICATOR, factor, sealer)
        case Recovery():
            pk, sk = ring_key(member, Means.RECOVERY)
            return {"pk": pk, "sk": sk, "unused": set(factor.left), **at}
        case Link():
            return link_item(member, factor, sealer)


def link_item(member: MemberId, link: Link, sealer: Sealer) -> Item:
    pk, sk = ring_key(member, Means.PSC)
    said = json.dumps({"place": link.place, "places": [[one.id, one.name] for one in link.places]})
    sealed = sealer.seal(items.place((pk, sk), "work"), said)
    return {"pk": pk, "sk": sk, "subject": link.subject, "work": sealed, "created_at": instant(link.created_at)}


def link_from(item: Item, sealer: Sealer) -> Link:
    said = json.loads(sealer.open(items.place((item["pk"], item["sk"]), "work"), item["work"]))
    places = tuple(Workplace(*one) for one in said["places"])
    return Link(item["subject"], must(moment(item["created_at"])), places, said["place"])


def passkey_item(member: MemberId, passkey: Passkey, sealer: Sealer) -> Item:
    pk, sk = ring_key(member, f"{Means.PASSKEY}#{passkey.id}")
    return {
        "pk": pk,
        "sk": sk,
        "id": passkey.id,
        "called": sealer.seal(items.place((pk, sk), "called"), passkey.name),
        "public_key": passkey.public_key,
        "uses": passkey.count,
        "synced": passkey.synced,
        "transports": list(passkey.transports),
        "created_at": instant(passkey.created_at),
        "used_at": None if passkey.used_at is None else instant(passkey.used_at),
    }


def passkey_from(item: Item, sealer: Sealer) -> Passkey:
    called = sealer.open(items.place((item["pk"], item["sk"]), "called"), item["called"])
    created = must(moment(item["created_at"]))
    kept = (item["public_key"], item["uses"], item["synced"], tuple(item["transports"]))
    return Passkey(item["id"], called, *kept, created, moment(item.get("used_at")))


def authenticator_item(member: MemberId, name: str, authenticator: Authenticator, sealer: Sealer) -> Item:
    pk, sk = ring_key(member, name)
    return {
        "pk": pk,
        "sk": sk,
        "secret": sealer.seal(items.place((pk, sk), "secret"), authenticator.secret),
        "last_step": authenticator.step,
        "created_at": instant(authenticator.created_at),
        "used_at": None if authenticator.used_at is None else instant(authenticator.used_at),
        "ttl": instant(authenticator.created_at + LINGER) if name == WAITING else None,
    }


def authenticator_from(item: Item, sealer: Sealer) -> Authenticator:
    secret = sealer.open(items.place((item["pk"], item["sk"]), "secret"), item["secret"])
    return Authenticator(secret, must(moment(item["created_at"])), item["last_step"], moment(item.get("used_at")))


def recovery_from(item: Item) -> Recovery:
    return Recovery(frozenset(item.get("unused", ())), must(moment(item["created_at"])))


def password_item(address: str, password: Password, sealer: Sealer) -> Item:
    """Write a password's hash beside the address it goes with."""
    place = items.place((address, "PASSWORD"), "hash")
    return {"pk": address, "sk": "PASSWORD", "hash": sealer.seal(place, password.hash), "created_at": instant(password.created_at)}


def password_from(item: Item, sealer: Sealer) -> Password:
    place = items.place((item["pk"], item["sk"]), "hash")
    return Password(sealer.open(place, item["hash"]), must(moment(item["created_at"])))


def keyring_from(found: dict[str, Item], sealer: Sealer) -> Keyring:
    """Read a keyring from its items, by sort key."""
    password, link, recovery = found.get("PASSWORD"), found.get("PSC"), found.get("RECOVERY")
    apps = {name: authenticator_from(found[name], sealer) for name in ("AUTHENTICATOR", WAITING.upper()) if name in found}
    return Keyring(
        tuple(passkey_from(item, sealer) for name, item in found.items() if name.startswith("PASSKEY#")),
        None if password is None else Password("", must(moment(password["created_at"]))),
        apps.get("AUTHENTICATOR"),
        apps.get(WAITING.upper()),
        None if recovery is None else recovery_from(recovery),
        None if link is None else link_from(link, sealer),
    )


def door_item(door: Door | None) -> Item:
    if door is None:
        return {"known": False}
    return {"known": True, "member": door.member, "transfer": door.transfer, "recipient": door.recipient, "turn": door.turn}


def door_from(item: Item) -> Door:
    member, transfer, recipient = item.get("member"), item.get("transfer"), item.get("recipient")
    return Door(
        MemberId(member) if member else None,
        TransferId(transfer) if transfer else None,
        RecipientId(recipient) if recipient else None,
        item.get("turn", 0),
    )


def session_item(session: Session, sealer: Sealer) -> Item:
    pk, sk = session_key(SessionName(session.key, session.door.member))
    sealed = None if session.id_token is None else sealer.seal(items.place((pk, sk), "id_token"), session.id_token)
    return {
        "pk": pk,
        "sk": sk,
        "key": session.key,
        **door_item(session.door),
        "proofs": {str(one.means): instant(one.at) for one in session.proofs},
        "ip": session.ip,
        "id_token": sealed,
        "lasting": session.lasting or None,
        "browser": str(session.device.browser),
        "system": str(session.device.system),
        "created_at": instant(session.created_at),
        "seen_at": instant(session.seen_at),
        "expires_at": instant(session.expires_at),
        "ttl": instant(session.expires_at + LINGER),
    }


def session_from(item: Item, sealer: Sealer | None = None) -> Session:
    """Read a session; the token of Pro Santé Connect only where a sealer is at hand."""
    place = items.place((item["pk"], item["sk"]), "id_token")
    id_token = None if sealer is None or "id_token" not in item else sealer.open(place, item["id_token"])
    created, seen, ends = (must(moment(item[name])) for name in ("created_at", "seen_at", "expires_at"))
    proofs = sorted((Proof(Means(means), must(moment(at))) for means, at in item["proofs"].items()), key=lambda proof: proof.at)
    device = Device(Browser(item["browser"]), System(item["system"]))
    said = (item.get("ip"), device, id_token, item.get("lasting", False))
    return Session(SessionKey(item["key"]), door_from(item), created, seen, ends, tuple(proofs), *said)


def review_item(review: Review) -> Item:
    """Write when the rights were reviewed, due again a year later in the index by hour."""
    pk, sk = REVIEW
    return {"pk": pk, "sk": sk, "at": instant(review.at), "by": review.by, **items.due(review.at + REVIEW_EVERY)}


def throttle_from(scope: str, item: Item) -> Throttle:
    return Throttle(scope, item["failures"], moment(item["next_at"]))


def acceptance_item(acceptance: Acceptance, sealer: Sealer) -> Item:
    pk, sk = ACCEPTANCE
    sealed = {name: sealer.seal(items.place((pk, sk), name), getattr(acceptance, name)) for name in ("name", "reason")}
    return {"pk": pk, "sk": sk, "by": acceptance.by, "at": instant(acceptance.at), **sealed}


def acceptance_from(item: Item, sealer: Sealer) -> Acceptance:
    name, why = (sealer.open(items.place((item["pk"], item["sk"]), field), item[field]) for field in ("name", "reason"))
    return Acceptance(MemberId(item["by"]), name, must(moment(item["at"])), why)
