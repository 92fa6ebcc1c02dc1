import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LIMITS } from '../../src/scim/protocol/index.js';
import { ENT, useBridge } from '../conformance/support/bridge.js';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/scim.md'), 'utf8');
const reading = page.slice(page.indexOf('## Reading'), page.indexOf('## Writing'));

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...reading.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, text = '']) =>
    text.trim(),
  );
}

describe('what docs/scim.md says of reading', () => {
  const held = useBridge();

  beforeAll(async () => {
    const ada = await held.bridge.user('ada@corp.example', {
      externalId: '00u9example',
      title: 'Engineer',
      name: { givenName: 'Ada', familyName: 'Byron' },
      emails: [{ type: 'work', value: 'ada@corp.example', primary: true }],
      [ENT]: { department: 'R&D' },
    });
    await held.bridge.user('somebody.else', { active: false });
    await held.bridge.post('/Groups', { displayName: 'Platform', members: [{ value: ada }] });
  });

  it.each(blocks('text').flatMap((block) => block.split('\n')))('finds Ada by %s', async (filter) => {
    const { status, body } = await held.bridge.find('/Users', filter);
    expect(status, body.detail).toBe(200);
    expect(body.Resources.map(({ userName }: { userName: string }) => userName)).toEqual([
      'ada@corp.example',
    ]);
  });

  it.each(blocks('http'))('takes %s', async (example) => {
    const [first = '', ...rest] = example.split('\n');
    const [method = '', path = ''] = first.split(' ');
    const body = rest.join('\n').trim();
    const answer = await held.bridge.request(method, path, body === '' ? {} : { body });
    expect(answer.status, answer.text).toBe(200);
    if (method === 'POST') expect(answer.body.totalResults).toBe(2);
  });

  it('names the limits that hold', () => {
    for (const limit of [LIMITS.filterLength, LIMITS.filterNodes, LIMITS.maxPage])
      expect(reading).toContain(limit.toLocaleString('en-US'));
    expect(reading).toContain(`${LIMITS.filterDepth} levels`);
    expect(reading).toContain(`and ${LIMITS.defaultPage} when it is absent`);
    expect(LIMITS.cursorSeconds).toBe(3600);
  });
});
