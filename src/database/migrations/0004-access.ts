/** What is stated of people's access beside their groups, the roles that the bridge owns, pausing, and what offboarding took. */
export const access = {
  name: '0004-access',
  sql: `
-- What the IdP states for Coder beside SCIM's own attributes, read out of the document by the face; null: nothing.
ALTER TABLE bridge.users ADD COLUMN access jsonb;
-- ruled_upto, ruled_as: the last change of members, and the name, for which users were raised whom rules of the group concern.
ALTER TABLE bridge.groups
  ADD COLUMN settings jsonb,
  ADD COLUMN ruled_upto bigint NOT NULL DEFAULT 0,
  ADD COLUMN ruled_as text COLLATE "C";

-- Facts of kind 'template': value is a template that the target's group was given a role of.
ALTER TABLE bridge.owned_facts DROP CONSTRAINT owned_facts_kind_check;
ALTER TABLE bridge.owned_facts ADD CONSTRAINT owned_facts_kind_check
  CHECK (kind IN ('organization', 'member', 'template'));

-- Roles that a source stated and that were seen true in Coder. The nil uuid as organization: roles of the site.
CREATE TABLE bridge.owned_roles (
  target_id uuid NOT NULL REFERENCES bridge.targets ON DELETE CASCADE,
  organization_id uuid NOT NULL,
  role text COLLATE "C" NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (target_id, organization_id, role)
);

-- What leaving took from the person beside the status, so that their return can say what it does not bring back.
ALTER TABLE bridge.targets ADD COLUMN offboarded jsonb;

-- What was last seen of the account or the group in Coder, and when that was known to be so; null: Coder has to be asked.
ALTER TABLE bridge.targets
  ADD COLUMN known jsonb,
  ADD COLUMN known_at timestamptz;

-- paused_at: pushes are recorded, and nothing is applied. access_digest: of the rules and policies that targets were last
-- reconciled under.
ALTER TABLE bridge.connections
  ADD COLUMN paused_at timestamptz,
  ADD COLUMN access_digest text;
`,
};
