"""What another version of the code added to a record stays there when this one writes the record anew."""

from dataclasses import replace
from typing import Any

from chalicelib.adapters.dynamodb import people
from chalicelib.adapters.dynamodb.table import Table, transact
from chalicelib.domain.audit import Tag
from chalicelib.domain.member import Standing
from chalicelib.usecases.people import Change, Changed
from tests.contract.test_people import a_member, adds


def test_a_field_of_another_version_outlives_a_change_of_the_member(real: Any) -> None:
    member, records = replace(a_member(real), last_seen_at=real.clock.now()), real.audit.records
    assert adds(real, member)
    novelty = {"#new": "novelty"}
    transact(records.client, [records.update(people.member_key(member.id), "SET #new = :new", None, {"new": "of the next"}, novelty)])

    now = replace(member, standing=Standing.DISABLED, turn=member.turn + 1, last_seen_at=None)
    assert real.members.change(Change(member, now, real.event(Tag.MEMBER_DISABLED, member=member.id))) is Changed.KEPT

    item = records.get(*people.member_key(member.id))
    assert (item["novelty"], item["standing"], "last_seen_at" in item) == ("of the next", "disabled", False)
    assert real.members.read(member.id) == now


def test_an_item_is_renewed_only_as_it_was_read(real: Any) -> None:
    records: Table = real.audit.records
    key, client = ("RENEWED", real.new_id()), records.client
    item = {"pk": key[0], "sk": key[1], "state": "one", "gone": 1}

    assert not transact(client, [records.renew(item, "attribute_exists(pk)", {})])  # nothing is there to renew
    assert transact(client, [records.put(item | {"novelty": "kept"})])
    assert not transact(client, [records.renew(item, "gone = :was_gone", {"gone": 2})])
    assert transact(client, [records.renew(item | {"state": "two", "gone": None}, "gone = :was_gone", {"gone": 1})])

    assert records.get(*key) == {"pk": key[0], "sk": key[1], "state": "two", "novelty": "kept"}
