"""Members in the records table, found by the opaque look-up key of their address; and all they have set up."""

from chalicelib.adapters.dynamodb import items, people
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.people import ADMINISTRATORS, MEMBERS
from chalicelib.adapters.dynamodb.table import Action, Item, Table, batch_get, transact, unmet
from chalicelib.adapters.dynamodb.transfers import ABSENT
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event
from chalicelib.domain.factor import WAITING, Authenticator, Keyring, Link, Means, Password
from chalicelib.domain.ids import MemberId
from chalicelib.domain.login import Door
from chalicelib.domain.member import Member, Role
from chalicelib.domain.notice import Notice
from chalicelib.usecases.people import Change, Changed, Review
from chalicelib.usecases.ports import Secrets


class DynamoMembers:
    """Keep members and their keyrings."""

    def __init__(self, records: Table, sealer: Sealer, secrets: Secrets) -> None:
        self.records = records
        self.sealer = sealer
        self.secrets = secrets

    def add(self, member: Member, event: Event, notice: Notice | None) -> bool:
        return transact(self.records.client, self._added(member, event, notice))

    def found(self, member: Member, event: Event, notice: Notice, risk: tuple[Acceptance, Event] | None) -> bool:
        pk, sk = ADMINISTRATORS
        first = self.records.put({"pk": pk, "sk": sk, "ids": {member.id}}, ABSENT)
        written = [] if risk is None else [people.acceptance_item(risk[0], self.sealer), items.audit_item(risk[1])]
        due = self.records.put(people.review_item(Review(event.at, member.id)))
        return transact(self.records.client, [first, *self._added(member, event, notice), *map(self.records.put, written), due])

    def read(self, member: MemberId) -> Member | None:
        item = self.records.get(*people.member_key(member))
        return None if item is None else people.member_from(item, self.sealer)

    def door_of(self, email: str) -> Door | None:
        return door_at(self.records.get(self.address(email), "ADDRESS"))

    def all(self) -> tuple[Member, ...]:
        found = (people.member_from(item, self.sealer) for item in self.records.query(MEMBERS, "MEMBER#", "MEMBER#~"))
        return tuple(sorted(found, key=lambda member: member.person.name.casefold()))

    def change(self, change: Change) -> Changed:
        was, now = change.was, change.now
        turned = self.records.renew(people.member_item(now, self.sealer), "turn = :was_turn", {"turn": was.turn})
        rules = [(Changed.MEANWHILE, turned), (Changed.TAKEN, self._address_put(was, now)), (Changed.LAST, self._administrators(was, now))]
        rules += [(Changed.LINKED, self._linked(change)), (Changed.MEANWHILE, self._replaced(change))]
        conditions = [(answer, action) for answer, action in rules if action is not None]
        rest = [*self._moved(was, now), *self._ring(change), *self._session(change), self.records.put(items.audit_item(change.event))]
        rest += [self.records.put(items.notice_item(notice, change.event.at, self.sealer)) for notice in change.notices]
        rest += [self.records.delete(*people.throttle_key(scope)) for scope in change.throttles]
        failed = unmet(self.records.client, [*(action for _, action in conditions), *rest])
        return conditions[min(failed)][0] if failed else Changed.KEPT

    def keyring(self, member: MemberId) -> Keyring:
        found = self.records.query(f"A#{member}", "A", "SESSION")  # sessions come after all of it
        return people.keyring_from({item["sk"]: item for item in found}, self.sealer)

    def linked(self, subject: str) -> tuple[Member, Link] | None:
        led = self.records.get(*people.link_key(subject))
        if led is None:
            return None
        keys = people.member_key(MemberId(led["member"])), people.ring_key(MemberId(led["member"]), Means.PSC)
        found = batch_get(self.records.client, {self.records.name: keys})
        if len(found) < len(keys):
            return None
        link = people.link_from(found[keys[1]], self.sealer)
        return (people.member_from(found[keys[0]], self.sealer), link) if link.subject == subject else None

    def work_at(self, member: MemberId, link: Link) -> bool:
        same = self.records.renew(people.link_item(member, link, self.sealer), "subject = :was_subject", {"subject": link.subject})
        return transact(self.records.client, [same])

    def wait(self, member: Member, waiting: Authenticator) -> bool:
        same = self.records.check(people.member_key(member.id), "turn = :turn", {"turn": member.turn})
        kept = self.records.put(people.authenticator_item(member.id, WAITING, waiting, self.sealer))
        return transact(self.records.client, [same, kept])

    def speak(self, member: Member) -> bool:
        spoken = {"language": str(member.person.language), "turn": member.turn}
        named = {"#language": "language"}
        sets = self.records.update(people.member_key(member.id), "SET #language = :language", "turn = :turn", spoken, named)
        return transact(self.records.client, [sets])

    def erase(self, member: Member, event: Event) -> Changed:
        address, found = self.address(member.person.email), list(self.records.query(f"A#{member.id}", "A", "Z"))
        gone = self.records.delete(*people.member_key(member.id), "turn = :turn", {"turn": member.turn})
        last = self._administrators(member, None)
        rules = [(Changed.MEANWHILE, gone), *([(Changed.LAST, last)] if last else [])]
        rest = [
            self.records.delete(address, "ADDRESS"),
            self.records.delete(address, "PASSWORD"),
            *(self.records.delete(*people.link_key(item["subject"])) for item in found if item["sk"] == "PSC"),
            *(self.records.delete(item["pk"], item["sk"]) for item in found if not _is_session(item)),
            self.records.put(items.audit_item(event)),
        ]
        failed = unmet(self.records.client, [*(action for _, action in rules), *rest])
        if failed:
            return rules[min(failed)][0]
        over = [self.records.key(item["pk"], item["sk"]) for item in found if _is_session(item)]
        self.records.write_batch([{"DeleteRequest": {"Key": key}} for key in over])
        return Changed.KEPT

    def address(self, email: str) -> str:
        """Name the partition of an address."""
        return f"ADDRESS#{self.secrets.scope('address', email)}"

    def _added(self, member: Member, event: Event, notice: Notice | None) -> list[Action]:
        owed = [] if notice is None else [self.records.put(items.notice_item(notice, event.at, self.sealer))]
        mine = self.records.put(people.member_item(member, self.sealer))
        return [self.records.put(self._address_item(member), ABSENT), mine, *owed, self.records.put(items.audit_item(event))]

    def _address_item(self, member: Member) -> Item:
        return {"pk": self.address(member.person.email), "sk": "ADDRESS", "member": member.id, "turn": member.turn, "active": member.active}

    def _address_put(self, was: Member, now: Member) -> Action:
        return self.records.put(self._address_item(now), None if was.person.email == now.person.email else ABSENT)

    def _administrators(self, was: Member, now: Member | None) -> Action | None:
        """Say: count them among the administrators who can act, or no more, if one is left."""
        before, after = _administers(was), now is not None and _administers(now)
        if before == after:
            return None
        if after:
            return self.records.update(ADMINISTRATORS, "ADD ids :me", None, {"me": {was.id}})
        return self.records.update(ADMINISTRATORS, "DELETE ids :me", "size(ids) > :one", {"me": {was.id}, "one": 1})

    def _moved(self, was: Member, now: Member) -> list[Action]:
        """Say: what lies with the address of before goes, and the password comes along."""
        before = self.address(was.person.email)
        if was.person.email == now.person.email:
            return []
        kept = self.records.get(before, "PASSWORD") if Means.PASSWORD in now.means else None
        along = [] if kept is None else [self._password(now, people.password_from(kept, self.sealer))]
        return [self.records.delete(before, "ADDRESS"), self.records.delete(before, "PASSWORD"), *along]

    def _password(self, member: Member, password: Password) -> Action:
        return self.records.put(people.password_item(self.address(member.person.email), password, self.sealer))

    def _ring(self, change: Change) -> list[Action]:
        member, put = change.now, change.put
        actions = [self.records.delete(*people.ring_key(member.id, name)) for name in change.drop]
        if Means.PASSWORD in change.drop:
            actions.append(self.records.delete(self.address(member.person.email), "PASSWORD"))
        if change.unlink is not None:
            actions.append(self.records.delete(*people.link_key(change.unlink)))
        if put is None:
            return actions
        actions.append(self.records.put(people.factor_item(member.id, put, self.sealer)))
        match put:
            case Password():
                actions.append(self._password(member, put))
            case Authenticator():
                actions.append(self.records.delete(*people.ring_key(member.id, WAITING)))
        return actions

    def _linked(self, change: Change) -> Action | None:
        if not isinstance(change.put, Link):
            return None
        pk, sk = people.link_key(change.put.subject)
        mine = {"member": change.now.id}
        free = "attribute_not_exists(pk) OR #member = :member"
        return self.records.put({"pk": pk, "sk": sk, **mine}, free, mine, {"#member": "member"})

    def _replaced(self, change: Change) -> Action | None:
        """Say: the session that goes on in another is over, and was not before."""
        return None if change.replaces is None else self.records.delete(*people.session_key(change.replaces), "attribute_exists(pk)")

    def _session(self, change: Change) -> list[Action]:
        return [] if change.session is None else [self.records.put(people.session_item(change.session, self.sealer))]


def door_at(item: Item | None) -> Door | None:
    """Read whom an address leads to, if they may sign in."""
    return Door(member=MemberId(item["member"]), turn=item["turn"]) if item is not None and item["active"] else None


def _is_session(item: Item) -> bool:
    return str(item["sk"]).startswith("SESSION#")


def _administers(member: Member) -> bool:
    return member.role is Role.ADMINISTRATOR and member.active
