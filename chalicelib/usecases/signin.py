"""Sign in: show one proof after another until there are enough. Known and unknown addresses walk the same way, call for call."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, Forbidden, Unauthenticated
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import MemberId, is_id
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Channel, Door, Purpose, Session, SignedIn
from chalicelib.domain.member import Member
from chalicelib.domain.notice import Kind
from chalicelib.domain.throttle import Throttle
from chalicelib.usecases import challenge, earning
from chalicelib.usecases.earning import Browser, Earned
from chalicelib.usecases.people import Found, Used, Wanted
from chalicelib.usecases.ports import Ports

GUESSES = (200, timedelta(hours=24))  # at a second proof, whatever the devices: who guesses has shown a first one
CODE_MEANS = {Channel.EMAIL: Means.EMAIL, Channel.SMS: Means.SMS}


@dataclass(frozen=True, slots=True)
class AskCode:
    """An address asks for a code. `email` is canonical."""

    email: str = field(repr=False)
    by: Channel
    browser: Browser


@dataclass(frozen=True, slots=True)
class Passkeys:
    """What a browser needs to show a passkey, and the token for its challenge cookie."""

    options: Mapping[str, Any]
    token: str = field(repr=False)


def ask_code(command: AskCode, ports: Ports) -> str:
    """Begin a challenge and have its code sent; give the token for the browser's cookie. Raise `TooMany`."""
    _require_other_ways(ports)
    browser = command.browser
    found = ports.signins.find(Wanted(session=earning.session_name(browser.session), email=command.email))
    trusted = _trusted(found, browser, ports)
    texts = [challenge.texts_of_strangers(command.email, ports)] if trusted is None and command.by is Channel.SMS else []
    challenge.limit_asking(command.email, browser.ip, ports, trusted, texts)
    return challenge.begin(command.email, found.door, command.by, browser.ip, ports)


def _trusted(found: Found, browser: Browser, ports: Ports) -> str | None:
    """Name by what somebody is told from a stranger: a device that is known, or a proof shown before; None for a stranger."""
    if found.door is None:
        return None
    device = earning.device_of(browser.known, found.door.member, ports)
    if device is not None:
        return device
    session = found.session
    return "half" if session is not None and session.door == found.door and session.alive(ports.clock.now()) else None


def show_code(code: str, browser: Browser, ports: Ports) -> Earned:
    """Trade a code for a session. Raise `Conflict` (wrong_code, code_spent) or `TooMany`."""
    found = ports.signins.find(Wanted(session=earning.session_name(browser.session), challenge=browser.challenge_key))
    tried = _tried(found, Purpose.CODE, ports)
    member = None if tried.door is None else tried.door.member
    known = earning.device_of(browser.known, member, ports) is not None  # what it asked for has been counted by itself
    limits = [] if known else [earning.per_ip(browser.ip, ports), challenge.per_address(tried, browser.ip, ports)]
    earning.count(tried, limits, ports)
    means, door = CODE_MEANS[tried.channel if tried.sent_at else Channel.EMAIL], tried.door  # which way it went is known once it is sent
    right = hmac.compare_digest(ports.secrets.login_code(tried.key).encode(), code.encode())
    if not right or door is None or door.member is None:
        earning.record_failure(door, means, browser.ip, ports)
        raise Conflict(tried.refusal, "code")
    return earning.earn(door, means, Used(challenge=tried.key), browser, found.session, ports)


def show_password(email: str, password: str, browser: Browser, ports: Ports) -> Earned:
    """Trade a password for a session. Raise `Conflict("wrong_password")`, `TooMany`, or `Forbidden("signin_locked")`."""
    _require_other_ways(ports)
    scopes = _scopes(Means.PASSWORD, email, browser, ports)
    found = ports.signins.find(Wanted(session=earning.session_name(browser.session), email=email, throttles=scopes))
    door = found.door
    throttle = _count_guess(scopes, found, None if door is None else door.member, browser, ports)
    right = ports.passwords.matches(password, None if found.password is None else found.password.hash)
    if not right or door is None or found.password is None:
        earning.record_failure(door, Means.PASSWORD, browser.ip, ports, throttle)
        raise Conflict("wrong_password", "password")
    used = Used(password=(email, found.password), throttles=(throttle.scope,))
    return earning.earn(door, Means.PASSWORD, used, browser, found.session, ports)


def show_authenticator(code: str, browser: Browser, ports: Ports) -> Earned:
    """Add the code of an authenticator app to a session; a time step serves once. Raise as `show_password`, with wrong_code."""
    session, found, throttle = _guess_code(Means.AUTHENTICATOR, browser, ports)
    kept = found.authenticator
    step = None if kept is None else ports.authenticators.step(kept.secret, code, ports.clock.now())
    if kept is None or step is None or step <= kept.step:
        earning.record_failure(session.door, Means.AUTHENTICATOR, browser.ip, ports, throttle)
        raise Conflict("wrong_code", "code")
    used = Used(authenticator=replace(kept, step=step, used_at=ports.clock.now()), throttles=(throttle.scope,))
    return earning.earn(session.door, Means.AUTHENTICATOR, used, browser, session, ports)


def show_recovery(code: str, browser: Browser, ports: Ports) -> Earned:
    """Add a recovery code to a session; each serves once. Raise as `show_authenticator`."""
    session, found, throttle = _guess_code(Means.RECOVERY, browser, ports)
    mark = earning.recovery_mark(str(session.door.member), code, ports)
    if found.recovery is None or mark not in found.recovery.left:
        earning.record_failure(session.door, Means.RECOVERY, browser.ip, ports, throttle)
        raise Conflict("wrong_code", "code")
    used = Used(recovery=mark, last_recovery=found.recovery.left == {mark}, throttles=(throttle.scope,))
    return earning.earn(session.door, Means.RECOVERY, used, browser, session, ports)


def ask_passkey(ip: str, ports: Ports) -> Passkeys:
    """Begin a challenge that any passkey of this clinic may answer. Raise `TooMany`."""
    _require_other_ways(ports)
    token, key = challenge.begin_with(Purpose.PASSKEY, None, ip, ports)
    return Passkeys(ports.passkeys.assertion(ports.secrets.challenge("passkey", key)), token)


def show_passkey(answer: Mapping[str, Any], browser: Browser, ports: Ports) -> Earned:
    """Trade a passkey for a session.

    Raise `Invalid("bad_passkey")`, `Unauthenticated("passkey_refused")`, `Conflict("passkey_cloned")` when its counter did not
    go on (its owner is told), `Conflict("code_spent")` when the challenge is over, or `TooMany`.
    """
    credential, handle = ports.passkeys.claimed(answer)
    member = MemberId(handle) if handle is not None and is_id(handle) else None
    name = earning.session_name(browser.session)
    wanted = Wanted(session=name, challenge=browser.gesture_key, member=member, passkey=credential if member else None)
    found = ports.signins.find(wanted)
    tried = _tried(found, Purpose.PASSKEY, ports)
    earning.count(tried, [], ports)  # nobody guesses a signature
    if found.member is None or found.passkey is None:
        raise Unauthenticated("passkey_refused")
    door = Door(member=found.member.id, turn=found.member.turn)
    count = ports.passkeys.asserted(answer, ports.secrets.challenge("passkey", tried.key), found.passkey)
    if found.passkey.is_copy(count):
        earning.warn(Kind.PASSKEY_COPIED, found.member.id, ports.event(Tag.PASSKEY_COPIED, member=found.member.id, ip=browser.ip), ports)
        raise Conflict("passkey_cloned")
    now = replace(found.passkey, count=count, used_at=ports.clock.now())
    used = Used(challenge=tried.key, passkey=(found.passkey, now))
    return earning.earn(door, Means.PASSKEY, used, browser, found.session, ports)


def whose(token: str | None, ports: Ports, known: str | None = None) -> SignedIn:
    """Read a member's session, half or whole; raise `Unauthenticated`. One call; two once in five minutes.

    `known` is by what the device is known that it comes from.
    """
    found = ports.signins.signed_in(earning.require_name(token))
    if found is None:
        raise Unauthenticated("signin_required")
    now = ports.clock.now()
    found.session.require_alive(now)
    touched = found.session.touched(now)
    if touched is not None:
        ports.sessions.touch(touched)
    return replace(found, psc_wanted=ports.clinic.psc_wanted, known=known)


def sign_out(session: Session, ports: Ports) -> None:
    """End a session for good."""
    ports.sessions.remove(session, ports.event(Tag.SIGNED_OUT, member=session.door.member))


def _require_other_ways(ports: Ports) -> None:
    """Raise `Forbidden("psc_required")` where the clinic lets nobody in without Pro Santé Connect."""
    if ports.clinic.psc_wanted:
        raise Forbidden("psc_required")


def _tried(found: Found, purpose: Purpose, ports: Ports) -> Challenge:
    if found.challenge is None:
        raise Conflict("code_spent", "code")
    return found.challenge.tried(purpose, ports.clock.now())


def _scopes(what: Means, account: str, browser: Browser, ports: Ports) -> tuple[str, ...]:
    """Name the counters a guess may be counted on: of all strangers together, and of this device, should it be known."""
    strangers = earning.scope(what, account, ports)
    return (strangers, *(f"{strangers}#{device}" for device in earning.devices(browser.known)))


def _count_guess(
    scopes: tuple[str, ...], found: Found, member: MemberId | None, browser: Browser, ports: Ports, *limits: Limit
) -> Throttle:
    """Count a guess on the counter of a known device, or on the strangers', before it is looked at."""
    device = earning.device_of(browser.known, member, ports)
    scope = scopes[0] if device is None else f"{scopes[0]}#{device}"
    throttle = found.throttles.get(scope, Throttle(scope))
    throttle.require_open(ports.clock.now())
    counted = throttle.counted(ports.clock.now())
    earning.count(counted, [*limits] if device is not None else [earning.per_ip(browser.ip, ports), *limits], ports)
    return counted


def _guess_code(what: Means, browser: Browser, ports: Ports) -> tuple[Session, Found, Throttle]:
    """Read what a second proof needs, and count the guess. Raise `Unauthenticated` without a session to add it to."""
    name = earning.require_name(browser.session)
    scopes = _scopes(what, str(name.member), browser, ports)
    found = ports.signins.find(Wanted(session=name, member=name.member, codes=True, throttles=scopes))
    session, member = found.session, found.member
    if session is None or member is None or not _holds(session, member):
        raise Unauthenticated("signin_required")
    session.require_alive(ports.clock.now())
    all_devices = Limit(f"guess#{scopes[0]}", *GUESSES)
    return session, found, _count_guess(scopes, found, member.id, browser, ports, all_devices)


def _holds(session: Session, member: Member) -> bool:
    return session.door == Door(member=member.id, turn=member.turn)
