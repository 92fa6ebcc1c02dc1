import { request } from 'node:http';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SCIM_JSON, patchOp, useBridge, type Answer } from './support/bridge.js';

describe('whatever is sent', () => {
  const held = useBridge();

  /** A refusal or a success, in SCIM's form. */
  function sane(answer: Answer): Answer {
    expect(answer.status).toBeLessThan(500);
    if (answer.text) expect(answer.headers.get('content-type')).toBe(SCIM_JSON);
    if (answer.status >= 400)
      expect(answer.body).toMatchObject({
        status: String(answer.status),
        detail: expect.any(String) as string,
      });
    return answer;
  }

  afterEach(async () => {
    expect((await held.bridge.get('/Users?count=0')).status).toBe(200);
  });

  it.each([
    '{',
    '',
    '   ',
    'nil',
    '[]',
    '"x"',
    '5',
    'null',
    'true',
    '{"userName":}',
    "{'a':1}",
    '\ufeff{}',
    '{"a":"\\ud800"}',
    '{"a":1e999}',
    '\u0000',
  ])('answers the body %j by 400 invalidSyntax or invalidValue', async (body) => {
    for (const [method, path] of [
      ['POST', '/Users'],
      ['POST', '/Groups'],
      ['PUT', '/Users/x'],
      ['PATCH', '/Groups/x'],
      ['POST', '/Users/.search'],
    ] as const) {
      const answer = sane(await held.bridge.request(method, path, { body }));
      expect([200, 400, 404]).toContain(answer.status);
    }
    expect((await held.bridge.post('/Users', body)).status).toBe(400);
  });

  it('answers bytes that are no UTF-8 by 400', async () => {
    const response = await fetch(`${held.bridge.origin}/scim/v2/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${held.bridge.token}`, 'content-type': 'application/scim+json' },
      body: Buffer.concat([Buffer.from('{"userName":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ scimType: 'invalidSyntax' });
  });

  it.each([65, 5_000, 1_000_000])('answers a nesting of %i levels by 400', async (depth) => {
    for (const body of [
      '['.repeat(depth),
      `{"userName":"x","name":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`,
      '{"Operations":['.repeat(depth),
    ]) {
      expect(sane(await held.bridge.post('/Users', body))).toMatchObject({
        status: 400,
        body: { scimType: 'invalidSyntax' },
      });
    }
  });

  it('takes a body of nearly 16 MB', async () => {
    const body = `{"userName":"nearly","nobodyKnows":"${'y'.repeat(16 * 1024 * 1024 - 100)}"}`;
    expect(sane(await held.bridge.post('/Users', body)).status).toBe(201);
  });

  it('answers a body of 20 MB by 413', async () => {
    const body = `{"userName":"x","title":"${'y'.repeat(20 * 1024 * 1024)}"}`;
    expect(sane(await held.bridge.post('/Users', body)).status).toBe(413);
    expect((await held.bridge.post('/Users', body, { token: 'wrong' })).status).toBe(401);
  });

  it('answers a body of 20 MB without a length by 413', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(`${held.bridge.origin}/scim/v2/Users`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${held.bridge.token}`,
          'content-type': 'application/scim+json',
          'transfer-encoding': 'chunked',
        },
      });
      sent.on('response', (response) => (response.resume(), resolve(response.statusCode ?? 0)));
      sent.on('error', reject);
      const chunk = Buffer.alloc(64 * 1024, 0x20);
      let left = 320;
      const write = (): void => {
        while (left-- > 0) if (!sent.write(chunk)) return void sent.once('drain', write);
        sent.end();
      };
      write();
    });
    expect(status).toBe(413);
  });

  it('answers a bulk message that says it is larger than 1 MiB by 413, without waiting for it', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const sent = request(`${held.bridge.origin}/scim/v2/Bulk`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${held.bridge.token}`,
          'content-type': 'application/scim+json',
          'content-length': 1_048_577,
        },
      });
      sent.on('response', (response) => {
        resolve(response.statusCode ?? 0);
        sent.destroy();
      });
      sent.on('error', reject);
      sent.flushHeaders();
    });
    expect(status).toBe(413);
  });

  it('refuses a document of more than 256 KB, and NUL and lone surrogates with their place', async () => {
    expect(
      sane(await held.bridge.post('/Users', { userName: 'big', title: 'y'.repeat(300_000) })),
    ).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    for (const title of ['a\0b', '\ud83d', '\ude00x']) {
      const answer = sane(
        await held.bridge.post('/Users', JSON.stringify({ userName: 'odd', name: { formatted: title } })),
      );
      expect(answer).toMatchObject({
        status: 400,
        body: { scimType: 'invalidValue', detail: expect.stringMatching(/^name\.formatted: /) as string },
      });
    }
    expect(
      sane(await held.bridge.post('/Users', { userName: '😀👩‍👩‍👧', displayName: '👍🏽' })).body,
    ).toMatchObject({ userName: '😀👩‍👩‍👧', displayName: '👍🏽' });
  });

  it('cannot be made to pollute a prototype', async () => {
    const evil =
      '{"userName":"proto","__proto__":{"polluted":true,"active":false},"constructor":{"prototype":{"polluted":true}},"name":{"__proto__":{"polluted":true}},"emails":[{"__proto__":{"value":"x"},"value":"a@b"}]}';
    const created = sane(await held.bridge.post('/Users', evil));
    expect(created).toMatchObject({ status: 201, body: { active: true } });
    const path = `/Users/${created.body.id}`;
    for (const operation of [
      '{"op":"add","path":"__proto__.polluted","value":true}',
      '{"op":"add","path":"constructor.prototype","value":true}',
      '{"op":"add","value":{"__proto__":{"polluted":true},"__proto__.polluted":true}}',
      '{"op":"replace","path":"name","value":{"__proto__":{"polluted":true}}}',
      '{"op":"add","path":"name.__proto__","value":{"polluted":true}}',
      '{"op":"add","path":"emails[__proto__ eq \\"x\\"].value","value":"y"}',
    ]) {
      sane(
        await held.bridge.request('PATCH', path, {
          body: `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[${operation}]}`,
        }),
      );
    }
    expect((await held.bridge.get(path)).text).not.toContain('polluted');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    sane(
      await held.bridge.get(
        '/Users?__proto__=x&constructor=y&attributes=__proto__,constructor&filter=constructor%20pr',
      ),
    );
  });

  it.each([
    '/Users/%00',
    '/Users/%',
    '/Users/%ff',
    '/Users/%C0%80',
    '/Users/..%2f..%2fetc',
    '/Users/%F0%9F%98%80',
    `/Users/${'a'.repeat(10_000)}`,
    '/Users?%',
    '/Users?filter',
    '/Users?filter=%00',
    '/Users?attributes=%ff',
    '/Users?startIndex[]=1&count[x]=2',
    '/Users?=&&=',
    '/Schemas/%00',
  ])('answers the path %s', async (path) => {
    expect(sane(await held.bridge.get(path)).status).toBeGreaterThanOrEqual(200);
  });

  it('answers headers of every size', async () => {
    expect(sane(await held.bridge.get('/Users', { headers: { 'x-large': 'y'.repeat(8_000) } })).status).toBe(
      200,
    );
    expect((await held.bridge.get('/Users', { headers: { 'x-huge': 'y'.repeat(20_000) } })).status).toBe(431);
  });

  it('answers any JSON at all, on every verb', async () => {
    const id = await held.bridge.user('fuzzed');
    const { body: group } = await held.bridge.post('/Groups', { displayName: 'Fuzzed' });
    const key = fc.constantFrom(
      'userName',
      'displayName',
      'members',
      'emails',
      'value',
      'active',
      'name',
      'externalId',
      'Operations',
      'op',
      'path',
      'schemas',
      '__proto__',
    );
    const json = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>('add', 'members', 'x\0', '😀', null, true, 1.5, ''),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 5 }),
      ),
    })).any;
    const operation = fc.record({
      op: fc.constantFrom('add', 'remove', 'replace'),
      path: fc.constantFrom(
        'members',
        'emails',
        'name',
        'userName',
        'emails[type eq "work"].value',
        'members[value eq "x"]',
        'active',
      ),
      value: json,
    });
    await fc.assert(
      fc.asyncProperty(json, operation, async (body, one) => {
        sane(await held.bridge.post('/Groups', JSON.stringify(body)));
        sane(await held.bridge.put(`/Users/${id}`, JSON.stringify(body)));
        sane(await held.bridge.request('PATCH', `/Users/${id}`, { body: patchOp(one) }));
        sane(await held.bridge.request('PATCH', `/Groups/${group.id}`, { body: patchOp(one) }));
        sane(await held.bridge.post('/Users/.search', JSON.stringify(body)));
      }),
      { numRuns: 60 },
    );
  });

  it('answers any filter at all', async () => {
    const piece = fc.constantFrom(
      'userName',
      'emails',
      'active',
      'meta.created',
      'groups',
      'members',
      'id',
      ' eq ',
      ' co ',
      ' gt ',
      ' ne ',
      '"x"',
      '"%_\\\\"',
      'true',
      '5',
      'null',
      ' and ',
      ' or ',
      'not (',
      ')',
      '(',
      '[',
      ']',
      ' pr',
      '.value',
      '"2020-01-01T00:00:00Z"',
    );
    const condition = fc
      .tuple(
        fc.constantFrom(
          'userName',
          'emails',
          'active',
          'meta.created',
          'groups',
          'groups.display',
          'members',
          'id',
          'emails.primary',
          'externalId',
          'name',
          'roles[type eq "x"].value',
          'schemas',
          'meta.version',
          'meta',
        ),
        fc.constantFrom('eq', 'ne', 'co', 'sw', 'ew', 'gt', 'le', 'pr'),
        fc.constantFrom('"x"', 'true', '5', 'null', '"2020-01-01T00:00:00Z"', '""'),
      )
      .map(([a, op, v]) => (op === 'pr' ? `${a} pr` : `${a} ${op} ${v}`));
    const filter = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
      condition,
      fc.array(condition, { minLength: 2, maxLength: 4 }).map((all) => all.join(' or ')),
      condition.map((one) => `not (${one})`),
    );
    await fc.assert(
      fc.asyncProperty(filter, async (text) => {
        const users = sane(await held.bridge.find('/Users', text));
        const groups = sane(await held.bridge.find('/Groups', text));
        for (const { status } of [users, groups]) expect([200, 400]).toContain(status);
      }),
      { numRuns: 150 },
    );
  });
});
