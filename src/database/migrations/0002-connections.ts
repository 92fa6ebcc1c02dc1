/** Several connections with several tokens, access tokens of OAuth clients, and the request log. */
export const connections = {
  name: '0002-connections',
  sql: `
-- retired_at: the configuration names the connection no more. Its data stays, and nobody reaches it.
ALTER TABLE bridge.connections ADD COLUMN retired_at timestamptz;

-- kind: 'issued' by a person, 'configured' by the environment or the file, or an 'access' token of an OAuth client.
-- granted_by: SHA-256 of the client's secret that the access token was given for, so that it ends with the secret.
ALTER TABLE bridge.tokens
  ADD COLUMN kind text NOT NULL DEFAULT 'issued' CHECK (kind IN ('issued', 'configured', 'access')),
  ADD COLUMN client_id text,
  ADD COLUMN granted_by bytea,
  ADD COLUMN last_used_at timestamptz;
UPDATE bridge.tokens SET kind = 'configured' WHERE label = 'SCIM_TOKEN';
CREATE INDEX tokens_of_connection ON bridge.tokens (connection_id, kind);
CREATE INDEX tokens_access_expiry ON bridge.tokens (expires_at) WHERE kind = 'access';

-- What identity providers asked, for people to read. One partition a day, so that what is too old is dropped, not deleted.
CREATE TABLE bridge.requests (
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL,
  connection_id uuid NOT NULL,
  request_id text,
  method text NOT NULL,
  path text NOT NULL,
  filter text,
  status integer NOT NULL,
  scim_type text,
  detail text,
  ms real NOT NULL,
  who text,
  user_agent text,
  body jsonb,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE bridge.requests_default PARTITION OF bridge.requests DEFAULT;
CREATE INDEX requests_of_connection ON bridge.requests (connection_id, at);
CREATE INDEX requests_at ON bridge.requests (at);
`,
};
