/** What a target is: one user, or one Coder group with everything that feeds it. */
export type TargetKind = 'user' | 'group';

/** The unit of reconcile, lease and job: `user:<id>` or `group:<target id>`. A job carries this and nothing else. */
export type TargetKey = `${TargetKind}:${string}`;

/** Lanes of the queue. Deactivation and every loss of access are urgent, ahead of any backlog. */
export type Lane = 'urgent' | 'normal';
export const LANES: readonly Lane[] = ['urgent', 'normal'];

/** The key of a target. */
export function targetKey(kind: TargetKind, id: string): TargetKey {
  return `${kind}:${id}`;
}

/** The parts of a target key; throws on anything else. */
export function parseTargetKey(key: string): { kind: TargetKind; id: string } {
  const [kind, id, ...rest] = key.split(':');
  if ((kind !== 'user' && kind !== 'group') || !id || rest.length > 0)
    throw new Error(`not a target key: ${key}`);
  return { kind, id };
}
