"""What every way of signing in is made of, in the records table: one reading, one counting, one opening."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chalicelib.adapters.dynamodb import items, meter, people
from chalicelib.adapters.dynamodb.items import KEPT, Sealer, instant, maybe
from chalicelib.adapters.dynamodb.logins import challenge_from, challenge_key, first, window
from chalicelib.adapters.dynamodb.members import door_at
from chalicelib.adapters.dynamodb.table import Action, Item, Key, Table, batch_get, transact, unmet
from chalicelib.domain.audit import Event
from chalicelib.domain.factor import Means
from chalicelib.domain.ids import MemberId
from chalicelib.domain.limits import Limit
from chalicelib.domain.login import Challenge, Session, SignedIn
from chalicelib.domain.member import Standing
from chalicelib.domain.recipient import Opener
from chalicelib.domain.throttle import A_MOMENT, Throttle
from chalicelib.domain.usage import Usage
from chalicelib.usecases.people import Found, SessionName, Used, Wanted
from chalicelib.usecases.ports import Secrets


class DynamoSignins:
    """Read, count and open, each in one call."""

    def __init__(self, records: Table, sealer: Sealer, secrets: Secrets) -> None:
        self.records = records
        self.sealer = sealer
        self.secrets = secrets

    def find(self, wanted: Wanted) -> Found:
        keys = self._keys(wanted)
        kept = self._read(keys.values())
        at = {name: kept[key] for name, key in keys.items() if key in kept}
        throttles = {scope: kept[people.throttle_key(scope)] for scope in wanted.throttles if people.throttle_key(scope) in kept}
        return Found(
            maybe(people.session_from, at.get("session"), self.sealer),
            maybe(challenge_from, at.get("challenge")),
            door_at(at.get("address")),
            maybe(people.password_from, at.get("password"), self.sealer),
            maybe(people.member_from, at.get("member"), self.sealer),
            maybe(people.passkey_from, at.get("passkey"), self.sealer),
            maybe(people.authenticator_from, at.get("authenticator"), self.sealer),
            maybe(people.recovery_from, at.get("recovery")),
            {scope: people.throttle_from(scope, item) for scope, item in throttles.items()},
        )

    def signed_in(self, session: SessionName) -> SignedIn | None:
        if session.member is None:
            return None
        keys = (people.session_key(session), people.member_key(session.member), people.ACCEPTANCE)
        kept = self._read(keys)
        mine, whose, accepted = (kept.get(key) for key in keys)
        if mine is None or whose is None or (mine["turn"], whose["standing"] != Standing.DISABLED) != (whose["turn"], True):
            return None
        acceptance = maybe(people.acceptance_from, accepted, self.sealer)
        return SignedIn(people.session_from(mine, self.sealer), people.member_from(whose, self.sealer), acceptance)

    def count(self, guess: Challenge | Throttle, limits: Sequence[Limit], now: datetime) -> timedelta | None:
        counted = [self._challenge(guess) if isinstance(guess, Challenge) else self._throttle(guess, now)]
        actions = [*counted, *(window(self.records, limit, now) for limit in limits)]
        try:
            failed = unmet(self.records.client, actions)
        except self.records.client.exceptions.TransactionCanceledException:  # so many at once that none came through
            return A_MOMENT
        waits = [limit.left(now) for place, limit in enumerate(limits, 1) if place in failed]
        return max(waits, default=A_MOMENT) if failed else None

    def open(self, session: Session, used: Used, event: Event, opener: Opener | None = None) -> bool:
        actions = [self.records.put(people.session_item(session, self.sealer)), self.records.put(items.audit_item(event))]
        by = {} if session.shown_last is None else {"proved_by": str(session.shown_last)}
        used_here = Usage(proofs=1) if session.door.member is None else Usage(signins=1)
        actions += meter.count(self.records, event, used_here)
        actions += first(self.records, session.door, {"proved_at": instant(event.at), **by}, opener)
        if opener is not None and session.door.transfer is not None:
            actions.append(self.records.put(items.opener_item(session.door.transfer, opener, self.sealer)))
        actions += [*self._seen(session, used, event), *self._used(session, used)]
        return transact(self.records.client, actions)

    def _read(self, keys: Iterable[Key]) -> dict[Key, Item]:
        return batch_get(self.records.client, {self.records.name: list(dict.fromkeys(keys))})

    def _keys(self, wanted: Wanted) -> dict[str, Key]:
        keys: dict[str, Key] = {scope: people.throttle_key(scope) for scope in wanted.throttles}
        if wanted.session is not None:
            keys["session"] = people.session_key(wanted.session)
        if wanted.challenge is not None:
            keys["challenge"] = challenge_key(wanted.challenge)
        if wanted.email is not None:
            address = self._address(wanted.email)
            keys |= {"address": (address, "ADDRESS"), "password": (address, "PASSWORD")}
        if wanted.member is None:
            return keys
        keys["member"] = people.member_key(wanted.member)
        if wanted.passkey is not None:
            keys["passkey"] = people.ring_key(wanted.member, f"{Means.PASSKEY}#{wanted.passkey}")
        names = (Means.AUTHENTICATOR, Means.RECOVERY) if wanted.codes else ()
        return keys | {str(name): people.ring_key(wanted.member, name) for name in names}

    def _address(self, email: str) -> str:
        return f"ADDRESS#{self.secrets.scope('address', email)}"

    def _challenge(self, tried: Challenge) -> Action:
        values = {"tries": tried.tries, "was": tried.tries - 1, "next": tried.next_at and instant(tried.next_at)}
        sets = "SET tries = :tries, next_at = :next"
        return self.records.update(challenge_key(tried.key), sets, "attribute_exists(pk) AND tries = :was", values)

    def _throttle(self, throttle: Throttle, now: datetime) -> Action:
        pk, sk = people.throttle_key(throttle.scope)
        item = {"pk": pk, "sk": sk, "failures": throttle.failures, "next_at": throttle.next_at and instant(throttle.next_at)}
        same = "attribute_not_exists(pk)" if throttle.failures == 1 else "failures = :was"
        values = {} if throttle.failures == 1 else {"was": throttle.failures - 1}
        return self.records.put({**item, "ttl": instant(now + KEPT)}, same, values)

    def _seen(self, session: Session, used: Used, event: Event) -> list[Action]:
        if session.door.member is None:
            return []
        values: Item = {"at": instant(event.at), "turn": session.door.turn, "disabled": str(Standing.DISABLED)}
        changes, names = "SET last_seen_at = :at", {}
        if used.last_recovery:
            changes, names = f"{changes} DELETE #means :gone", {"#means": "means"}
            values["gone"] = {str(Means.RECOVERY)}
        condition = "turn = :turn AND standing <> :disabled"
        return [self.records.update(people.member_key(session.door.member), changes, condition, values, names)]

    def _used(self, session: Session, used: Used) -> list[Action]:
        actions = [self.records.delete(*people.throttle_key(scope)) for scope in used.throttles]
        if used.password is not None:  # what was read of an address and of its password may be of two instants
            email, shown = used.password
            same = {"created": instant(shown.created_at)}
            actions.append(self.records.check((self._address(email), "PASSWORD"), "created_at = :created", same))
        if used.challenge is not None:
            actions.append(self.records.delete(*challenge_key(used.challenge), "attribute_exists(pk)"))
        if used.session is not None:
            actions.append(self.records.delete(*people.session_key(used.session), "attribute_exists(pk)"))
        return actions if session.door.member is None else [*actions, *self._spent(session.door.member, used)]

    def _spent(self, member: MemberId, used: Used) -> list[Action]:
        actions: list[Action] = []
        if used.passkey is not None:
            was, now = used.passkey
            item = people.passkey_item(member, now, self.sealer)
            actions.append(self.records.renew(item, "uses = :was_uses", {"uses": was.count}))
        if used.authenticator is not None:
            step = {"step": used.authenticator.step}
            item = people.authenticator_item(member, Means.AUTHENTICATOR, used.authenticator, self.sealer)
            actions.append(self.records.renew(item, "last_step < :was_step", step))
        if used.link is not None:
            item, subject = people.link_item(member, used.link, self.sealer), {"subject": used.link.subject}
            actions.append(self.records.renew(item, "subject = :was_subject", subject))
        if used.recovery is not None:
            at, mark = people.ring_key(member, Means.RECOVERY), {"mark": used.recovery, "marks": {used.recovery}}
            actions.append(self.records.update(at, "DELETE unused :marks", "contains(unused, :mark)", mark))
        return actions
