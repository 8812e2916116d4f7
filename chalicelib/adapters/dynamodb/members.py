"""Members in the records table: one partition, and one item per address so that an address is one member's only."""

from chalicelib.adapters.dynamodb import items
from chalicelib.adapters.dynamodb.items import Sealer
from chalicelib.adapters.dynamodb.table import Item, Table, transact
from chalicelib.adapters.dynamodb.transfers import ABSENT
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import MemberId
from chalicelib.domain.login import Member, Role
from chalicelib.domain.notice import Notice
from chalicelib.usecases.ports import Secrets

PARTITION = "MEMBERS"


class DynamoMembers:
    """Keep members; find them by the opaque look-up key of their address."""

    def __init__(self, records: Table, sealer: Sealer, secrets: Secrets) -> None:
        self.records = records
        self.sealer = sealer
        self.secrets = secrets

    def add(self, member: Member, event: Event, notice: Notice | None) -> bool:
        item: Item = {
            "pk": PARTITION,
            "sk": f"MEMBER#{member.id}",
            "id": member.id,
            "role": str(member.role),
            "invited_at": items.instant(member.invited_at),
            **items.person_item(member.person, (PARTITION, f"MEMBER#{member.id}"), self.sealer),
        }
        address = {"pk": self._address(member.person.email), "sk": "ADDRESS", "member": member.id}
        owed = [] if notice is None else [self.records.put(items.notice_item(notice, event.at))]
        actions = [self.records.put(address, ABSENT), self.records.put(item), *owed, self.records.put(items.audit_item(event))]
        return transact(self.records.client, actions)

    def read(self, member: MemberId) -> Member | None:
        item = self.records.get(PARTITION, f"MEMBER#{member}")
        return None if item is None else self._member(item)

    def id_of(self, email: str) -> MemberId | None:
        item = self.records.get(self._address(email), "ADDRESS")
        return None if item is None else MemberId(item["member"])

    def all(self) -> tuple[Member, ...]:
        found = map(self._member, self.records.query(PARTITION, "MEMBER#", "MEMBER#~"))
        return tuple(sorted(found, key=lambda member: member.person.name.casefold()))

    def _address(self, email: str) -> str:
        return f"ADDRESS#{self.secrets.scope('address', email)}"

    def _member(self, item: Item) -> Member:
        person = items.person_from(item, self.sealer)
        invited = items.must(items.moment(item["invited_at"]))
        return Member(MemberId(item["id"]), person, Role(item["role"]), invited, items.moment(item.get("last_seen_at")))
