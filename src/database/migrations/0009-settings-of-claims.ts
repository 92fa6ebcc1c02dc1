/** By which settings of IdP sync people were decided on. */
export const settingsOfClaims = {
  name: '0009-settings-of-claims',
  sql: `
-- Digests by part, as they were when everybody with claims was last raised; null: never.
ALTER TABLE bridge.connections ADD COLUMN idp_sync jsonb;
-- Another one was seen then: settings that were read before say nothing.
ALTER TABLE bridge.connections ADD COLUMN idp_sync_changed_at timestamptz;
`,
};
