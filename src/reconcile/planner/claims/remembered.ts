import { isJsonArray, isJsonObject } from '../../../common/index.js';
import type { Json, JsonObject } from '../../../common/index.js';
import type { ClaimedGroup, Decision } from '../../../policy/index.js';

/** A value of a claim that came to nothing, or a part that was left as it was. */
export interface ClaimedNothing {
  readonly subjectId: string;
  readonly of: 'organizations' | 'groups' | 'organizationRoles' | 'siteRoles';
  readonly organizationId: string | null;
  /** Null: the whole part. */
  readonly value: string | null;
  readonly why: string;
}

/** What of organizations claims are decided by. */
export interface Places {
  /** Coder's own writing of an organization's id; null for one that it does not have. */
  organizationId(id: string): string | null;
  /** For people, by Coder's writing of the id. */
  organizationName(id: string): string;
}

/** What one subject's claims came to, as it is remembered. */
export interface Decided {
  readonly organizations: readonly Decision<string>[];
  readonly siteRoles: readonly Decision<string>[];
  /** By the organization's id. */
  readonly within: ReadonlyMap<string, Within>;
}

interface Within {
  readonly groups: readonly Decision<ClaimedGroup>[];
  readonly roles: readonly Decision<string>[];
}

export const NOTHING_WITHIN: Within = { groups: [], roles: [] };

/** Of more than this many values that came to nothing only the number is remembered. */
const MOST_NOTHING = 50;
const LONGEST_VALUE = 200;
const LONGEST_WHY = 500;

/** What is remembered: the decisions, and for people the names of organizations and what came to nothing. */
export function rememberable(
  { organizations, siteRoles, within }: Decided,
  nothing: readonly ClaimedNothing[],
  world: Places,
): JsonObject {
  const told = ({ value, because }: Decision<string>) => ({ value, because });
  const places = new Set([
    ...organizations.flatMap(({ value }) => world.organizationId(value) ?? []),
    ...within.keys(),
  ]);
  return {
    organizations: organizations.map(told),
    siteRoles: siteRoles.map(told),
    within: [...within].map(([organizationId, { groups, roles }]) => ({
      organizationId,
      groups: groups.map(({ value, because }) => ({ value: { ...value }, because })),
      roles: roles.map(told),
    })),
    places: [...places].map((id) => ({ id, name: world.organizationName(id) })),
    ...nothingTold(nothing),
  };
}

function nothingTold(all: readonly ClaimedNothing[]): JsonObject {
  // A whole part says more than one value.
  const nothing = [
    ...all.filter(({ value }) => value === null),
    ...all.filter(({ value }) => value !== null),
  ];
  return {
    nothing: nothing.slice(0, MOST_NOTHING).map(({ of, organizationId, value, why }) => ({
      of,
      organizationId,
      value: value === null ? null : cut(value, LONGEST_VALUE),
      why: cut(why, LONGEST_WHY),
    })),
    moreNothing: Math.max(0, nothing.length - MOST_NOTHING),
  };
}

/** The database stores no half of a surrogate pair. */
function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** Written by another version it may not be readable: what cannot be read is as if it had never been decided. */
export function decidedIn(remembered: JsonObject | null): Decided {
  const within = listIn(remembered?.['within']).flatMap((part): [string, Within][] => {
    const organizationId = part['organizationId'];
    if (typeof organizationId !== 'string') return [];
    return [
      [
        organizationId,
        { groups: decisionsIn(part['groups'], groupIn), roles: decisionsIn(part['roles'], textIn) },
      ],
    ];
  });
  return {
    organizations: decisionsIn(remembered?.['organizations'], textIn),
    siteRoles: decisionsIn(remembered?.['siteRoles'], textIn),
    within: new Map(within),
  };
}

function listIn(value: Json | undefined): JsonObject[] {
  return isJsonArray(value) ? value.filter(isJsonObject) : [];
}

function decisionsIn<T>(list: Json | undefined, read: (value: Json | undefined) => T | null): Decision<T>[] {
  return listIn(list).flatMap(({ value: stored, because }) => {
    const value = read(stored);
    return value === null || typeof because !== 'string' ? [] : [{ value, because }];
  });
}

const textIn = (value: Json | undefined): string | null => (typeof value === 'string' ? value : null);

function groupIn(value: Json | undefined): ClaimedGroup | null {
  if (!isJsonObject(value)) return null;
  const { id, create } = value;
  if (typeof id === 'string') return { id };
  return typeof create === 'string' ? { create } : null;
}
