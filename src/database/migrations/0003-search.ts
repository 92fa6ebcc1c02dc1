/**
 * A search for an address read the index's list of new entries as a whole, megabytes of it after an import: each address now goes
 * to its place at once.
 */
export const search = {
  name: '0003-search',
  sql: `
ALTER INDEX bridge.users_emails SET (fastupdate = off);
SELECT gin_clean_pending_list('bridge.users_emails');
`,
};
