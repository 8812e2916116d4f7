"""The whole life of transfers, in any order, with everything done twice: what must hold then."""

from collections import Counter
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from chalicelib.domain.audit import Tag
from chalicelib.domain.errors import Over, Refusal
from chalicelib.domain.notice import Kind
from chalicelib.domain.transfer import State
from chalicelib.usecases import collect, shred, sweep
from chalicelib.usecases.ports import Ports
from chalicelib.usecases.shred import Revoke
from tests.builders import IP, Sending, a_member, a_sending, a_session, deliver
from tests.fake_aws import Refused, Stored, digest, etag
from tests.fakes import fake_ports, memory_of

ONCE = (Tag.TRANSFER_CREATED, Tag.ENVELOPE_ACCEPTED, Tag.TRANSFER_SEALED, Tag.TRANSFER_REFUSED, Tag.TRANSFER_ENDED, Tag.TRANSFER_SHREDDED)
SIZES = st.lists(st.sampled_from([0, 1, 5, 65_537]), min_size=1, max_size=3)
NUMBER = st.integers(0, 2)


class Life(RuleBasedStateMachine):
    """Senders, recipients, workers and time do what they like; refusals are part of it, failures are not."""

    sendings: Bundle[Sending] = Bundle("sendings")

    def __init__(self) -> None:
        super().__init__()
        self.ports: Any = fake_ports()
        self.sender = a_member(self.ports)
        self.all: list[Sending] = []
        self.over: set[str] = set()

    @rule(target=sendings, sizes=SIZES, people=st.integers(1, 3), days=st.sampled_from([1, 7, 30]), steps=st.sampled_from([4, 3, 2, 1, 0]))
    def draft(self, sizes: list[int], people: int, days: int, steps: int) -> Sending:
        """Make a draft, and let it come as far as `steps` at once: most random walks would never arrive."""
        sending = a_sending(self.ports, [bytes(size) for size in sizes], people, sender=self.sender, lifetime_days=days)
        self.all.append(sending)
        files = range(len(sizes))
        walk = [sending.send_envelope, lambda: [sending.put(f) for f in files], lambda: [sending.land(f) for f in files], sending.seal]
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
            _, session = a_session(self.ports, sending.door(number))
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

    @rule(hours=st.sampled_from([1, 6, 23, 7 * 24]))
    def wait(self, hours: int) -> None:
        self.ports.clock.tick(hours=hours)

    @rule()
    def sweep(self) -> None:
        for due in sweep.due(self.ports):
            if due.transfer is not None:
                shred.destroy_due(due.transfer, self.ports)
            if due.notice is not None:
                sweep.push_again(due.notice, self.ports)

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
            links = [n for n in memory.notices.values() if n.transfer == sending.id and n.kind is Kind.SHARE_LINK]
            assert len(links) == (len(now.recipient_ids) if now.sealed_at else 0)

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
        sent = Counter(letter.text for _, letter in self.ports.post.emails)
        assert all(count == 1 for count in sent.values())

    @invariant()
    def only_what_may_live_is_not_due(self) -> None:
        for sending in self.all:
            due = {one.transfer for one in memory_of(self.ports).dues}
            assert (sending.id in due) == (sending.transfer.state is not State.SHREDDED)


def opens(ports: Ports, sending: Sending, number: int) -> bool:
    """Tell whether a recipient may open a transfer now."""
    _, session = a_session(ports, sending.door(number))
    try:
        collect.open_transfer(session, IP, ports)
    except Over:
        return False
    return True


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=120, stateful_step_count=50)
