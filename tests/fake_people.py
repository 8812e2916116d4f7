"""Fakes of what DynamoDB keeps of members, their means, sessions and throttles, on the same memory as the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event
from chalicelib.domain.errors import Invalid
from chalicelib.domain.factor import WAITING, Authenticator, Factor, Keyring, Link, Means, Passkey, Password, Recovery
from chalicelib.domain.ids import MemberId, RecipientId, SessionKey
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Door, Session, SignedIn
from chalicelib.domain.member import REVIEW_EVERY, Member, Role, Standing
from chalicelib.domain.notice import Notice
from chalicelib.domain.recipient import OPENERS_MOST, Opener
from chalicelib.domain.throttle import A_MOMENT, Throttle
from chalicelib.domain.usage import Usage
from chalicelib.usecases.people import Change, Changed, Found, Review, SessionName, Used, Wanted
from chalicelib.usecases.tables import Due
from tests.fake_database import Kept, Memory, alone
from tests.fake_logins import FakeLimits

SLOTS = {Password: "password", Authenticator: "authenticator", Recovery: "recovery", Link: "psc"}


def at(memory: Memory, email: str) -> Member | None:
    """Find who has an address."""
    return next((one for one in memory.members.values() if one.person.email == email), None)


def _acts(member: Member) -> bool:
    return member.role is Role.ADMINISTRATOR and member.active


class FakeMembers(Kept):
    """The people of the clinic."""

    @alone
    def add(self, member: Member, event: Event, notice: Notice | None) -> bool:
        if at(self.memory, member.person.email) is not None:
            return False
        self.memory.members[member.id] = member
        self.memory.events.append(event)
        if _acts(member):
            self.memory.administrators.add(member.id)
        if notice is not None:
            self.memory.owe(notice, event.at)
        return True

    @alone
    def found(self, member: Member, event: Event, notice: Notice, risk: tuple[Acceptance, Event] | None) -> bool:
        if self.memory.founded or not self.add(member, event, notice):
            return False
        self.memory.founded = True
        if risk is not None:
            self.memory.acceptance = risk[0]
            self.memory.events.append(risk[1])
        self.memory.review = Review(event.at, member.id)
        self.memory.dues[Due(review=True)] = event.at + REVIEW_EVERY
        self.memory.administrators.add(member.id)
        return True

    @alone
    def read(self, member: MemberId) -> Member | None:
        return self.memory.members.get(member)

    @alone
    def door_of(self, email: str) -> Door | None:
        found = at(self.memory, email)
        return None if found is None or not found.active else Door(member=found.id, turn=found.turn)

    @alone
    def all(self) -> tuple[Member, ...]:
        return tuple(sorted(self.memory.members.values(), key=lambda m: m.person.name.casefold()))

    @alone
    def change(self, change: Change) -> Changed:
        was, now = change.was, change.now
        refused = self._unmet(change)
        if refused is not None:
            return refused
        self.memory.members[now.id] = now
        if _acts(was) != _acts(now):
            (self.memory.administrators.add if _acts(now) else self.memory.administrators.discard)(now.id)
        self._ring(change)
        for scope in change.throttles:
            self.memory.throttles.pop(scope, None)
        if change.replaces is not None:
            self.memory.sessions.pop(change.replaces.key, None)
        if change.session is not None:
            self.memory.sessions[change.session.key] = change.session
        self.memory.events.append(change.event)
        for notice in change.notices:
            self.memory.owe(notice, change.event.at)
        return Changed.KEPT

    def _unmet(self, change: Change) -> Changed | None:
        was, now = change.was, change.now
        kept, other = self.memory.members.get(was.id), at(self.memory, now.person.email)
        held = self.linked(change.put.subject) if isinstance(change.put, Link) else None
        gone = change.replaces is not None and change.replaces.key not in self.memory.sessions
        unmet = {
            Changed.MEANWHILE: kept is None or kept.turn != was.turn or gone,
            Changed.TAKEN: other is not None and other.id != now.id,
            Changed.LAST: _acts(was) and not _acts(now) and len(self.memory.administrators) < 2,
            Changed.LINKED: held is not None and held[0].id != now.id,
        }
        return next((refusal for refusal, true in unmet.items() if true), None)

    @alone
    def keyring(self, member: MemberId) -> Keyring:
        return self.memory.rings.get(member, Keyring())

    @alone
    def linked(self, subject: str) -> tuple[Member, Link] | None:
        held = ((member, ring.psc) for member, ring in self.memory.rings.items() if ring.psc is not None and ring.psc.subject == subject)
        return next(((self.memory.members[member], link) for member, link in held), None)

    @alone
    def work_at(self, member: MemberId, link: Link) -> bool:
        kept = self.keyring(member).psc
        if kept is None or kept.subject != link.subject:
            return False
        self.memory.rings[member] = replace(self.keyring(member), psc=link)
        return True

    @alone
    def wait(self, member: Member, waiting: Authenticator) -> bool:
        kept = self.memory.members.get(member.id)
        if kept is None or kept.turn != member.turn:
            return False
        self.memory.rings[member.id] = replace(self.keyring(member.id), waiting=waiting)
        return True

    @alone
    def speak(self, member: Member) -> bool:
        kept = self.memory.members.get(member.id)
        if kept is None or kept.turn != member.turn:
            return False
        self.memory.members[member.id] = replace(kept, person=replace(kept.person, language=member.person.language))
        return True

    @alone
    def erase(self, member: Member, event: Event) -> Changed:
        kept = self.memory.members.get(member.id)
        if kept is None or kept.turn != member.turn:
            return Changed.MEANWHILE
        if _acts(member) and len(self.memory.administrators) < 2:
            return Changed.LAST
        self.memory.administrators.discard(member.id)
        del self.memory.members[member.id]
        self.memory.rings.pop(member.id, None)
        self.memory.sessions = {key: one for key, one in self.memory.sessions.items() if one.door.member != member.id}
        self.memory.events.append(event)
        return Changed.KEPT

    def _ring(self, change: Change) -> None:
        ring = self.keyring(change.now.id)
        changes: dict[str, Any] = {}
        for name in change.drop:
            kind, _, passkey = name.partition("#")
            left = tuple(one for one in changes.get("passkeys", ring.passkeys) if one.id != passkey)
            changes |= {"passkeys": left} if passkey else {"waiting" if kind == WAITING else kind: None}
        self.memory.rings[change.now.id] = _with(replace(ring, **changes), change.put)


def _with(ring: Keyring, put: Factor | None) -> Keyring:
    if put is None:
        return ring
    if isinstance(put, Passkey):
        return replace(ring, passkeys=(*(one for one in ring.passkeys if one.id != put.id), put))
    changes: dict[str, Any] = {SLOTS[type(put)]: put}
    return replace(ring, **changes, waiting=None if isinstance(put, Authenticator) else ring.waiting)


class FakeSignins(Kept):
    """One reading, one counting, one opening."""

    @alone
    def find(self, wanted: Wanted) -> Found:
        memory = self.memory
        member = None if wanted.member is None else memory.members.get(wanted.member)
        ring = Keyring() if member is None else memory.rings.get(member.id, Keyring())
        owner = None if wanted.email is None else at(memory, wanted.email)
        return Found(
            self._session(wanted.session),
            None if wanted.challenge is None else memory.challenges.get(wanted.challenge),
            None if owner is None or not owner.active else Door(member=owner.id, turn=owner.turn),
            None if owner is None else memory.rings.get(owner.id, Keyring()).password,
            member,
            next((one for one in ring.passkeys if one.id == wanted.passkey), None),
            ring.authenticator if wanted.codes else None,
            ring.recovery if wanted.codes else None,
            {scope: memory.throttles[scope] for scope in wanted.throttles if scope in memory.throttles},
        )

    @alone
    def signed_in(self, session: SessionName) -> SignedIn | None:
        found = self._session(session)
        member = None if session.member is None else self.memory.members.get(session.member)
        if found is None or member is None or found.door.turn != member.turn or member.standing is Standing.DISABLED:
            return None
        return SignedIn(found, member, self.memory.acceptance)

    @alone
    def count(self, guess: Challenge | Throttle, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        if isinstance(guess, Challenge):
            kept = self.memory.challenges.get(guess.key)
            if kept is None or kept.tries != guess.tries - 1:
                return A_MOMENT
        elif self.memory.throttles.get(guess.scope, Throttle(guess.scope)).failures != guess.failures - 1:
            return A_MOMENT
        wait = FakeLimits(self.memory).take(limits, now)
        if wait is not None:
            return wait
        if isinstance(guess, Challenge):
            self.memory.challenges[guess.key] = guess
        else:
            self.memory.throttles[guess.scope] = guess
        return None

    @alone
    def open(self, session: Session, used: Used, event: Event, opener: Opener | None = None) -> bool:
        member = None if session.door.member is None else self.memory.members.get(session.door.member)
        if session.door.member is not None and not self._stands(session, member, used):
            return False
        if used.challenge is not None and used.challenge not in self.memory.challenges:
            return False
        if used.session is not None and used.session.key not in self.memory.sessions:
            return False
        if session.door.recipient is not None and not self._comes(session.door, opener):
            return False
        self.memory.count(event, Usage(proofs=1) if session.door.member is None else Usage(signins=1))
        self.memory.first(session.door, proved_at=event.at, proved_by=session.shown_last)
        if opener is not None:
            self.memory.openers[opener.id] = (session.door.transfer, opener)
            kept = self.memory.recipients[opener.recipient]
            self.memory.recipients[kept.id] = replace(kept, named=kept.named + 1)
        self.memory.challenges.pop(used.challenge, None)  # type: ignore[arg-type]
        for scope in used.throttles:
            self.memory.throttles.pop(scope, None)
        if used.session is not None:
            self.memory.sessions.pop(used.session.key, None)
        if member is not None:
            gone = {Means.RECOVERY} if used.last_recovery else set()
            self.memory.members[member.id] = replace(member, last_seen_at=event.at, means=member.means - gone)
            self.memory.rings[member.id] = _spent(self.memory.rings.get(member.id, Keyring()), used)
        self.memory.sessions[session.key] = session
        self.memory.events.append(event)
        return True

    def _comes(self, door: Door, opener: Opener | None) -> bool:
        kept = self.memory.recipients[RecipientId(door.recipient or "")]
        return kept.turn == door.turn and (opener is None or kept.named < OPENERS_MOST)

    def _stands(self, session: Session, member: Member | None, used: Used) -> bool:
        if member is None or member.turn != session.door.turn or member.standing is Standing.DISABLED:
            return False
        ring = self.memory.rings.get(member.id, Keyring())
        if used.passkey is not None and used.passkey[0].count not in [one.count for one in ring.passkeys if one.id == used.passkey[1].id]:
            return False
        if used.password is not None and ring.password != used.password[1]:
            return False
        if used.link is not None and (ring.psc is None or ring.psc.subject != used.link.subject):
            return False
        if used.authenticator is not None and (ring.authenticator is None or ring.authenticator.step >= used.authenticator.step):
            return False
        return used.recovery is None or (ring.recovery is not None and used.recovery in ring.recovery.left)

    def _session(self, name: SessionName | None) -> Session | None:
        found = None if name is None else self.memory.sessions.get(name.key)
        return found if found is not None and name is not None and found.door.member == name.member else None


def _spent(ring: Keyring, used: Used) -> Keyring:
    if used.passkey is not None:
        ring = _with(ring, used.passkey[1])
    if used.authenticator is not None:
        ring = replace(ring, authenticator=used.authenticator)
    if used.link is not None:
        ring = replace(ring, psc=used.link)
    if used.recovery is not None and ring.recovery is not None:
        ring = replace(ring, recovery=replace(ring.recovery, left=ring.recovery.left - {used.recovery}))
    return ring


class FakeSessions(Kept):
    """Sessions, dead or alive."""

    @alone
    def read(self, key: SessionKey) -> Session | None:
        found = self.memory.sessions.get(key)
        return found if found is not None and found.door.member is None else None

    @alone
    def of(self, member: MemberId) -> tuple[Session, ...]:
        return tuple(one for one in self.memory.sessions.values() if one.door.member == member)

    @alone
    def touch(self, session: Session) -> None:
        if session.key in self.memory.sessions:
            self.memory.sessions[session.key] = session

    @alone
    def remove(self, session: Session, event: Event) -> None:
        self.memory.sessions.pop(session.key, None)
        self.memory.events.append(event)


class FakePolicy(Kept):
    """The clinic's decisions."""

    @alone
    def acceptance(self) -> Acceptance | None:
        return self.memory.acceptance

    @alone
    def accept(self, acceptance: Acceptance, event: Event) -> None:
        self.memory.acceptance = acceptance
        self.memory.events.append(event)

    @alone
    def withdraw(self, event: Event) -> None:
        self.memory.acceptance = None
        self.memory.events.append(event)

    def keep_psc_secret(self, secret: str) -> None:
        """Nothing asks for it here."""

    @alone
    def review(self) -> Review | None:
        return self.memory.review

    @alone
    def reviewed(self, review: Review, event: Event) -> None:
        self.memory.review = review
        self.memory.dues[Due(review=True)] = review.at + REVIEW_EVERY
        self.memory.events.append(event)

    @alone
    def remind(self, review: Review, until: datetime, event: Event, notices: Sequence[Notice]) -> bool:
        if self.memory.review != review:
            return False
        self.memory.dues[Due(review=True)] = until
        self.memory.events.append(event)
        for notice in notices:
            self.memory.owe(notice, event.at)
        return True


class FakePasswords:
    """Passwords whose hash costs nothing."""

    def check(self, password: str, own: Sequence[str]) -> None:
        if len(password) < 12 or any(word and word.lower() in password.lower() for one in own for word in one.split()):
            raise Invalid("weak_password", "password")

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def matches(self, password: str, hashed: str | None) -> bool:
        return hashed == self.hash(password)
