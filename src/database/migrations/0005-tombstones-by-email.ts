/** A person who comes back under another name is found by the address that their account in Coder is known by. */
export const tombstonesByEmail = {
  name: '0005-tombstones-by-email',
  sql: `
CREATE INDEX users_tombstones_email ON bridge.users (email_key, connection_id) WHERE deleted_at IS NOT NULL;
`,
};
