import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../../src/scim/protocol/index.js';
import { useBridge } from '../conformance/support/bridge.js';

/** The text under a heading of the second level. */
async function section(name: string): Promise<string> {
  const text = await readFile('docs/scim.md', 'utf8');
  const found = text.split(/^## /m).find((part) => part.startsWith(`${name}\n`));
  if (found === undefined) throw new Error(`docs/scim.md has no section ${name}`);
  return found;
}

/** The JSON examples of a text. */
const examples = (text: string): Record<string, unknown>[] =>
  [...text.matchAll(/```json\n(.*?)```/gs)].map(
    ([, json = '']) => JSON.parse(json) as Record<string, unknown>,
  );

const schemaOf = (example: Record<string, unknown>): string => (example['schemas'] as string[])[0] ?? '';

describe('docs/scim.md', () => {
  const held = useBridge();

  it('shows a bulk request that is carried out', async () => {
    const [bulk] = examples(await section('Writing'));
    const { status, body } = await held.bridge.post('/Bulk', bulk);
    expect([status, body.Operations.map((one: { status: string }) => one.status)]).toEqual([
      200,
      ['201', '201'],
    ]);
    await held.bridge.delete(`/Users/${body.Operations[1].location.split('/').at(-1)}`);
  });

  it("shows a user with Coder's attributes, a change of them, and a filter that finds it", async () => {
    const text = await section('Extensions');
    const [user, patch] = examples(text);
    const { status, body } = await held.bridge.post('/Users', user);
    expect([status, body]).toEqual([201, expect.objectContaining(user)]);
    expect(schemaOf(patch ?? {})).toContain('PatchOp');
    const patched = await held.bridge.request('PATCH', `/Users/${body.id}`, { body: patch });
    expect(patched.status).toBe(200);
    expect(patched.body.meta.version).not.toBe(body.meta.version);
    const filter = /\/Users\?filter=(.*)/.exec(text)?.[1] ?? '';
    expect((await held.bridge.find('/Users', filter)).body.Resources).toEqual([patched.body]);
  });

  it("names all of Coder's attributes, and no others", async () => {
    const text = await section('Extensions');
    const documented = [...text.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    const known = resourceTypes.flatMap(({ extensions }) =>
      extensions.filter(({ id }) => id.includes(':coder:')).flatMap(({ attributes }) => attributes),
    );
    expect(documented).toEqual(known.map(({ name }) => name));
  });
});
