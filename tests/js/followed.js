/** Transfers as their sender's pages get them. */

export const recipient = (changes = {}) => ({
  recipient: 'r'.repeat(26), name: 'Dr Ada', email: 'ada@example.fr', mobile: null, language: 'fr', standby: false, shared: false, told_at: null, delivered_at: null,
  delayed_at: null, bounced_at: null, complained_at: null, reminded_at: null, asked_at: null, phrase_asked_at: null, phrase: null,
  proved_at: null, proved_by: null, names: [], opened_at: null, openings: 0,
  fetched_files: 0, fetched_at: null, collected_files: 0, collected_at: null, corrected_at: null, revoked_at: null, ...changes,
});

export const transfer = (changes = {}) => ({
  transfer: 't'.repeat(26), state: 'sealed', reason: null, created_at: 0, expires_at: 4e9, lifetime_ends_at: 4e9, sealed_at: 1, shredded_at: null,
  basis: 'same_care_team', files: 2, bytes: 10, landed: 2, reminders: true, next_reminder_at: null, recipients: [recipient()], ...changes,
});
