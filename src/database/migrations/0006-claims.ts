/** What OpenID providers claim of people, who they are in the directory, and the groups that follow from it. */
export const claims = {
  name: '0006-claims',
  sql: `
-- A subject of an issuer, with the newest statement of it. user_id: the directory user it is tied to, once; null: nobody yet.
-- email_key: only of an address that the provider verified.
CREATE TABLE bridge.subjects (
  id uuid PRIMARY KEY,
  connection_id uuid NOT NULL REFERENCES bridge.connections,
  issuer text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  user_id uuid REFERENCES bridge.users ON DELETE SET NULL,
  tied_by text CHECK (tied_by IN ('externalId', 'email')),
  tied_at timestamptz,
  -- what is odd about the tie and was journaled
  noted text,
  issued_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  source text NOT NULL,
  claims jsonb NOT NULL DEFAULT '{}',
  unreadable jsonb NOT NULL DEFAULT '{}',
  external_ids text[] COLLATE "C" NOT NULL DEFAULT '{}',
  email text,
  email_key text COLLATE "C",
  user_name text,
  full_name text,
  -- what the claims came to when they were last decided on, part by part: a part that cannot be read stays as it was
  decided jsonb,
  -- names of groups that are stated and that Coder does not have
  missing_groups text[] COLLATE "C" NOT NULL DEFAULT '{}',
  -- one of them was linked then, or a group that the claims came to is gone: a list of groups that is older says nothing
  groups_changed_at timestamptz
);
CREATE UNIQUE INDEX subjects_subject ON bridge.subjects (subject, issuer, connection_id);
CREATE INDEX subjects_of_user ON bridge.subjects (user_id);
CREATE INDEX subjects_email ON bridge.subjects (email_key, connection_id) WHERE email_key IS NOT NULL AND user_id IS NULL;
CREATE INDEX subjects_external_ids ON bridge.subjects USING gin (external_ids);
CREATE INDEX subjects_missing_groups ON bridge.subjects USING gin (missing_groups);

-- A target that no SCIM group feeds: a group in Coder that claims name. It only ever gains and loses members.
CREATE TABLE bridge.claimed_groups (
  target_id uuid PRIMARY KEY REFERENCES bridge.targets ON DELETE CASCADE,
  organization_id uuid NOT NULL,
  -- as Coder has it, or is to have it
  name text COLLATE "C" NOT NULL
);
CREATE INDEX claimed_groups_name ON bridge.claimed_groups (name, organization_id);

-- Members whom claims put into a target's group, beside those of the SCIM groups that feed it.
CREATE TABLE bridge.claimed_members (
  target_id uuid NOT NULL REFERENCES bridge.targets ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES bridge.users ON DELETE CASCADE,
  because text NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (target_id, user_id)
);
CREATE INDEX claimed_members_of_user ON bridge.claimed_members (user_id);
`,
};
