import { describe, expect, it } from 'vitest';

import { GoneError, TransientError } from '../coder/index.js';
import type { CoderClient } from '../coder/index.js';
import { DeploymentReader } from './deployment.js';

/** Coder with one organization, or with none; counts how often that was asked for. */
function reading(answers: { organization: 'there' | 'gone' | 'away' }) {
  let asked = 0;
  let now = 0;
  const coder = {
    getOrganization: (name: string) => {
      asked += 1;
      if (answers.organization === 'there') return Promise.resolve({ id: 'id', name });
      return Promise.reject(
        answers.organization === 'gone'
          ? new GoneError('GET /organizations/{organization}', 'not found', 404)
          : new TransientError('GET /organizations/{organization}', 'away', false),
      );
    },
    getUser: () => Promise.resolve({ id: 'self', roles: [] }),
  } as unknown as CoderClient;
  const clock = { now: () => now, monotonic: () => now };
  const reader = new DeploymentReader(coder, 'acme', clock);
  return { reader, asked: () => asked, pass: (ms: number) => (now += ms) };
}

describe('where a connection lies', () => {
  it('is asked for once', async () => {
    const { reader, asked } = reading({ organization: 'there' });
    for (let n = 0; n < 3; n += 1) {
      expect(await reader.read()).toEqual({ organizationId: 'id', organization: 'acme', selfId: 'self' });
    }
    expect(asked()).toBe(1);
  });

  it('is nowhere where Coder has not the organization, which is looked for again after half a minute', async () => {
    const answers = { organization: 'gone' as 'gone' | 'there' };
    const { reader, asked, pass } = reading(answers);
    expect(await reader.read()).toMatchObject({ organizationId: null, organization: 'acme' });
    answers.organization = 'there';
    pass(29_000);
    expect(await reader.read()).toMatchObject({ organizationId: null });
    expect(asked()).toBe(1);
    pass(1_000);
    expect(await reader.read()).toMatchObject({ organizationId: 'id' });
    pass(60_000);
    await reader.read();
    expect(asked()).toBe(2);
  });

  it('is not known while Coder is away, and is asked for at the next need', async () => {
    const answers = { organization: 'away' as 'away' | 'there' };
    const { reader } = reading(answers);
    await expect(reader.read()).rejects.toThrow(TransientError);
    answers.organization = 'there';
    expect(await reader.read()).toMatchObject({ organizationId: 'id' });
  });
});
