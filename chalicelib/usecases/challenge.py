"""The steps every one-time code goes through, whoever asked for it. Not a use case of its own: both sign-ins are made of these."""

from collections.abc import Sequence
from hashlib import sha256

from chalicelib.domain import login
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import TooMany
from chalicelib.domain.ids import ChallengeKey
from chalicelib.domain.limits import ANYWHERE, CODES_PER_ADDRESS, CODES_PER_IP_WINDOW, TEXTS_OF_STRANGERS, TRIES_PER_ADDRESS, Limit
from chalicelib.domain.login import Challenge, Channel, Door, Purpose
from chalicelib.usecases.ports import Ports

TOKEN_BYTES = 32  # 256 bits, R25
VISITS = 100  # times as many as codes: a hospital is one address, and a passkey costs nobody a message


def limit_asking(address: str, ip: str, ports: Ports, trusted: str | None = None, more: Sequence[Limit] = ()) -> None:
    """Count one asking for a code, per address from this IP, per address from anywhere, and per IP; raise `TooMany`.

    Whoever is `trusted` by this name is counted by themselves: no stranger can use their askings up.
    """
    here = ports.secrets.scope("codes", f"{address} {trusted or ip}")
    limits = [*more, *(Limit(f"code#{most}#{here}", most, window) for most, window in CODES_PER_ADDRESS)]
    if trusted is None:
        anywhere = ports.secrets.scope("codes", address)
        limits += [Limit(f"code#all#{most}#{anywhere}", most * ANYWHERE, window) for most, window in CODES_PER_ADDRESS]
        limits += [Limit(f"code#ip#{ports.secrets.scope('ip', ip)}", ports.clinic.codes_per_ip, CODES_PER_IP_WINDOW)]
    take(limits, ports)


def texts_of_strangers(address: str, ports: Ports) -> Limit:
    """Bound the text messages that strangers have sent to one address: some must be left for whoever it belongs to."""
    return Limit(f"code#sms#{ports.secrets.scope('codes', address)}", *TEXTS_OF_STRANGERS)


def visits_per_ip(ip: str, ports: Ports) -> Limit:
    """Bound what an address of the network may begin that sends nothing to anybody."""
    return Limit(f"visit#ip#{ports.secrets.scope('ip', ip)}", ports.clinic.codes_per_ip * VISITS, CODES_PER_IP_WINDOW)


def begin(address: str, door: Door | None, channel: Channel, ip: str, ports: Ports) -> str:
    """Keep a challenge and push its code to the queue; give the token for the browser's cookie.

    `address` is whatever asks again and again: a canonical e-mail address, or a recipient's id and turn.
    """
    token, until = ports.random.bytes(TOKEN_BYTES).hex(), ports.clock.now() + login.CODE_LIFETIME
    key = _keep(Challenge(ChallengeKey(digest(token)), door, _tries(address, ports), channel, until), ip, ports)
    ports.queue.push_code(key)
    return token


def begin_phrase(address: str, door: Door, ip: str, ports: Ports) -> str:
    """Keep a challenge that a phrase answers, told by voice: nothing is sent. Give the token for the browser's cookie."""
    token, until = ports.random.bytes(TOKEN_BYTES).hex(), ports.clock.now() + login.PHRASE_LIFETIME
    key, scope = ChallengeKey(digest(token)), _tries(address, ports)
    _keep(Challenge(key, door, scope, Channel.EMAIL, until, purpose=Purpose.PHRASE), ip, ports)
    return token


def _tries(address: str, ports: Ports) -> str:
    return ports.secrets.scope("tries", address)


def _keep(challenge: Challenge, ip: str, ports: Ports) -> ChallengeKey:
    who = challenge.door or Door()
    event = ports.event(Tag.CODE_ASKED, member=who.member, transfer=who.transfer, recipient=who.recipient, ip=ip)
    ports.challenges.add(challenge, event)
    return challenge.key


def begin_with(purpose: Purpose, door: Door | None, ip: str, ports: Ports) -> tuple[str, ChallengeKey]:
    """Keep a challenge that no code is sent for; give the token for the browser's cookie, and its key. Raise `TooMany`."""
    take([visits_per_ip(ip, ports)], ports)
    token = ports.random.bytes(TOKEN_BYTES).hex()
    key = ChallengeKey(digest(token))
    until = ports.clock.now() + login.CODE_LIFETIME
    ports.challenges.add(Challenge(key, door, "", Channel.EMAIL, until, purpose=purpose), None)
    return token, key


def per_address(challenge: Challenge, ip: str, ports: Ports) -> Limit:
    """Bound the guesses at codes of one address that come from one address of the network."""
    return Limit(f"try#{challenge.scope}#{ports.secrets.scope('ip', ip)}", *TRIES_PER_ADDRESS)


def take(limits: list[Limit], ports: Ports) -> None:
    """Count against all of these, or raise `TooMany`."""
    wait = ports.limits.take(limits, ports.clock.now())
    if wait is not None:
        raise TooMany(wait)


def digest(token: str) -> str:
    """Give the SHA-256 of a token in hex: all that the table may know of it."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
