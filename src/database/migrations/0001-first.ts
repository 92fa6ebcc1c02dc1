/**
 * The first schema. Every table lies in schema `bridge` and is always qualified (BullMQ's own tables lie in `bullmq`).
 * Strings that are looked up are folded in JavaScript and stored in columns of collation "C".
 */
export const first = {
  name: '0001-first',
  sql: `
CREATE TABLE bridge.settings (
  key text PRIMARY KEY,
  value jsonb NOT NULL
);

CREATE TABLE bridge.connections (
  id uuid PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- hash: SHA-256 of the token. The token itself is never stored.
CREATE TABLE bridge.tokens (
  id uuid PRIMARY KEY,
  connection_id uuid NOT NULL REFERENCES bridge.connections,
  label text NOT NULL,
  hash bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

-- A target: the unit of reconcile. applied < desired is the dirty mark. A failed target has failed_version = desired.
CREATE TABLE bridge.targets (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('user', 'group')),
  connection_id uuid NOT NULL REFERENCES bridge.connections,
  desired bigint NOT NULL DEFAULT 1,
  applied bigint NOT NULL DEFAULT 0,
  -- a loss of access waits: the sweep then uses the urgent lane, and sooner
  urgent boolean NOT NULL DEFAULT false,
  -- last push that may alter the plan, and the first one since the target was last clean (coalescing, time to Coder)
  pushed_at timestamptz NOT NULL DEFAULT now(),
  dirty_since timestamptz NOT NULL DEFAULT now(),
  -- longest wait for quiet: starts at 1 s, doubles to 60 s while the group stays busy
  wait_ms integer NOT NULL DEFAULT 1000,
  settled_at timestamptz,
  tries integer NOT NULL DEFAULT 0,
  not_before timestamptz,
  swept_at timestamptz,
  failed_version bigint,
  failure jsonb,
  -- the safety budget held the losses of this version back
  held_version bigint,
  held jsonb,
  -- digests of the notes that were journaled, by action, so that each is journaled once per value
  notes jsonb NOT NULL DEFAULT '{}',
  -- somebody waits for the outcome (SCIM_WAIT_MS)
  awaited_until timestamptz,
  lease_token uuid,
  lease_until timestamptz,
  -- the link
  coder_id uuid,
  coder_name text,
  origin text CHECK (origin IN ('created', 'adopted')),
  linked_at timestamptz,
  -- the intent to create, recorded before the call
  intent jsonb
);
-- A Coder id belongs to at most one live target of the whole bridge.
CREATE UNIQUE INDEX targets_link ON bridge.targets (kind, coder_id) WHERE coder_id IS NOT NULL;
-- What the sweep looks for: dirty, and neither failed nor held at that very version.
CREATE INDEX targets_dirty ON bridge.targets (urgent DESC, dirty_since)
  WHERE applied < desired AND (failed_version IS NULL OR failed_version < desired)
    AND (held_version IS NULL OR held_version < desired);
-- Names that groups have or are about to have.
CREATE INDEX targets_group_names ON bridge.targets (id)
  WHERE kind = 'group' AND (coder_name IS NOT NULL OR intent IS NOT NULL);
CREATE INDEX targets_failed ON bridge.targets (connection_id) WHERE failed_version IS NOT NULL;
CREATE INDEX targets_held ON bridge.targets (connection_id) WHERE held_version IS NOT NULL;
CREATE INDEX targets_of_connection ON bridge.targets (connection_id, kind, id);

-- Facts the bridge owns: a source stated them and they were seen true in Coder. Only these are ever taken away.
-- kind 'organization': value is an organization's id; 'member': value is the Coder id of a user in the target's group.
CREATE TABLE bridge.owned_facts (
  target_id uuid NOT NULL REFERENCES bridge.targets ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('organization', 'member')),
  value uuid NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (target_id, kind, value)
);

-- A user's target has the user's id. A deleted user is a tombstone until its work is done and someone takes it over.
CREATE TABLE bridge.users (
  id uuid PRIMARY KEY REFERENCES bridge.targets DEFERRABLE INITIALLY DEFERRED,
  connection_id uuid NOT NULL REFERENCES bridge.connections,
  user_name text NOT NULL,
  user_name_key text COLLATE "C" NOT NULL,
  external_id text COLLATE "C",
  email text,
  email_key text COLLATE "C",
  full_name text NOT NULL,
  active boolean NOT NULL,
  document jsonb NOT NULL,
  -- the document with its strings folded in JavaScript, for searches without regard to case
  search jsonb NOT NULL DEFAULT '{}',
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  modified_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
-- The connection comes last in these: many rows have the same, and a planner without statistics must not try it alone.
CREATE UNIQUE INDEX users_user_name ON bridge.users (user_name_key, connection_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_external_id ON bridge.users (external_id, connection_id) WHERE deleted_at IS NULL;
-- Searches for an address: emails[type eq "work"].value eq "..." is how Entra ID may match users.
CREATE INDEX users_emails ON bridge.users USING gin ((search->'emails') jsonb_path_ops);
CREATE INDEX users_email ON bridge.users (email_key) WHERE deleted_at IS NULL;
CREATE INDEX users_page ON bridge.users (connection_id, id) WHERE deleted_at IS NULL;
CREATE INDEX users_tombstones ON bridge.users (user_name_key, connection_id) WHERE deleted_at IS NOT NULL;
CREATE INDEX users_tombstones_external ON bridge.users (external_id, connection_id) WHERE deleted_at IS NOT NULL;

-- A SCIM group feeds one target; several groups may feed the same one, whose members are then the union.
CREATE TABLE bridge.groups (
  id uuid PRIMARY KEY,
  connection_id uuid NOT NULL REFERENCES bridge.connections,
  target_id uuid NOT NULL REFERENCES bridge.targets DEFERRABLE INITIALLY DEFERRED,
  display_name text NOT NULL,
  display_name_key text COLLATE "C" NOT NULL,
  external_id text COLLATE "C",
  document jsonb NOT NULL,
  search jsonb NOT NULL DEFAULT '{}',
  version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  modified_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX groups_display_name ON bridge.groups (display_name_key, connection_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX groups_external_id ON bridge.groups (external_id, connection_id) WHERE deleted_at IS NULL;
CREATE INDEX groups_page ON bridge.groups (connection_id, id) WHERE deleted_at IS NULL;
CREATE INDEX groups_of_target ON bridge.groups (target_id);
CREATE INDEX groups_tombstones ON bridge.groups (display_name_key, connection_id) WHERE deleted_at IS NOT NULL;
CREATE INDEX groups_tombstones_external ON bridge.groups (external_id, connection_id) WHERE deleted_at IS NOT NULL;

CREATE TABLE bridge.memberships (
  group_id uuid NOT NULL REFERENCES bridge.groups ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES bridge.users ON DELETE CASCADE,
  added_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX memberships_of_user ON bridge.memberships (user_id, group_id);

-- What was pushed and what was done about it. Personal values lie in an erasable column; the row keeps their salted
-- digest (the salt lies with the values, so that an erased value cannot be guessed from its digest).
CREATE TABLE bridge.journal (
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  connection_id uuid,
  target_kind text,
  target_id uuid,
  source text NOT NULL,
  action text NOT NULL,
  version bigint,
  request_id text,
  facts jsonb NOT NULL DEFAULT '{}',
  personal jsonb,
  personal_digest bytea,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE bridge.journal_default PARTITION OF bridge.journal DEFAULT;
CREATE INDEX journal_of_target ON bridge.journal (target_id, id);

-- Membership changes of the journal: a row of their own for each.
CREATE TABLE bridge.journal_memberships (
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  connection_id uuid NOT NULL,
  group_id uuid NOT NULL,
  user_id uuid NOT NULL,
  change text NOT NULL CHECK (change IN ('added', 'removed')),
  source text NOT NULL,
  version bigint,
  request_id text,
  PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE bridge.journal_memberships_default PARTITION OF bridge.journal_memberships DEFAULT;
CREATE INDEX journal_memberships_of_user ON bridge.journal_memberships (user_id, id);
CREATE INDEX journal_memberships_of_group ON bridge.journal_memberships (group_id, id);

-- Losses that were carried out: the sliding window of the safety budget.
CREATE TABLE bridge.losses (
  at timestamptz NOT NULL DEFAULT now(),
  target_id uuid NOT NULL,
  version bigint NOT NULL,
  count integer NOT NULL,
  PRIMARY KEY (target_id, version)
);
CREATE INDEX losses_at ON bridge.losses (at);

-- Leases of singletons (the scheduler's jobs), and the heartbeats of workers, by the database's clock.
CREATE TABLE bridge.locks (
  name text PRIMARY KEY,
  token uuid NOT NULL,
  until timestamptz NOT NULL
);
CREATE TABLE bridge.workers (
  id uuid PRIMARY KEY,
  seen_at timestamptz NOT NULL DEFAULT now()
);
`,
};
