/** Schemas of what is sent. */
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** A user as Okta sends it, about 700 bytes. `key` is the local part of its address, and in whatever else is its own. */
export function userBody(key: string) {
  const address = `${key}@Example.com`;
  return {
    schemas: [USER, ENTERPRISE],
    externalId: `00u-${key}`,
    userName: address,
    name: { givenName: 'Robin', familyName: key, formatted: `Robin ${key}` },
    displayName: `Robin ${key}`,
    title: 'Software Engineer',
    locale: 'en-US',
    emails: [{ primary: true, value: address, type: 'work' }],
    phoneNumbers: [{ type: 'work', value: '+1 555 0100' }],
    active: true,
    [ENTERPRISE]: { employeeNumber: key, department: 'Research', costCenter: '4130' },
  };
}

export function groupBody(displayName: string, members: readonly string[]) {
  return { schemas: [GROUP], displayName, members: members.map((value) => ({ value })) };
}

/** One PATCH that adds members. */
export function addMembers(...ids: readonly string[]) {
  const value = ids.map((id) => ({ value: id }));
  return { schemas: [PATCH_OP], Operations: [{ op: 'add', path: 'members', value }] };
}

export function deactivate() {
  return { schemas: [PATCH_OP], Operations: [{ op: 'replace', path: 'active', value: false }] };
}
