import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recipient, transfer } from './followed.js';
import { ordered, standing, timeline, troubled } from '../../chalicelib/static/js/timeline.js';

const keys = (changes, whole = {}) => timeline(transfer(whole), recipient(changes)).map(({ key }) => key);
const TOLD = { told_at: 10, delivered_at: 11 };
const OPENED = { ...TOLD, asked_at: 20, proved_at: 21, opened_at: 21, openings: 1 };
const WHOLE = { ...OPENED, fetched_files: 2, fetched_at: 22, collected_files: 2, collected_at: 30 };

test('a whole story is told in order, and nothing more is awaited', () => {
  assert.deepEqual(keys(WHOLE), ['told', 'delivered', 'asked', 'proved', 'opened', 'fetched', 'all']);
});

test('what happened at other times is told where it belongs', () => {
  assert.deepEqual(keys({ ...OPENED, reminded_at: 15, fetched_files: 1, fetched_at: 25, collected_files: 1, collected_at: 26, revoked_at: 40 }),
    ['told', 'delivered', 'reminded', 'asked', 'proved', 'opened', 'fetched', 'some', 'revoked']);
});

test('it is said how somebody proved who they are, and that they asked for a phrase', () => {
  assert.deepEqual(['sms', 'email', 'phrase'].map((way) => keys({ ...OPENED, proved_by: way })[3]), ['proved_sms', 'proved_email', 'proved_phrase']);
  assert.deepEqual(keys({ ...TOLD, asked_at: 20, phrase_asked_at: 20 }), ['told', 'delivered', 'phrase', 'untold_phrase']);
  assert.deepEqual(keys({ ...TOLD, asked_at: 20, phrase_asked_at: 25 }), ['told', 'delivered', 'asked', 'phrase', 'untold_phrase']);
  assert.equal(keys({ ...OPENED, phrase_asked_at: 20 }).includes('untold_phrase'), false, 'nobody waits for it any more');
});

test('who opened a shared mailbox is told each time, by the name they gave', () => {
  const names = [{ name: 'Camille', at: 21 }, { name: 'Dominique', at: 40 }];
  const events = timeline(transfer(), recipient({ ...OPENED, shared: true, proved_by: 'email', names }));

  assert.deepEqual(events.map(({ key, name }) => (name ? `${key}: ${name}` : key)),
    ['told', 'delivered', 'asked', 'proved_email', 'named: Camille', 'opened', 'named: Dominique', 'uncollected']);
});

test('one thing is awaited', () => {
  const last = (changes, whole) => keys(changes, whole).at(-1);

  assert.equal(last({}), 'waiting');
  assert.equal(last({ standby: true }), 'standby');
  assert.equal(last({}, { state: 'landing', sealed_at: null }), 'untold');
  assert.equal(last(TOLD), 'unopened');
  assert.equal(last({ ...TOLD, asked_at: 20 }), 'uncoded');
  assert.equal(last({ ...TOLD, asked_at: 20, proved_at: 21 }), 'unopened');
  assert.equal(last(OPENED), 'uncollected');
  assert.equal(last({ ...OPENED, fetched_files: 1, fetched_at: 22 }), 'incomplete');
  assert.equal(last({ told_at: 10, bounced_at: 11 }), 'address');
});

test('a delay is told until the message arrives or comes back', () => {
  assert.deepEqual(keys({ told_at: 10, delayed_at: 12 }), ['told', 'delayed', 'unopened']);
  assert.deepEqual(keys({ ...TOLD, delayed_at: 12 }), ['told', 'delivered', 'unopened']);
  assert.deepEqual(keys({ told_at: 10, delayed_at: 12, bounced_at: 20 }), ['told', 'bounced', 'address']);
});

test('a corrected address begins again', () => {
  assert.deepEqual(keys({ corrected_at: 20 }), ['corrected', 'waiting']);
  assert.deepEqual(keys({ corrected_at: 20, told_at: 22 }), ['corrected', 'told', 'unopened']);
});

test('at the end, whoever did not open is said to have not; whoever did is not nagged', () => {
  const over = { state: 'shredded', reason: 'expired' };

  assert.deepEqual(keys({ ...TOLD, asked_at: 20 }, over), ['told', 'delivered', 'asked', 'never']);
  assert.deepEqual(keys(OPENED, over), ['told', 'delivered', 'asked', 'proved', 'opened']);
  assert.deepEqual(keys({ standby: true }, over), ['untold']);
  assert.deepEqual(keys({ ...TOLD, revoked_at: 15 }, over), ['told', 'delivered', 'revoked']);
  assert.equal(timeline(transfer(over), recipient(TOLD)).at(-1).tone, 'bad');
  assert.equal(timeline(transfer({ ...over, reason: 'revoked' }), recipient(TOLD)).at(-1).tone, 'todo');
});

test('how somebody stands is the last thing told, but whole stays whole and closed stays closed', () => {
  const now = (changes) => standing(timeline(transfer(), recipient(changes))).key;

  assert.equal(now(TOLD), 'unopened');
  assert.equal(now({ ...WHOLE, delivered_at: 99 }), 'all');
  assert.equal(now({ ...WHOLE, delivered_at: 99, revoked_at: 50 }), 'revoked');
});

test('several openings are counted', () => {
  const opened = (openings) => timeline(transfer(), recipient({ ...OPENED, openings })).at(-2);

  assert.equal(opened(1).key, 'opened');
  assert.deepEqual([opened(3).key, opened(3).count], ['reopened', 3]);
});

test('trouble comes first, then those who have not opened; otherwise as they were named', () => {
  const people = [
    ['whole', WHOLE], ['revoked', { ...TOLD, revoked_at: 20 }], ['standby', { standby: true }], ['late', TOLD], ['opened', OPENED],
    ['bounced', { told_at: 10, bounced_at: 11 }], ['soon', {}], ['complained', { ...TOLD, complained_at: 15 }], ['later', TOLD],
  ];
  const recipients = people.map(([name, changes]) => recipient({ name, ...changes }));
  const names = (changes = {}) => ordered(transfer({ recipients, ...changes })).map(({ name }) => name);

  assert.deepEqual(names(), ['bounced', 'complained', 'late', 'later', 'soon', 'opened', 'whole', 'standby', 'revoked']);
  assert.deepEqual(names({ state: 'shredded', reason: 'expired' }).slice(0, 4), ['late', 'bounced', 'complained', 'later']);
  assert.deepEqual(recipients.map(({ name }) => name), people.map(([name]) => name), 'the list given is left as it was');
});

test('an address is trouble only while something can be done about it', () => {
  const bounced = recipient({ told_at: 10, bounced_at: 11 });

  assert.ok(troubled(transfer(), bounced));
  assert.ok(!troubled(transfer(), { ...bounced, opened_at: 12 }));
  assert.ok(!troubled(transfer(), { ...bounced, revoked_at: 12 }));
  assert.ok(!troubled(transfer({ state: 'shredded', reason: 'expired' }), bounced));
});
