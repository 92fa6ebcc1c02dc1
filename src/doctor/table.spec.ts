import { describe, expect, it } from 'vitest';
import { fail, ok, type Diagnosis } from './probes.js';
import { readinessJson, readinessTable } from './table.js';

const diagnosis: Diagnosis = {
  result: 'fail',
  findings: [
    ok('version', 'v2.26.0.'),
    fail('groups', 'The feature template_rbac is off, so that none are kept.', 'Add a licence with it.'),
  ],
  at: '2026-06-01T00:00:00.000Z',
  version: 'v2.26.0',
  groups: false,
  seats: null,
};
const subject = { url: 'https://coder.example', simulator: false };

describe('the readiness table', () => {
  it('has a row for each check, with what to do about it below', () => {
    expect(readinessTable(diagnosis, subject, 66)).toBe(
      [
        'Coder at https://coder.example, v2.26.0',
        '',
        '  CHECK    RESULT  FINDING',
        '  version  ok      v2.26.0.',
        '  groups   FAIL    The feature template_rbac is off, so that none',
        '                   are kept.',
        '                   -> Add a licence with it.',
        '',
        '1 to mend, 0 to look at, 1 well.',
        '',
      ].join('\n'),
    );
  });

  it('says that it looks at a simulator', () => {
    expect(readinessTable(diagnosis, { ...subject, simulator: true }, 80)).toMatch(/This is a simulator/);
  });

  it('is JSON for programs', () => {
    expect(readinessJson(diagnosis, subject)).toEqual({
      coder: { url: 'https://coder.example', simulator: false, version: 'v2.26.0' },
      at: '2026-06-01T00:00:00.000Z',
      result: 'fail',
      groups: false,
      seats: null,
      findings: diagnosis.findings,
    });
  });
});
