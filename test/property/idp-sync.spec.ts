import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { JsonObject } from '../../src/common/index.js';
import { claimValues, compileFilter, syncedAccess } from '../../src/policy/index.js';
import { claimValues as readAtLogin } from '../../src/simulator/login/claims.js';
import { login } from '../../src/simulator/login/login.js';
import { ORGANIZATION_ROLES } from '../../src/simulator/rules/roles.js';
import { re2 } from '../../src/simulator/rules/re2.js';
import { fuzzRuns } from '../support/fuzz.js';
import { claim, OWN_ROLES, PLACES, scenario } from './idp-sync-scenarios.js';
import { World, type Outcome } from './idp-sync-world.js';

/** The rules and the simulated login were written apart from the same description: whatever is claimed, they must agree. */

/** How the person stands after the rules were applied to how they stood before. */
function bySync(world: World, before: Outcome, given: JsonObject): Outcome {
  const { state } = world.deployment;
  const groupsOf = (id: string) => state.groupsIn(id).map(({ id: own, name }) => ({ id: own, name }));
  const synced = syncedAccess(
    world.rules(),
    { claims: given, unreadable: {} },
    {
      defaultOrganizationId: world.ids.home,
      exists: (id) => state.organizations.has(id),
      present: Object.keys(before.organizations),
      others: [],
      groups: groupsOf,
      roles: (id) => [
        ...ORGANIZATION_ROLES,
        ...PLACES.flatMap((place) => (world.ids[place] === id ? [OWN_ROLES[place]] : [])),
      ],
    },
  );
  const nameOf = (id: string): string => state.groups.get(id)?.name ?? '?';
  const organizations = [...synced.inOrganizations].map(([id, { groups, roles }]) => {
    const { groups: had = [], roles: held = [] } = before.organizations[id] ?? {};
    const names =
      groups.kind === 'untouched'
        ? had
        : groups.wanted.map(({ value: one }) => ('id' in one ? nameOf(one.id) : one.create));
    const then = roles.kind === 'untouched' ? held : roles.wanted.map(({ value: one }) => one);
    return [id, { groups: names.toSorted(), roles: then.toSorted() }] as const;
  });
  const { siteRoles } = synced;
  return {
    organizations: Object.fromEntries(organizations.toSorted(([left], [right]) => (left < right ? -1 : 1))),
    siteRoles:
      siteRoles.kind === 'untouched' ? before.siteRoles : siteRoles.wanted.map(({ value: one }) => one),
  };
}

describe("the rules of IdP sync and Coder's login", () => {
  it('leave everybody in the same state, whatever the settings and the claims', () => {
    fc.assert(
      fc.property(scenario, (given) => {
        const world = new World(given);
        // Whoever is new is in the default organization when the sync begins.
        const nobody = { organizations: { [world.ids.home]: { groups: [], roles: [] } }, siteRoles: [] };
        const expected = bySync(world, world.outcome() ?? nobody, given.claims);
        const claimed = { ...given.claims, sub: 'ann', email: 'ann@x.io' };
        const { status } = login(world.deployment, claimed, Math.random);
        // A login that is refused makes nobody; the rules have nothing to say of that.
        fc.pre(given.known || status === 200);
        expect(world.outcome()).toEqual(expected);
      }),
      { numRuns: fuzzRuns(600) },
    );
  });

  it('read the same values in any claim', () => {
    fc.assert(
      fc.property(fc.oneof(claim, fc.jsonValue({ maxDepth: 2 })), (given) => {
        const read = claimValues({ claims: { c: given as JsonObject }, unreadable: {} }, 'c');
        const { kind } = readAtLogin({ c: given as JsonObject }, 'c');
        expect(read.kind).toBe(kind);
        if (read.kind === 'values') {
          expect(readAtLogin({ c: given as JsonObject }, 'c')).toEqual({ kind, values: read.values });
        }
      }),
      { numRuns: fuzzRuns(1_000) },
    );
  });
});

const piece = fc.constantFrom(
  ...['a', 'b', 'K', 'é', '.', '\\s', '\\S', '\\w', '\\W', '\\d', '\\b', '^', '$', '\\A', '\\z', '\\.'],
  ...[
    '[ab]',
    '[^a]',
    '[a-c]',
    '[[:alpha:]]',
    '[[:space:]]',
    '[\\s-]',
    '[]a]',
    '\\pL',
    '\\p{Greek}',
    '(?:a|b)',
  ],
  ...['(a)', '(?P<n>a)', '(', ')', '(?=a)', '(?!a)', '\\1', '|', '{', '}', ']', '\\', '-', '(?>a)'],
);
const times = fc.constantFrom(
  '',
  '',
  '',
  '*',
  '+',
  '?',
  '{2}',
  '{1,}',
  '{0,2}',
  '{1001}',
  '*?',
  '**',
  '{2}{2}',
);
const expression = fc
  .tuple(fc.constantFrom('', '', '(?i)', '(?s)', '(?m)'), fc.array(fc.tuple(piece, times), { maxLength: 5 }))
  .map(([flags, pieces]) => flags + pieces.map((pair) => pair.join('')).join(''))
  // Flags elsewhere than at the beginning, which the simulator does not know.
  .filter((text) => !text.includes('(?)'));
const subject = fc
  .array(
    fc.constantFrom('a', 'b', 'c', 'k', 'é', 'α', ' ', '\u00a0', '\n', '\r', '\v', '-', '1', '_', '😀'),
    {
      maxLength: 5,
    },
  )
  .map((letters) => letters.join(''));

describe("the filter of group sync and Coder's", () => {
  it('take the same expressions, and find the same', () => {
    fc.assert(
      fc.property(expression, fc.array(subject, { minLength: 1, maxLength: 4 }), (written, texts) => {
        const ours = compileFilter(written);
        const theirs = tried(written);
        expect('refused' in ours, JSON.stringify(written)).toBe(theirs === null);
        for (const text of texts)
          if (!('refused' in ours))
            expect(ours.matches(text), JSON.stringify([written, text])).toBe(theirs?.(text));
      }),
      { numRuns: fuzzRuns(1_000) },
    );
  });
});

function tried(written: string): ((text: string) => boolean) | null {
  try {
    return re2(written);
  } catch {
    return null;
  }
}
