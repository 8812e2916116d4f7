"""Means of signing in, what each proves, and what a member keeps to prove it with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

PASSKEYS_MOST = 10
RECOVERY_CODES = 10
RECOVERY_BYTES = 7  # random bytes of one recovery code: ten characters of base32, 50 bits (requirement R24, with limits on tries)
SETTING_UP = timedelta(minutes=10)  # how long an authenticator secret waits to be confirmed
WAITING = "app_waiting"  # what such a one is called among the things of a keyring
STRONG = 2  # two factors of different kinds (R15)


class Means(StrEnum):
    """How somebody showed who they are. `INVITATION` is the link of an invitation, `PSC` Pro Santé Connect.

    `PHRASE` is what a sender told a recipient by voice: no member ever uses it.
    """

    EMAIL = "email"
    INVITATION = "invitation"
    SMS = "sms"
    PASSWORD = "password"  # noqa: S105 - the name of a means
    AUTHENTICATOR = "authenticator"
    RECOVERY = "recovery"
    PASSKEY = "passkey"
    PSC = "psc"
    PHRASE = "phrase"


KNOWN = frozenset({Means.PASSWORD, Means.PASSKEY, Means.PSC})  # a passkey with user verification, and e-CPS, are both kinds in one gesture
HELD = frozenset({Means.SMS, Means.AUTHENTICATOR, Means.RECOVERY, Means.PASSKEY, Means.PSC})
BOUND = frozenset({Means.PASSKEY, Means.PSC})  # cannot be given away to a false page (R28)
ASKED = (Means.PASSKEY, Means.PSC, Means.PASSWORD, Means.AUTHENTICATOR, Means.SMS, Means.RECOVERY)  # in the order a page offers them


def level(means: Iterable[Means]) -> int:
    """Give the level some proofs reach together: 2 for something known and something held, 1 for less, 0 for none.

    A mailbox proves an address only: it never counts as something held (R17).
    """
    shown = frozenset(means)
    return STRONG if shown & KNOWN and shown & HELD else min(len(shown), 1)


@dataclass(frozen=True, slots=True)
class Proof:
    """One means shown at one instant."""

    means: Means
    at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey: its credential id (base64url), the name its owner gave it, its COSE public key, its last counter."""

    id: str
    name: str = field(repr=False)
    public_key: bytes = field(repr=False)
    count: int
    synced: bool
    transports: tuple[str, ...]
    created_at: datetime
    used_at: datetime | None = None

    def is_copy(self, count: int) -> bool:
        """Tell whether a counter did not go on: two devices hold this key. Passkeys that are synced do not count (both zero)."""
        return (count, self.count) != (0, 0) and count <= self.count


@dataclass(frozen=True, slots=True)
class Password:
    """A password, as its Argon2id hash."""

    hash: str = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An authenticator app: its secret, and the last time step whose code was used."""

    secret: str = field(repr=False)
    created_at: datetime
    step: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """Recovery codes that are left, as keyed digests."""

    left: frozenset[str] = field(repr=False)
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where a professional practises, as Pro Santé Connect said when they last came."""

    id: str = field(repr=False)
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Link:
    """An account of Pro Santé Connect; `subject` is the keyed digest of its SubjectNameID, `place` the workplace that was chosen."""

    subject: str = field(repr=False)
    created_at: datetime
    places: tuple[Workplace, ...] = field(default=(), repr=False)
    place: str | None = field(default=None, repr=False)


Factor = Passkey | Password | Authenticator | Recovery | Link


@dataclass(frozen=True, slots=True)
class Keyring:
    """All that a member has set up. `waiting` is an authenticator that no code has confirmed yet."""

    passkeys: tuple[Passkey, ...] = ()
    password: Password | None = None
    authenticator: Authenticator | None = None
    waiting: Authenticator | None = None
    recovery: Recovery | None = None
    psc: Link | None = None

    def items(self) -> tuple[str, ...]:
        """Name each thing in it: what must go when all is forgotten."""
        kinds = (self.password, self.authenticator, self.recovery, self.psc, self.waiting)
        names = (Means.PASSWORD, Means.AUTHENTICATOR, Means.RECOVERY, Means.PSC, WAITING)
        kept = [str(name) for name, one in zip(names, kinds, strict=True) if one is not None]
        return (*kept, *(f"{Means.PASSKEY}#{one.id}" for one in self.passkeys))

    def means(self) -> frozenset[Means]:
        """List the means that can be used."""
        held = {
            Means.PASSKEY: self.passkeys,
            Means.PASSWORD: self.password,
            Means.AUTHENTICATOR: self.authenticator,
            Means.RECOVERY: self.recovery and self.recovery.left,
            Means.PSC: self.psc,
        }
        return frozenset(means for means, one in held.items() if one)
