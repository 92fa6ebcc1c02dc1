import type { Dialect } from '../protocol/index.js';

/** 32 hex digits, as an object id without its hyphens, before a name; they alone may be somebody's name. */
const TOMBSTONE = /^[0-9a-f]{32}(?=[^@]+@)/i;

/**
 * Entra ID frees the name of a user that it puts into its recycle bin, by the user's object id before it, and provisions
 * that as a rename together with the deactivation:
 *
 *     illegal  {"active":false,"userName":"283405f5c1d24ab09a4ef1a2b3c4d5e6ada@corp.example"}
 *     legal    {"active":false,"userName":"ada@corp.example"}
 *
 * The name is kept as it was sent: Entra sends again what it does not read back, and whoever gets the freed name next must
 * not collide. But the person has changed neither their address nor their name, so that Coder hears nothing of it: not as an
 * address, which is often provisioned from the same property, and not as a username, when they are restored or made anew before
 * they have their own name back.
 */
export const entraTombstoneUserName: Dialect = {
  name: 'entra-tombstone-user-name',
  from: ['Entra ID'],
  illegal: '{"active":false,"userName":"283405f5c1d24ab09a4ef1a2b3c4d5e6ada@corp.example"}',
  legal: '{"active":false,"userName":"ada@corp.example"}',
  always: true,
  userName: (stated) => stated.replace(TOMBSTONE, ''),
};
