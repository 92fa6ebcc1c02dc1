import type { TargetKind } from '../../common/index.js';
import type { Queryable } from '../../database/index.js';

/**
 * SQL: whether target `t` of a tombstone concerns whoever comes after it: an account or group in Coder (or perhaps
 * one: an intent), or work that is waiting or under way and that would cross the successor's.
 */
const UNSETTLED = `(t.coder_id IS NOT NULL OR t.intent IS NOT NULL OR t.applied < t.desired OR t.lease_until > now())`;

/** FROM and WHERE that find tombstones `o` in a connection, and their targets `t`, that concern whoever comes after them. */
function tombstones(kind: TargetKind, connectionId: string, condition: string): string {
  const table = kind === 'user' ? 'users' : 'groups';
  const target = kind === 'user' ? 'id' : 'target_id';
  // A group's target may be fed by another, living group: then it is no remains.
  const orphaned =
    kind === 'user'
      ? ''
      : `AND NOT EXISTS (SELECT FROM bridge.groups f WHERE f.target_id = t.id AND f.deleted_at IS NULL)`;
  return `FROM bridge.${table} o JOIN bridge.targets t ON t.id = o.${target}
     WHERE (${condition}) AND o.connection_id IS NOT DISTINCT FROM ${connectionId} AND o.deleted_at IS NOT NULL
       AND ${UNSETTLED} ${orphaned}`;
}

function nameColumn(kind: TargetKind): string {
  return kind === 'user' ? 'o.user_name_key' : 'o.display_name_key';
}

/**
 * SQL: whether tombstone `o` of a user, with its target `t`, has the account that Coder knows by this address: nobody else can
 * have it, so that whoever has the address now would be failed for ever.
 */
function byEmail(emailKey: string): string {
  return `o.email_key = ${emailKey} AND t.coder_id IS NOT NULL`;
}

/**
 * SQL boolean: whether there may be something to succeed to; SQL expressions as parameters. Two or three lookups, each by its own
 * index. Whether a tombstone still concerns anybody is left to {@link succeed}: that would be another table to open for
 * everybody who is created, and few were there before.
 */
export function hasTombstone(
  kind: TargetKind,
  keys: {
    readonly connectionId: string;
    readonly nameKey: string;
    readonly externalId: string;
    /** Of users. */
    readonly emailKey?: string;
  },
): string {
  const { connectionId, nameKey, externalId, emailKey } = keys;
  return [
    `${nameColumn(kind)} = ${nameKey}`,
    `o.external_id = ${externalId}`,
    ...(emailKey === undefined ? [] : [`o.email_key = ${emailKey}`]),
  ]
    .map(
      (condition) => `EXISTS (
        SELECT FROM bridge.${kind === 'user' ? 'users' : 'groups'} o
         WHERE ${condition} AND o.connection_id IS NOT DISTINCT FROM ${connectionId} AND o.deleted_at IS NOT NULL)`,
    )
    .join(' OR ');
}

interface Tombstone {
  id: string;
  coder_id: string | null;
  coder_name: string | null;
  origin: string | null;
  linked_at: string | null;
  intent: object | null;
  urgent: boolean;
  lease_token: string | null;
  leased: boolean;
  by_external_id: boolean;
  by_name: boolean;
  deleted_at: Date;
}

function lockTombstones(kind: TargetKind): string {
  const same = [
    `${nameColumn(kind)} = $2::text`,
    'o.external_id = $3::text',
    ...(kind === 'user' ? [byEmail('$4::text')] : []),
  ];
  return `
SELECT t.id, t.coder_id, t.coder_name, t.origin, t.linked_at::text AS linked_at, t.intent, t.urgent,
       t.lease_token, coalesce(t.lease_until > now(), false) AS leased,
       coalesce(o.external_id = $3::text, false) AS by_external_id, ${nameColumn(kind)} = $2::text AS by_name, o.deleted_at
  ${tombstones(kind, '$1::uuid', same.join(' OR '))}
 ORDER BY t.id FOR UPDATE OF t`;
}

const CANCEL = `
UPDATE bridge.targets t SET
    applied = t.desired, urgent = false, tries = 0, not_before = NULL,
    failed_version = NULL, failure = NULL, held_version = NULL, held = NULL,
    coder_id = NULL, coder_name = NULL, origin = NULL, linked_at = NULL, intent = NULL,
    lease_token = NULL, lease_until = NULL
 WHERE t.id = ANY($1::uuid[])`;

// The run that held the lease can no longer record anything, but a call of it may still be on its way to Coder. No call
// starts with less than 20 s of lease left, so the successor's first run waits for that long at most.
const INHERIT = `
UPDATE bridge.targets t SET
    coder_id = $2::uuid, coder_name = $3::text, origin = $4::text, linked_at = $5::timestamptz, intent = $6::jsonb,
    urgent = t.urgent OR $7::boolean,
    lease_token = $8::uuid,
    lease_until = CASE WHEN $8::uuid IS NOT NULL THEN now() + interval '20 seconds' END
 WHERE t.id = $1::uuid`;

const MOVE_FACTS = `
WITH facts AS (UPDATE bridge.owned_facts SET target_id = $1::uuid WHERE target_id = $2::uuid),
taken AS (
  UPDATE bridge.targets t SET offboarded = o.offboarded, keys_until = o.keys_until FROM bridge.targets o
   WHERE t.id = $1::uuid AND o.id = $2::uuid AND (o.offboarded IS NOT NULL OR o.keys_until IS NOT NULL))
UPDATE bridge.owned_roles SET target_id = $1::uuid WHERE target_id = $2::uuid`;

/** What a new resource takes over. */
export interface Succession {
  /** The tombstone's target whose link or intent is taken over, if any. */
  readonly from: string | null;
  /** A loss of access was still to be carried out. */
  readonly pendingLoss: boolean;
  /** To be called when the new target's row is there: writes link, intent and owned facts to it. */
  readonly complete: (targetId: string, urgent: boolean) => Promise<void>;
}

/**
 * Takes link, intent and ownership from the tombstone of a resource with the same externalId, else with the same folded
 * name, else (a user's link) with the same folded email address, of these the newest; and cancels what was still to be done for it. Inside the creation's transaction: whoever
 * comes second waits here and finds nothing left.
 */
export async function succeed(
  tx: Queryable,
  kind: TargetKind,
  keys: {
    readonly connectionId: string;
    readonly nameKey: string;
    readonly externalId: string | null;
    /** Of users. */
    readonly emailKey?: string | null;
  },
): Promise<Succession> {
  const found = await tx.query<Tombstone>(lockTombstones(kind), [
    keys.connectionId,
    keys.nameKey,
    keys.externalId,
    ...(kind === 'user' ? [keys.emailKey ?? null] : []),
  ]);
  const linked = found.filter((one) => one.coder_id !== null || one.intent !== null);
  const [predecessor] = linked.toSorted(
    (a, b) =>
      Number(b.by_external_id) - Number(a.by_external_id) ||
      Number(b.by_name) - Number(a.by_name) ||
      b.deleted_at.getTime() - a.deleted_at.getTime(),
  );
  // Those that nobody takes over and that have something in Coder keep their work.
  const cancelled = found.filter((one) => one === predecessor || !linked.includes(one));
  await tx.query(CANCEL, [cancelled.map((one) => one.id)]);
  const lease = cancelled.find((one) => one.leased)?.lease_token ?? null;
  return {
    from: predecessor?.id ?? null,
    pendingLoss: predecessor?.urgent ?? false,
    complete: async (targetId, urgent) => {
      if (!predecessor && lease === null) return;
      const {
        coder_id = null,
        coder_name = null,
        origin = null,
        linked_at = null,
        intent = null,
      } = predecessor ?? {};
      const link = [coder_id, coder_name, origin, linked_at, intent && JSON.stringify(intent)];
      await tx.query(INHERIT, [targetId, ...link, urgent, lease]);
      if (predecessor) await tx.query(MOVE_FACTS, [targetId, predecessor.id]);
    },
  };
}
