/** Logouts that OpenID providers tell of. */
export const logouts = {
  name: '0007-logouts',
  sql: `
-- The user's API tokens in Coder that were made until then are to be revoked; null: none are.
ALTER TABLE bridge.targets ADD COLUMN keys_until timestamptz;

-- Logout tokens that were taken, as long as they could be shown again; known: whether anybody was found.
CREATE TABLE bridge.logout_tokens (
  connection_id uuid NOT NULL REFERENCES bridge.connections ON DELETE CASCADE,
  issuer text COLLATE "C" NOT NULL,
  jti text COLLATE "C" NOT NULL,
  known boolean NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (jti, issuer, connection_id)
);
CREATE INDEX logout_tokens_expires ON bridge.logout_tokens (expires_at);
`,
};
