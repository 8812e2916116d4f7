"""What the clinic's administrator decided, in the records table."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.adapters.dynamodb import clinic, items, people
from chalicelib.adapters.dynamodb.items import Sealer, instant, moment, must
from chalicelib.adapters.dynamodb.people import ACCEPTANCE, REVIEW
from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.domain.acceptance import Acceptance
from chalicelib.domain.audit import Event
from chalicelib.domain.ids import MemberId
from chalicelib.domain.notice import Notice
from chalicelib.usecases.people import Review


class DynamoPolicy:
    """Keep the clinic's decisions."""

    def __init__(self, records: Table, sealer: Sealer) -> None:
        self.records = records
        self.sealer = sealer

    def acceptance(self) -> Acceptance | None:
        item = self.records.get(*ACCEPTANCE)
        return None if item is None else people.acceptance_from(item, self.sealer)

    def accept(self, acceptance: Acceptance, event: Event) -> None:
        kept = self.records.put(people.acceptance_item(acceptance, self.sealer))
        transact(self.records.client, [kept, self.records.put(items.audit_item(event))])

    def withdraw(self, event: Event) -> None:
        transact(self.records.client, [self.records.delete(*ACCEPTANCE), self.records.put(items.audit_item(event))])

    def keep_psc_secret(self, secret: str) -> None:
        clinic.keep_psc_secret(self.records, self.sealer, secret)

    def review(self) -> Review | None:
        item = self.records.get(*REVIEW)
        return None if item is None else Review(must(moment(item["at"])), MemberId(item["by"]))

    def reviewed(self, review: Review, event: Event) -> None:
        transact(self.records.client, [self.records.put(people.review_item(review)), self.records.put(items.audit_item(event))])

    def remind(self, review: Review, until: datetime, event: Event, notices: Sequence[Notice]) -> bool:
        later = {**items.due(until), "was": instant(review.at)}
        put_off = self.records.update(REVIEW, "SET due_hour = :due_hour, due_at = :due_at", "#at = :was", later, {"#at": "at"})
        owed = [self.records.put(items.notice_item(notice, event.at)) for notice in notices]
        return transact(self.records.client, [put_off, *owed, self.records.put(items.audit_item(event))])
