import { beforeAll, describe, expect, it } from 'vitest';
import { PATCH_OP, useBridge } from './support/bridge.js';

/** An attribute as `/Schemas` describes it. */
interface Advertised {
  readonly name: string;
  readonly type: string;
  readonly multiValued: boolean;
  readonly mutability: string;
  readonly required: boolean;
  readonly canonicalValues?: readonly string[];
  readonly subAttributes?: readonly Advertised[];
}

interface Schema {
  readonly id: string;
  readonly attributes: readonly Advertised[];
}

const CODER_USER = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:User';
const CODER_GROUP = 'urn:idp-bridge:params:scim:schemas:extension:coder:2.0:Group';

/** Values of attributes that take no word. */
const SAMPLES: Readonly<Record<string, readonly [string, string]>> = {
  quietHoursSchedule: ['CRON_TZ=Europe/Oslo 0 2 * * *', '30 23 * * *'],
  avatarUrl: ['https://pictures.example/1.png', '/emojis/1f680.png'],
};

const writable = (attributes: readonly Advertised[] = []) =>
  attributes.filter(({ mutability }) => mutability !== 'readOnly');

/** The first or the second value that an attribute may have, by nothing but what `/Schemas` says of it. */
function sample(attribute: Advertised, which: 0 | 1): unknown {
  const { name, type, multiValued, canonicalValues, subAttributes } = attribute;
  if (type === 'complex') {
    const object = Object.fromEntries(writable(subAttributes).map((sub) => [sub.name, sample(sub, which)]));
    return multiValued ? [object] : object;
  }
  if (type === 'boolean') return which === 0;
  if (type === 'integer') return 10 + which;
  return SAMPLES[name]?.[which] ?? canonicalValues?.[which] ?? ['one', 'two'][which];
}

describe('every attribute that is advertised', () => {
  const held = useBridge();
  let core: Schema;
  let extensions: Schema[];
  let all: (readonly [Schema, Advertised])[];
  let id: string;
  let endpoint: '/Users' | '/Groups';

  const shown = (body: Record<string, never>, schema: Schema, name: string): unknown =>
    schema === core ? body[name] : (body[schema.id] as Record<string, unknown> | undefined)?.[name];
  const pathOf = (schema: Schema, name: string) => `${schema.id}:${name}`;

  /** The filter that a value of the attribute meets. */
  function filterOf(schema: Schema, attribute: Advertised, value: unknown): string {
    const path = pathOf(schema, attribute.name);
    if (attribute.type !== 'complex') return `${path} eq ${JSON.stringify(value)}`;
    const object = (attribute.multiValued ? (value as unknown[])[0] : value) as Record<string, unknown>;
    return Object.entries(object)
      .map(([name, inner]) => `${path}.${name} eq ${JSON.stringify(inner)}`)
      .join(' and ');
  }

  async function load(type: 'User' | 'Group'): Promise<void> {
    const { body } = await held.bridge.get(`/ResourceTypes/${type}`);
    endpoint = body.endpoint;
    const schema = async (urn: string): Promise<Schema> => (await held.bridge.get(`/Schemas/${urn}`)).body;
    core = await schema(body.schema);
    extensions = await Promise.all(
      body.schemaExtensions.map((extension: { schema: string }) => schema(extension.schema)),
    );
    // Members are users that have to be there; the tests of groups have them.
    all = [core, ...extensions].flatMap((one) =>
      writable(one.attributes)
        .filter(({ name }) => name !== 'members')
        .map((attribute) => [one, attribute] as const),
    );
  }

  describe.each(['User', 'Group'] as const)('of a %s', (type) => {
    beforeAll(async () => {
      await load(type);
      const whole: Record<string, unknown> = { schemas: [core.id, ...extensions.map((one) => one.id)] };
      for (const [schema, attribute] of all) {
        const value = sample(attribute, 0);
        if (schema === core) whole[attribute.name] = value;
        else whole[schema.id] = { ...(whole[schema.id] as object), [attribute.name]: value };
      }
      const answer = await held.bridge.post(endpoint, whole);
      expect(answer.status, answer.text).toBe(201);
      id = answer.body.id;
    });

    it('is kept as it was stated, shown, and found by a filter [C21]', async () => {
      const { body } = await held.bridge.get(`${endpoint}/${id}`);
      expect(body.schemas).toEqual([core.id, ...extensions.map((one) => one.id)]);
      for (const [schema, attribute] of all) {
        const value = sample(attribute, 0);
        expect(shown(body, schema, attribute.name), attribute.name).toEqual(value);
        const found = await held.bridge.find(endpoint, filterOf(schema, attribute, value));
        expect(
          found.body.Resources?.map((one: { id: string }) => one.id),
          attribute.name,
        ).toEqual([id]);
        const other = filterOf(schema, attribute, sample(attribute, 1));
        expect((await held.bridge.find(endpoint, other)).body.totalResults, other).toBe(0);
      }
    });

    it('is replaced, removed and added by a PATCH whose path has the full URN [C21] [C93]', async () => {
      const patch = async (schema: Schema, name: string, operation: object) => {
        const answer = await held.bridge.request(
          'PATCH',
          `${endpoint}/${id}?attributes=${pathOf(schema, name)}`,
          {
            body: { schemas: [PATCH_OP], Operations: [{ ...operation, path: pathOf(schema, name) }] },
          },
        );
        expect(answer.status, `${name}: ${answer.text}`).toBe(200);
        return shown(answer.body, schema, name);
      };
      for (const [schema, { name, ...rest }] of all) {
        const [first, second] = [sample({ name, ...rest }, 0), sample({ name, ...rest }, 1)];
        expect(await patch(schema, name, { op: 'replace', value: second }), name).toEqual(second);
        if (!rest.required && name !== 'active') {
          expect(await patch(schema, name, { op: 'remove' }), name).toBeUndefined();
        }
        expect(await patch(schema, name, { op: 'add', value: first }), name).toEqual(
          rest.multiValued && rest.required ? [second, first] : first,
        );
      }
    });

    it('has each of its parts patched by a path with the full URN [C21] [C78]', async () => {
      for (const [schema, attribute] of all.filter(([, { type: kind }]) => kind === 'complex')) {
        const parts = writable(attribute.subAttributes);
        const [selector] = parts;
        const value = (part: Advertised, which: 0 | 1) => JSON.stringify(sample(part, which));
        for (const part of parts) {
          if (attribute.multiValued && part === selector) continue;
          const where =
            attribute.multiValued && selector ? `[${selector.name} eq ${value(selector, 0)}]` : '';
          const path = `${pathOf(schema, attribute.name)}${where}.${part.name}`;
          const operation = { op: 'replace', path, value: sample(part, 1) };
          const answer = await held.bridge.request(
            'PATCH',
            `${endpoint}/${id}?attributes=${pathOf(schema, attribute.name)}`,
            {
              body: { schemas: [PATCH_OP], Operations: [operation] },
            },
          );
          const now = shown(answer.body, schema, attribute.name);
          const element = (attribute.multiValued ? (now as unknown[])[0] : now) as Record<string, unknown>;
          expect(element[part.name], path).toEqual(sample(part, 1));
        }
      }
    });

    it('keeps the version where all of it is stated again [C95]', async () => {
      const { body: before } = await held.bridge.get(`${endpoint}/${id}`);
      const answer = await held.bridge.put(`${endpoint}/${id}`, before);
      expect(answer.body).toEqual(before);
    });
  });
});

describe("Coder's extensions", () => {
  const held = useBridge();

  it.each([
    ['username', 'ada.king', 'letters, digits and single hyphens'],
    ['username', 'new', 'must not be new or create'],
    ['username', 'a'.repeat(33), '1 to 32'],
    ['username', `${'a-'.repeat(50_000)}!`, '1 to 32'],
    ['username', 5, 'must be a string'],
    ['siteRoles', [{ value: 'Site Admin' }], 'siteRoles[0].value: must be 1 to 32'],
    ['siteRoles', 'auditor!', 'siteRoles[0].value: must be 1 to 32'],
    ['organizations', [{ value: 'eng' }, { value: 'a b' }], 'organizations[1].value: must be a name'],
    ['organizationRoles', [{ organization: 'eng' }], 'organizationRoles[0].role: is required'],
    ['organizationRoles', [{ role: 'organization-admin' }], 'organizationRoles[0].organization: is required'],
    ['quietHoursSchedule', '0 2 * * 1', 'must be one time of each day'],
    ['quietHoursSchedule', '0 24 * * *', 'must be one time of each day'],
    ['quietHoursSchedule', `CRON_TZ=${'a/'.repeat(10_000)} 0 2 * * *`, 'must be one time of each day'],
  ])('refuse a user whose %s is %j, and say what was expected', async (name, value, expected) => {
    const answer = await held.bridge.post('/Users', { userName: 'x', [CODER_USER]: { [name]: value } });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(`${CODER_USER}:${name}`);
    expect(answer.body.detail).toContain(expected);
  });

  it.each([
    ['quotaAllowance', -1, 'must be an integer from 0'],
    ['quotaAllowance', 1.5, 'must be an integer'],
    ['quotaAllowance', 2 ** 31, 'must be an integer from 0'],
    ['avatarUrl', 'javascript:alert(1)', 'must be a URL of http or https'],
    ['avatarUrl', `https://${'x'.repeat(2_048)}`, 'longer than 2048'],
    ['organization', '-', 'must be a name'],
    ['templateRoles', [{ template: 'docker', role: 'read' }], 'templateRoles[0].role: must be use or admin'],
    ['templateRoles', [{ role: 'use' }], 'templateRoles[0].template: is required'],
  ])('refuse a group whose %s is %j, and say what was expected', async (name, value, expected) => {
    const answer = await held.bridge.post('/Groups', { displayName: 'x', [CODER_GROUP]: { [name]: value } });
    expect(answer).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(answer.body.detail).toContain(`${CODER_GROUP}:${name}`);
    expect(answer.body.detail).toContain(expected);
  });

  it('keep roles of the same name in two organizations apart', async () => {
    const id = await held.bridge.user('two-roles');
    const path = `${CODER_USER}:organizationRoles`;
    const role = (organization: string) => ({ organization, role: 'organization-admin' });
    const add = (organization: string) =>
      held.bridge.patch(`/Users/${id}`, { op: 'add', path, value: [role(organization)] });
    await add('eng');
    await add('ops');
    expect((await add('eng')).body[CODER_USER].organizationRoles).toEqual([role('eng'), role('ops')]);
    const one = await held.bridge.patch(`/Users/${id}`, {
      op: 'remove',
      path: `${path}[organization eq "ENG"]`,
    });
    expect(one.body[CODER_USER].organizationRoles).toEqual([role('ops')]);
    const part = { op: 'remove', path: `${path}[organization eq "ops"].role` };
    expect(await held.bridge.patch(`/Users/${id}`, part)).toMatchObject({
      status: 400,
      body: { scimType: 'mutability', detail: `${path}.role is required and cannot be removed` },
    });
  });
});
