import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { connectCoder } from '../../src/coder/index.js';
import { diagnose, probeCoder } from '../../src/doctor/index.js';
import { startSimulator } from '../../src/simulator/index.js';

describe('docs/doctor.md', () => {
  it('explains all checks that there are, in their order, and no others', async () => {
    const text = await readFile('docs/doctor.md', 'utf8');
    const explained = [...text.matchAll(/^\| `([a-z-]+)` /gm)].map(([, check]) => check);
    const simulator = await startSimulator();
    const { url, token: sessionToken } = simulator;
    const log = { error: () => undefined, warn: () => undefined };
    const coder = connectCoder({ url, sessionToken }, { log });
    const probes = await probeCoder(coder.client, { sessionToken });
    await coder.close();
    await simulator.close();
    const { findings } = diagnose(probes, {
      loginType: 'oidc',
      newUserStatus: 'dormant',
      whenSeatsRunOut: 'dormant',
    });
    expect(explained).toEqual(findings.map(({ check }) => check));
  });
});
