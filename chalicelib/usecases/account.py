"""A member's own account: what they sign in with, where they are signed in, what is kept of them.

Everything that sets up or drops a means begins another turn of the member: every other session, code and challenge ends at once.
"""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.domain import factor
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, NotFound
from chalicelib.domain.factor import Authenticator, Keyring, Means, Passkey, Password, Recovery
from chalicelib.domain.login import Session, SignedIn
from chalicelib.domain.member import Member
from chalicelib.domain.person import Language
from chalicelib.usecases import changing, earning
from chalicelib.usecases.earning import Earned
from chalicelib.usecases.people import Change, Changed
from chalicelib.usecases.ports import Ports

SECRET_BYTES = 20  # RFC 4226 section 4


@dataclass(frozen=True, slots=True)
class Overview:
    """What a member sees of their account."""

    member: Member
    keyring: Keyring
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """An authenticator app to set up: shown once."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr: str = field(repr=False)


def overview(who: SignedIn, ports: Ports) -> Overview:
    """Read the means and the living sessions: two calls, and the session's."""
    now = ports.clock.now()
    living = tuple(one for one in ports.sessions.of(who.member.id) if one.door == who.session.door and one.alive(now))
    return Overview(who.member, ports.members.keyring(who.member.id), living)


def ask_passkey(who: SignedIn, ports: Ports) -> Mapping[str, Any]:
    """Write what the browser needs to make a passkey; the challenge is this very session's."""
    who.require_able(Means.PASSKEY, ports.clock.now())
    known = [one.id for one in ports.members.keyring(who.member.id).passkeys]
    person = who.member.person
    return ports.passkeys.registration(_challenge(who, ports), who.member.id, person.email, person.name, known)


def add_passkey(who: SignedIn, name: str, answer: Mapping[str, Any], ports: Ports) -> tuple[str, Earned]:
    """Keep a new passkey; give its id. Raise `Invalid("bad_passkey")`, `Conflict` (passkey_known, too_many_passkeys) or `Forbidden`."""
    who.require_fresh(ports.clock.now())
    made = ports.passkeys.registered(answer, _challenge(who, ports))
    kept = ports.members.keyring(who.member.id).passkeys
    if made.id in [one.id for one in kept]:
        raise Conflict("passkey_known")
    if len(kept) >= factor.PASSKEYS_MOST:
        raise Conflict("too_many_passkeys")
    passkey = Passkey(made.id, name, made.public_key, made.count, made.synced, made.transports, ports.clock.now())
    return made.id, changing.set_up(who, Means.PASSKEY, passkey, ports)


def drop_passkey(who: SignedIn, passkey: str, ports: Ports) -> Earned:
    """Forget a passkey; raise `NotFound`, `Conflict("means_needed")` or `Forbidden`."""
    who.require_fresh(ports.clock.now())
    kept = [one.id for one in ports.members.keyring(who.member.id).passkeys]
    if passkey not in kept:
        raise NotFound
    return changing.drop(who, Means.PASSKEY, f"{Means.PASSKEY}#{passkey}", ports, last=len(kept) == 1)


def set_password(who: SignedIn, password: str, ports: Ports) -> Earned:
    """Keep a password, in place of the one before; raise `Invalid("weak_password")` or `Forbidden`."""
    who.require_fresh(ports.clock.now())
    person = who.member.person
    ports.passwords.check(password, [person.name, person.email, ports.clinic.name])
    return changing.set_up(who, Means.PASSWORD, Password(ports.passwords.hash(password), ports.clock.now()), ports)


def ask_authenticator(who: SignedIn, ports: Ports) -> Waiting:
    """Make the secret of an authenticator app; it takes effect when a code confirms it, within ten minutes."""
    who.require_fresh(ports.clock.now())
    secret = ports.authenticators.secret(ports.random.bytes(SECRET_BYTES))
    if not ports.members.wait(who.member, Authenticator(secret, ports.clock.now())):
        raise Conflict("changed_meanwhile")
    address = who.member.person.email
    return Waiting(secret, ports.authenticators.uri(secret, address), ports.authenticators.qr(secret, address))


def confirm_authenticator(who: SignedIn, code: str, ports: Ports) -> Earned:
    """Keep the app whose code this is; raise `Conflict("wrong_code")`, `Conflict("code_spent")` when it waited too long, or `Forbidden`."""
    now = ports.clock.now()
    who.require_fresh(now)
    waiting = ports.members.keyring(who.member.id).waiting
    if waiting is None or now - waiting.created_at >= factor.SETTING_UP:
        raise Conflict("code_spent", "code")
    step = ports.authenticators.step(waiting.secret, code, now)
    if step is None:
        raise Conflict("wrong_code", "code")
    return changing.set_up(who, Means.AUTHENTICATOR, Authenticator(waiting.secret, now, step, now), ports)


def drop(who: SignedIn, means: Means, ports: Ports) -> Earned:
    """Forget the password, the authenticator app or Pro Santé Connect; raise `NotFound`, `Conflict("means_needed")` or `Forbidden`."""
    who.require_fresh(ports.clock.now())
    if means not in who.member.means:
        raise NotFound
    psc = ports.members.keyring(who.member.id).psc if means is Means.PSC else None
    return changing.drop(who, means, means, ports, last=True, unlink=None if psc is None else psc.subject)


def new_recovery(who: SignedIn, ports: Ports) -> tuple[tuple[str, ...], Earned]:
    """Make ten recovery codes in place of those of before; they are shown this once. Raise `Conflict("means_needed")` or `Forbidden`."""
    who.require_fresh(ports.clock.now())
    if Means.PASSWORD not in who.member.means:
        raise Conflict("means_needed")  # they stand in for the second proof beside a password: alone they would open nothing
    codes = tuple(_recovery_code(ports.random.bytes(factor.RECOVERY_BYTES)) for _ in range(factor.RECOVERY_CODES))
    marks = frozenset(earning.recovery_mark(who.member.id, code, ports) for code in codes)
    return codes, changing.set_up(who, Means.RECOVERY, Recovery(marks, ports.clock.now()), ports)


def end_session(who: SignedIn, key: str, ports: Ports) -> None:
    """End one session of one's own; raise `NotFound`."""
    found = next((one for one in ports.sessions.of(who.member.id) if one.key == key), None)
    if found is None:
        raise NotFound
    ports.sessions.remove(found, ports.event(Tag.SIGNED_OUT, member=who.member.id, reason="elsewhere"))


def end_sessions(who: SignedIn, ports: Ports) -> None:
    """Sign out everywhere, here too: another turn, and nothing goes on."""
    event = ports.event(Tag.SIGNED_OUT, member=who.member.id, reason="everywhere")
    if ports.members.change(Change(who.member, who.member.turned(), event)) is not Changed.KEPT:
        raise Conflict("changed_meanwhile")


def speak(who: SignedIn, language: Language, ports: Ports) -> None:
    """Keep the language one is written to in; raise `Conflict("changed_meanwhile")`."""
    if not ports.members.speak(replace(who.member, person=replace(who.member.person, language=language))):
        raise Conflict("changed_meanwhile")


def export(who: SignedIn, ports: Ports) -> Overview:
    """Give all that is kept of oneself, and keep that it was given; raise `Forbidden`."""
    who.require_fresh(ports.clock.now())
    seen = overview(who, ports)
    ports.audit.record(ports.event(Tag.DATA_EXPORTED, member=who.member.id))
    return seen


def erase(who: SignedIn, ports: Ports) -> None:
    """Be forgotten: name, addresses, means and sessions. What was sent lives until its promised end.

    Raise `Conflict("last_administrator")` or `Forbidden`.
    """
    who.require_fresh(ports.clock.now())
    changing.require_another(who.member, who.acceptance, ports)
    changed = ports.members.erase(who.member, ports.event(Tag.MEMBER_DELETED, member=who.member.id, subject=who.member.id))
    if changed is not Changed.KEPT:
        raise Conflict("last_administrator" if changed is Changed.LAST else "changed_meanwhile")


def _recovery_code(random: bytes) -> str:
    """Write a code as two groups of five: no digit or letter that looks like another."""
    text = b32encode(random).decode().lower()[:10]
    return f"{text[:5]}-{text[5:]}"


def _challenge(who: SignedIn, ports: Ports) -> bytes:
    return ports.secrets.challenge("new passkey", who.session.key)
