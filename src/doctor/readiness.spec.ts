import { describe, expect, it } from 'vitest';
import { fail, ok, warn, type Diagnosis } from './probes.js';
import { Readiness } from './readiness.js';

const diagnosis = (groups: boolean | null, ...findings: Diagnosis['findings']): Diagnosis => ({
  result: 'ok',
  findings,
  at: '2026-06-01T00:00:00.000Z',
  groups,
  seats: null,
});
const NO_GROUPS = diagnosis(
  false,
  ok('coder', 'It answers.'),
  fail('groups', 'They are off.', 'Add a licence.'),
);
const WELL = diagnosis(true, ok('coder', 'It answers.'));

/** A readiness over looks that a test hands it, with timers that it fires. */
function readinessOf(...looks: (Diagnosis | Error)[]) {
  const seen = {
    said: [] as string[],
    waits: [] as number[],
    back: 0,
    looked: 0,
    allowed: true,
    failBack: false,
  };
  let fire: (() => void) | undefined;
  const readiness = new Readiness({
    look: async () => {
      seen.looked += 1;
      const next = looks.shift() ?? WELL;
      if (next instanceof Error) throw next;
      return next;
    },
    allowed: () => seen.allowed,
    log: { warn: (text) => seen.said.push(text), info: (text) => seen.said.push(text) },
    onReturn: async () => {
      if (seen.failBack) throw new Error('no database');
      seen.back += 1;
    },
    after: (fn, ms) => {
      seen.waits.push(ms);
      fire = fn;
      return () => (fire = undefined);
    },
  });
  const again = async (): Promise<void> => {
    const before = seen.waits.length;
    fire?.();
    while (seen.waits.length === before) await new Promise((resolve) => setImmediate(resolve));
  };
  return { readiness, seen, again, scheduled: () => fire !== undefined };
}

describe('seats of the licence', () => {
  const seated = (limit: number, used: number): Diagnosis => ({ ...WELL, seats: { limit, used } });

  it('are as many as the last look showed, and unknown before it', async () => {
    const { readiness, again } = readinessOf(seated(10, 7), seated(10, 12), WELL);
    expect(readiness.left()).toBeNull();
    await readiness.start();
    expect(readiness.left()).toBe(3);
    await again();
    expect(readiness.left()).toBe(-2);
    await again();
    expect(readiness.left()).toBeNull();
  });

  it('that are free again are told once, and again where that failed', async () => {
    const { readiness, seen, again } = readinessOf(seated(2, 2), seated(2, 1), seated(2, 1), seated(2, 1));
    await readiness.start();
    seen.failBack = true;
    await again();
    seen.failBack = false;
    expect(seen.back).toBe(0);
    await again();
    await again();
    expect(seen.back).toBe(1);
  });
});

describe('the readiness of Coder', () => {
  it('is well, and refuses nothing, before the first look', () => {
    const { readiness } = readinessOf();
    expect(readiness.state()).toEqual({ status: 'ok' });
    expect(readiness.groupsRefused()).toBeNull();
  });

  it('is degraded by what is to be mended, with the reason, and not by what is to be looked at', async () => {
    const { readiness, again } = readinessOf(NO_GROUPS, diagnosis(true, warn('seats', 'Few.', 'Buy.')));
    await readiness.start();
    expect(readiness.state()).toEqual({
      status: 'degraded',
      reason: 'groups: They are off. Add a licence. See idp-bridge doctor.',
    });
    await again();
    expect(readiness.state()).toEqual({ status: 'ok' });
  });

  it('refuses groups while the licence does, and says when they are back, once', async () => {
    const { readiness, seen, again } = readinessOf(NO_GROUPS, NO_GROUPS, WELL, WELL);
    await readiness.start();
    expect(readiness.groupsRefused()).toMatch(/template_rbac/);
    await again();
    expect(seen.back).toBe(0);
    await again();
    expect(readiness.groupsRefused()).toBeNull();
    await again();
    expect(seen.back).toBe(1);
  });

  it('refuses them until those that wait could be taken up', async () => {
    const { readiness, seen, again } = readinessOf(NO_GROUPS, WELL, WELL);
    await readiness.start();
    seen.failBack = true;
    await again();
    expect(readiness.groupsRefused()).not.toBeNull();
    seen.failBack = false;
    await again();
    expect([readiness.groupsRefused(), seen.back]).toEqual([null, 1]);
  });

  it('says what is to be mended once, and once that nothing is', async () => {
    const { readiness, seen, again } = readinessOf(NO_GROUPS, NO_GROUPS, WELL, WELL);
    await readiness.start();
    for (let look = 0; look < 3; look += 1) await again();
    expect(seen.said).toEqual([
      'Coder is not ready for all that the bridge does: groups: They are off. Add a licence.',
      'Coder is ready for all that the bridge does',
    ]);
  });

  it('looks every ten minutes, and sooner after a look that told nothing', async () => {
    const { readiness, seen, again } = readinessOf(WELL, diagnosis(null), new Error('a fault'));
    await readiness.start();
    await again();
    await again();
    await again();
    expect(seen.waits).toEqual([600_000, 30_000, 30_000, 600_000]);
  });

  it('keeps what it knows when a look told nothing', async () => {
    const { readiness, again } = readinessOf(NO_GROUPS, diagnosis(null, fail('coder', 'Away.', 'Look.')));
    await readiness.start();
    await again();
    expect(readiness.groupsRefused()).not.toBeNull();
    expect(readiness.state().reason).not.toMatch(/Away/);
  });

  it('does not ask a Coder that is away or refuses the token', async () => {
    const { readiness, seen } = readinessOf(WELL);
    seen.allowed = false;
    await readiness.start();
    expect([seen.looked, seen.waits]).toEqual([0, [30_000]]);
  });

  it('ends', async () => {
    const { readiness, scheduled } = readinessOf(WELL);
    await readiness.start();
    expect(scheduled()).toBe(true);
    readiness.close();
    expect(scheduled()).toBe(false);
  });
});
