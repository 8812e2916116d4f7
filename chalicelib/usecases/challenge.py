"""The steps every one-time code goes through, whoever asked for it. Not a use case of its own: both sign-ins are made of these."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Conflict, TooMany
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.limits import ANYWHERE, CODES_PER_ADDRESS, CODES_PER_IP_WINDOW, TRIES_PER_ADDRESS, TRIES_PER_IP_WINDOW, Limit
from chalicelib.domain.login import Challenge, Channel, Door
from chalicelib.usecases.ports import Ports

TOKEN_BYTES = 32  # 256 bits, R25


def limit_asking(address: str, ip: str, ports: Ports) -> None:
    """Count one asking for a code, per address from this IP, per address from anywhere, and per IP; raise `TooMany`."""
    anywhere, here = ports.secrets.scope("codes", address), ports.secrets.scope("codes", f"{address} {ip}")
    limits = [Limit(f"code#{most}#{here}", most, window) for most, window in CODES_PER_ADDRESS]
    limits += [Limit(f"code#all#{most}#{anywhere}", most * ANYWHERE, window) for most, window in CODES_PER_ADDRESS]
    by_ip = Limit(f"code#ip#{ports.secrets.scope('ip', ip)}", ports.clinic.codes_per_ip, CODES_PER_IP_WINDOW)
    _take([*limits, by_ip], ports)


@dataclass(frozen=True, slots=True)
class EnterCode:
    """A browser shows the code, with the secret of its challenge cookie."""

    code: str = field(repr=False)
    challenge_token: str | None = field(repr=False)
    ip: str


def begin(address: str, door: Door | None, channel: Channel, ip: str, ports: Ports) -> str:
    """Keep a challenge and push its code to the queue; give the token for the browser's cookie.

    `address` is whatever asks again and again: a canonical e-mail address, or a recipient's id and turn.
    """
    token = ports.random.bytes(TOKEN_BYTES).hex()
    scope = ports.secrets.scope("tries", address)
    challenge = Challenge(ChallengeKey(digest(token)), door, scope, channel, ports.clock.now() + login.CODE_LIFETIME)
    who = door or Door()
    event = ports.event(Tag.CODE_ASKED, member=who.member, transfer=who.transfer, recipient=who.recipient, ip=ip)
    ports.challenges.add(challenge, event)
    ports.queue.push_code(challenge.key)
    return token


def spend(command: EnterCode, ports: Ports) -> Door:
    """Count the try first, then compare, then use the challenge up; give what it opens.

    Raise `Conflict` with wrong_code while tries are left, code_spent for anything that another code must replace, or `TooMany`.
    """
    challenge = _take_try(command, ports)
    right = hmac.compare_digest(ports.secrets.login_code(challenge.key).encode(), command.code.encode())
    if not right or challenge.door is None:
        _record_failure(challenge, command.ip, ports)
        raise Conflict("wrong_code" if challenge.tries < login.CODE_TRIES else "code_spent", "code")
    if not ports.challenges.consume(challenge.key):
        raise Conflict("code_spent", "code")
    return challenge.door


def _take_try(command: EnterCode, ports: Ports) -> Challenge:
    if command.challenge_token is None:
        raise Conflict("code_spent", "code")
    by_ip = Limit(f"try#ip#{ports.secrets.scope('ip', command.ip)}", ports.clinic.codes_per_ip * login.CODE_TRIES, TRIES_PER_IP_WINDOW)
    _take([by_ip], ports)
    challenge = ports.challenges.take_try(ChallengeKey(digest(command.challenge_token)), ports.clock.now())
    if challenge is None:
        raise Conflict("code_spent", "code")
    _take([Limit(f"try#{challenge.scope}#{ports.secrets.scope('ip', command.ip)}", *TRIES_PER_ADDRESS)], ports)
    return challenge


def _record_failure(challenge: Challenge, ip: str, ports: Ports) -> None:
    door = challenge.door or Door()
    ports.audit.record(ports.event(Tag.CODE_FAILED, member=door.member, transfer=door.transfer, recipient=door.recipient, ip=ip))


def _take(limits: list[Limit], ports: Ports) -> None:
    wait = ports.limits.take(limits, ports.clock.now())
    if wait is not None:
        raise TooMany(wait)


def digest(token: str) -> str:
    """Give the SHA-256 of a token in hex: all that the table may know of it."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
