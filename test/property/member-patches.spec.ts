import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/common/index.js';
import { allDialects } from '../../src/scim/dialects/index.js';
import { groupType, PATCH_OP_SCHEMA, preparePatch } from '../../src/scim/protocol/index.js';
import { groupState, testDirectory, userState, type TestDirectory } from '../support/directory.js';
import { ENGINES, useEngine } from '../support/engines.js';

const CLIENTS = 4;
const OWN = 3;

/** One PATCH operation of a client on members of its own, by their numbers. */
interface Step {
  readonly op: 'add' | 'remove' | 'removeByFilter';
  readonly members: readonly number[];
}

const step: fc.Arbitrary<Step> = fc.record({
  op: fc.constantFrom('add', 'add', 'remove', 'removeByFilter'),
  members: fc.uniqueArray(fc.nat(OWN - 1), { minLength: 1, maxLength: OWN }),
});
/** Requests of one client, in its order; each of one or several operations. */
const client = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
const clients = fc.array(client, { minLength: CLIENTS, maxLength: CLIENTS });

function operation({ op, members }: Step, ids: readonly string[]): object {
  const named = members.map((member) => ids[member] ?? '');
  if (op === 'removeByFilter') {
    return { op: 'remove', path: `members[${named.map((id) => `value eq "${id}"`).join(' or ')}]` };
  }
  return { op, path: 'members', value: named.map((value) => ({ value })) };
}

/** Who of the client's own is a member in the end, and how many of its requests changed that. */
function model(requests: readonly (readonly Step[])[], ids: readonly string[]) {
  let set = new Set<string>();
  let changes = 0;
  for (const steps of requests) {
    const before = set;
    set = new Set(before);
    for (const { op, members } of steps) {
      for (const member of members) {
        if (op === 'add') set.add(ids[member] ?? '');
        else set.delete(ids[member] ?? '');
      }
    }
    if (before.size !== set.size || [...before].some((id) => !set.has(id))) changes++;
  }
  return { members: [...set], changes };
}

describe.each(ENGINES)('PATCHes of members on %s', (engine) => {
  const held = useEngine(engine);
  let directory: TestDirectory;
  let ids: string[][];

  beforeAll(async () => {
    directory = await testDirectory(held.engine.database);
    ids = await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) =>
        Promise.all(
          Array.from({ length: OWN }, async (_, j) => {
            const pushed = await directory.users.create(directory.context, userState(`member-${i}-${j}`));
            return pushed.resource.id;
          }),
        ),
      ),
    );
  });

  it('make the same set of members in whatever order they come together [C98]', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(clients, async (requests) => {
        const { context, groups } = directory;
        const { resource } = await groups.create(context, groupState(`group-${++made}`), []);
        const patch = async (steps: readonly Step[], own: readonly string[]): Promise<void> => {
          const operations = steps.map((one) => operation(one, own));
          const body = { schemas: [PATCH_OP_SCHEMA], Operations: operations } as unknown as JsonObject;
          const { members } = preparePatch({ type: groupType, id: resource.id }, body, allDialects);
          await groups.change(context, resource.id, { members });
        };
        // Each client waits for its own answers, and for nobody else's.
        await Promise.all(
          requests.map(async (own, i) => {
            for (const steps of own) await patch(steps, ids[i] ?? []);
          }),
        );
        const read = await groups.get(context.connectionId, resource.id, true);
        const wanted = requests.map((own, i) => model(own, ids[i] ?? []));
        expect(read.members?.map(({ id }) => id).toSorted()).toEqual(
          wanted.flatMap(({ members }) => members).toSorted(),
        );
        // A request that changed nothing raised no version.
        expect(read.version).toBe(1 + wanted.reduce((sum, { changes }) => sum + changes, 0));
      }),
      { numRuns: 60 },
    );
  });
});
