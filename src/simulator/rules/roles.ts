/** Built-in site roles; `member` is implied and never listed. */
export const SITE_ROLES = ['owner', 'user-admin', 'template-admin', 'auditor'] as const;

/** Built-in organization roles; `organization-member` is implied and never listed. */
export const ORGANIZATION_ROLES = [
  'organization-admin',
  'organization-user-admin',
  'organization-template-admin',
  'organization-auditor',
  'organization-workspace-creation-ban',
] as const;

const DISPLAY_NAMES: ReadonlyMap<string, string> = new Map([
  ['owner', 'Owner'],
  ['user-admin', 'User Admin'],
  ['template-admin', 'Template Admin'],
  ['auditor', 'Auditor'],
  ['organization-admin', 'Organization Admin'],
  ['organization-user-admin', 'Organization User Admin'],
  ['organization-template-admin', 'Organization Template Admin'],
  ['organization-auditor', 'Organization Auditor'],
  ['organization-workspace-creation-ban', 'Organization Workspace Creation Ban'],
]);

export function displayName(role: string): string {
  return DISPLAY_NAMES.get(role) ?? role;
}

export function isSiteRole(role: string): boolean {
  return (SITE_ROLES as readonly string[]).includes(role);
}

export function isOrganizationRole(role: string): boolean {
  return (ORGANIZATION_ROLES as readonly string[]).includes(role);
}
