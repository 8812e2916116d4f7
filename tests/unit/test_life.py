"""The whole life of transfers, in any order, with everything done twice: what must hold then."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from chalicelib import wiring
from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import NotFound, Over, Refusal
from chalicelib.domain.login import Door
from chalicelib.domain.notice import Kind
from chalicelib.domain.recipient import Outcome
from chalicelib.domain.transfer import Ending, State, Work
from chalicelib.usecases import certify, collect, correct, hear, remind, reschedule, shred, sweep
from chalicelib.usecases.certify import Agreement, Verdict
from chalicelib.usecases.correct import Correct
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.remind import Remind
from chalicelib.usecases.reschedule import Reschedule
from chalicelib.usecases.shred import Revoke
from chalicelib.usecases.tables import Due
from chalicelib.workers.sweep import _do
from tests.builders import IP, Sending, a_member, a_person, a_sending, a_session, deliver
from tests.fake_aws import Refused, Stored, digest, etag
from tests.fakes import CLINIC, SETTINGS, fake_ports, memory_of

ONCE = (Tag.TRANSFER_CREATED, Tag.ENVELOPE_ACCEPTED, Tag.TRANSFER_SEALED, Tag.TRANSFER_REFUSED, Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED)
SIZES = st.lists(st.sampled_from([0, 1, 5, 65_537]), min_size=1, max_size=3)
NUMBER = st.integers(0, 2)


class Life(RuleBasedStateMachine):
    """Senders, recipients, workers and time do what they like; refusals are part of it, failures are not."""

    sendings: Bundle[Sending] = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.ports: Any = fake_ports(clinic=replace(CLINIC, openings_most=3))
        wiring.use(self.ports, SETTINGS)
        self.sender = a_member(self.ports)
        self.all: list[Sending] = []
        self.over: set[str] = set()
        self.sessions: list[tuple[Sending, Any]] = []
        self.certificates: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        wiring._given.clear()

    @rule(
        target=sendings,
        sizes=SIZES,
        people=st.integers(1, 3),
        days=st.sampled_from([1, 7, 30]),
        steps=st.sampled_from([5, 4, 3, 2, 1, 0]),
        standby=st.booleans(),
    )
    def draft(self, sizes: list[int], people: int, days: int, steps: int, *, standby: bool) -> Sending:
        """Make a draft, and let it come as far as `steps` at once: most random walks would never arrive."""
        later = frozenset({people - 1}) if standby and people > 1 else frozenset()
        clears = [bytes(size) for size in sizes]
        sending = a_sending(self.ports, clears, people, sender=self.sender, lifetime_days=days, standby=later)
        self.all.append(sending)
        files = range(len(sizes))
        walk = [sending.send_envelope, lambda: [sending.put(f) for f in files], lambda: [sending.land(f) for f in files], sending.seal]
        walk.append(lambda: deliver(self.ports))
        for step in walk[:steps]:
            step()
        return sending

    @rule(sending=sendings)
    def send_envelope(self, sending: Sending) -> None:
        self.may_be_refused(sending.send_envelope)

    @rule(sending=sendings, file=NUMBER)
    def put(self, sending: Sending, file: int) -> None:
        if file < len(sending.files):
            self.may_be_refused(lambda: sending.put(file))

    @rule(sending=sendings, file=NUMBER, times=st.integers(1, 2))
    def land(self, sending: Sending, file: int, times: int) -> None:
        for _ in range(times):
            if sending.land(file):
                sending.seal()

    @rule(sending=sendings)
    def seal_out_of_order(self, sending: Sending) -> None:
        sending.seal()

    @rule(sending=sendings)
    def tamper(self, sending: Sending) -> None:
        key = f"t/{sending.id}/0"
        if key in self.ports.bucket.objects and sending.transfer.landed == 0:
            self.ports.bucket.objects[key] = Stored(b"x", etag(b"x"), digest(b"x"), 8)

    @rule(sending=sendings, number=NUMBER, file=NUMBER)
    def collect(self, sending: Sending, number: int, file: int) -> None:
        if number < len(sending.recipients):
            _, session = a_session(self.ports, door(sending, number))
            self.sessions = [*self.sessions[-4:], (sending, session)]
            self.may_be_refused(lambda: self.read(sending, session, file))

    def read(self, sending: Sending, session: Any, file: int) -> None:
        opened = collect.open_transfer(session, IP, self.ports)
        assert opened.data_key == sending.made.data_key
        url = collect.sign_file(session, file, IP, self.ports)
        assert self.ports.bucket.get(url) == sending.files[file].frames
        collect.acknowledge(session, file, IP, self.ports)

    @rule(sending=sendings)
    def revoke(self, sending: Sending) -> None:
        self.may_be_refused(lambda: shred.revoke(Revoke(self.sender.id, sending.id), self.ports))

    @rule(sending=sendings, number=NUMBER)
    def revoke_recipient(self, sending: Sending, number: int) -> None:
        if number < len(sending.recipients):
            self.may_be_refused(lambda: shred.revoke_recipient(Revoke(self.sender.id, sending.id, sending.recipients[number]), self.ports))

    @rule(sending=sendings)
    def remind(self, sending: Sending) -> None:
        self.may_be_refused(lambda: remind.remind(Remind(self.sender.id, sending.id), self.ports))

    @rule(sending=sendings, days=st.sampled_from([-1, 1, 6, 29, 30, 31]))
    def reschedule(self, sending: Sending, days: int) -> None:
        to = sending.transfer.created_at + timedelta(days=days)
        self.may_be_refused(lambda: reschedule.reschedule(Reschedule(self.sender.id, sending.id, to), self.ports))

    @rule(sending=sendings, number=NUMBER, whom=st.integers(1, 9))
    def correct(self, sending: Sending, number: int, whom: int) -> None:
        if number < len(sending.recipients):
            command = Correct(self.sender.id, sending.id, sending.recipients[number], a_person(whom))
            self.may_be_refused(lambda: correct.correct(command, self.ports))

    @rule(outcome=st.sampled_from(Outcome), message=st.integers(1, 9))
    def hear(self, outcome: Outcome, message: int) -> None:
        hear.hear(hear.Heard(f"email-{message}", outcome), self.ports)

    @rule(hours=st.sampled_from([0.25, 1, 6, 23, 3 * 24, 7 * 24]))
    def wait(self, hours: float) -> None:
        self.ports.clock.tick(hours=hours)

    @rule(times=st.integers(1, 2))
    def sweep(self, times: int) -> None:
        for _ in range(times):
            begun = self.ports.clock.now()
            for due in sweep.due(self.ports):
                _do(due, sweep.put_off(due, self.ports))
            sweep.done(begun, self.ports)
            assert [one.id for one in self.all if one.transfer.work_at(begun) is Work.DESTROY] == []

    @rule()
    def deliver(self) -> None:
        deliver(self.ports)

    def may_be_refused(self, act: Any) -> None:
        try:
            act()
        except (Refusal, Refused):
            return

    @invariant()
    def what_is_over_never_opens_again(self) -> None:
        for sending in self.all:
            now = sending.transfer
            if now.ending or now.state in (State.REFUSED, State.SHREDDED) or self.ports.clock.now() >= now.expires_at:
                self.over.add(sending.id)
            if sending.id in self.over:
                assert not any(opens(self.ports, sending, number) for number in range(len(sending.recipients)))

    @invariant()
    def what_is_shredded_is_gone(self) -> None:
        memory = memory_of(self.ports)
        for sending in self.all:
            if sending.transfer.state is State.SHREDDED:
                assert sending.id not in {*memory.drafts, *memory.envelopes, *(t for t, _ in memory.wraps)}
                assert not [u for u in self.ports.bucket.uploads.values() if sending.id in u.key]

    @invariant()
    def a_revoked_recipient_has_no_key(self) -> None:
        memory = memory_of(self.ports)
        assert not [r for _, r in memory.wraps if memory.recipients[r].revoked_at is not None]

    @invariant()
    def counts_are_right(self) -> None:
        memory = memory_of(self.ports)
        for sending in self.all:
            now = sending.transfer
            landed = [u.file for (transfer, _), u in memory.uploads.items() if transfer == sending.id and u.landed]
            assert now.landed == len(landed) == len(memory.trail(Tag.FILE_LANDED, transfer=sending.id))
            assert now.state is not State.SEALED or now.landed == len(now.sizes)
            assert now.state is not State.SEALED or all(o.retention > (now.expires_at - now.created_at).days for o in self.objects(sending))

    def objects(self, sending: Sending) -> list[Any]:
        return [kept for key, kept in self.ports.bucket.objects.items() if sending.id in key]

    @invariant()
    def everybody_is_owed_one_link_in_each_turn(self) -> None:
        memory = memory_of(self.ports)
        for sending in self.all:
            now = sending.transfer
            links = Counter(
                (n.recipient, n.turn) for n in memory.notices.values() if n.transfer == sending.id and n.kind is Kind.SHARE_LINK
            )
            first = {(one, 0) for one in now.told_first}
            assert not links or max(links.values()) == 1
            assert first <= links.keys() if now.sealed_at else not links
            assert all(turn <= memory.recipients[one].turn for one, turn in links)

    @invariant()
    def nobody_opens_more_often_than_allowed(self) -> None:
        memory = memory_of(self.ports)
        opened = Counter(event.recipient for event in memory.trail(Tag.KEY_UNWRAPPED))
        assert all(memory.recipients[one].openings == count <= 3 for one, count in opened.items() if memory.recipients[one].turn == 0)

    @invariant()
    def what_the_old_address_holds_opens_nothing(self) -> None:
        for sending, session in self.sessions:
            if session.door.turn != memory_of(self.ports).recipients[session.door.recipient].turn:
                try:
                    collect.open_transfer(session, IP, self.ports)
                except NotFound:
                    continue
                raise AssertionError(sending.id)

    @invariant()
    def the_days_quota_counts_what_was_sealed_or_is_on_its_way(self) -> None:
        never_sealed = (Ending.CANCELLED, Ending.ABANDONED)
        counted = [one.transfer for one in self.all if one.transfer.ending not in never_sealed and one.transfer.fault is None]
        used = [quota for (_, who), quota in memory_of(self.ports).used.items() if who == "clinic"]
        assert sum(quota.recipients for quota in used) == sum(len(one.recipient_ids) for one in counted)
        assert sum(quota.bytes for quota in used) == sum(sum(one.sizes) for one in counted)

    @invariant()
    def what_is_destroyed_is_certified_the_same_each_time(self) -> None:
        for sending in self.all:
            if sending.transfer.state is State.SHREDDED:
                stated = certify.certify(self.sender.id, sending.id, self.ports)
                assert self.certificates.setdefault(sending.id, stated) == stated
                late = self.ports.clock.now() >= sending.transfer.created_at + timedelta(days=365)
                records = Agreement.UNKNOWN if late else Agreement.AGREE
                assert certify.check(stated, self.ports) == Verdict(genuine=True, records=records)

    @invariant()
    def every_change_has_one_event(self) -> None:
        memory = memory_of(self.ports)
        for sending in self.all:
            now, tags = sending.transfer, Counter(e.tag for e in memory.trail(transfer=sending.id))
            assert all(tags[tag] <= 1 for tag in ONCE)
            assert tags[Tag.TRANSFER_SEALED] == bool(now.sealed_at)
            assert tags[Tag.TRANSFER_REFUSED] == bool(now.fault)
            assert tags[Tag.TRANSFER_ENDED] == bool(now.ending)
            assert tags[Tag.TRANSFER_SHREDDED] == bool(now.shredded_at)
            revoked = [r for r in now.recipient_ids if memory.recipients[r].revoked_at is not None]
            assert tags[Tag.RECIPIENT_REVOKED] == len(revoked)

    @invariant()
    def nobody_is_told_twice(self) -> None:
        sent = Counter(letter.text for _, letter in self.ports.post.emails if letter.subject.startswith(("share_link", "expired", "aband")))
        assert all(count == 1 for count in sent.values())

    @invariant()
    def what_is_due_will_be_found(self) -> None:
        memory = memory_of(self.ports)
        for due, at in memory.dues.items():
            assert memory.swept_at is None or at >= memory.swept_at.replace(minute=0, second=0) - timedelta(hours=1), due

    @invariant()
    def only_what_may_live_is_not_due(self) -> None:
        for sending in self.all:
            now, due = sending.transfer, memory_of(self.ports).dues.get(Due(transfer=sending.id))
            assert (due is None) == (now.state is State.SHREDDED)
            assert now.over or due >= now.due_at


def door(sending: Sending, number: int) -> Door:
    """Build the door of one recipient as they are now."""
    recipient = sending.recipients[number]
    return replace(sending.door(number), turn=memory_of(sending.ports).recipients[recipient].turn)


def opens(ports: Ports, sending: Sending, number: int) -> bool:
    """Tell whether a recipient may open a transfer now."""
    _, session = a_session(ports, door(sending, number))
    try:
        collect.open_transfer(session, IP, ports)
    except Over:
        return False
    return True


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=50)
