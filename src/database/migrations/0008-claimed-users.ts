/** Users whom claims made, where nobody had stated them over SCIM. */
export const claimedUsers = {
  name: '0008-claimed-users',
  sql: `
-- Made by claims, and not stated over SCIM since.
ALTER TABLE bridge.users ADD COLUMN claimed boolean NOT NULL DEFAULT false;
CREATE INDEX users_claimed ON bridge.users (connection_id) WHERE claimed AND deleted_at IS NULL;
`,
};
