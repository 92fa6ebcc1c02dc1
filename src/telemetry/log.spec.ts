import { describe, expect, it } from 'vitest';
import { createLog, NestLog, type Log } from './index.js';

function recorded(readable = false): { log: Log; lines: string[]; entry: () => Record<string, unknown> } {
  const lines: string[] = [];
  const log = createLog({ level: 'trace', readable, destination: { write: (line) => lines.push(line) } });
  return { log, lines, entry: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown> };
}

describe('the log', () => {
  it('writes a line of JSON with level, time, fields and message', () => {
    const { log, entry } = recorded();
    log.info({ target: 'user:7f3' }, 'suspended');
    expect(entry()).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      target: 'user:7f3',
      msg: 'suspended',
    });
  });

  it('says nothing below its level', () => {
    const lines: string[] = [];
    const log = createLog({ level: 'warn', destination: { write: (line) => lines.push(line) } });
    log.info('hello');
    expect(lines).toEqual([]);
  });

  it('redacts secrets and personal values by their keys, at any depth', () => {
    const { log, lines, entry } = recorded();
    log.warn(
      {
        headers: { Authorization: 'Bearer abcdef', 'Coder-Session-Token': 'qwertz' },
        user: { userName: 'ada', emails: [{ value: 'x' }], id: '7f3' },
        SCIM_TOKEN: 'asdf',
        password: null,
      },
      'refused',
    );
    expect(entry()).toMatchObject({
      headers: { Authorization: '[redacted]', 'Coder-Session-Token': '[redacted]' },
      user: { userName: '[redacted]', emails: '[redacted]', id: '7f3' },
      SCIM_TOKEN: '[redacted]',
      password: null,
    });
    expect(lines.join('')).not.toMatch(/abcdef|qwertz|ada|asdf/);
  });

  it('redacts by form in messages, in strings, in errors and their causes', () => {
    const { log, lines } = recorded();
    const cause = new Error('connect postgres://bridge:hunter2@db/bridge');
    log.error(
      { err: new Error('user ada@example.com exists', { cause }) },
      'sent Bearer s3cr3t.token to Ärzte@müller.example',
    );
    log.info('for ada@example.com');
    log.child({ of: 'ada@example.com' }).info({ note: 'basic dXNlcjpwYXNz' }, 'x');
    expect(lines.join('')).not.toMatch(/hunter2|ada@|s3cr3t|Ärzte|dXNlcjpwYXNz/);
    expect(lines[0]).toContain('://[redacted]@db/bridge');
  });

  it('keeps package names with versions in stacks', () => {
    const { log, entry } = recorded();
    log.info({ at: 'node_modules/@nestjs/core/x.js pglite@0.5.16' }, 'x');
    expect(entry()['at']).toBe('node_modules/@nestjs/core/x.js pglite@0.5.16');
  });

  it('cuts what is too deep, too wide or too long', () => {
    const { log, lines } = recorded();
    let deep: object = {};
    for (let depth = 0; depth < 5000; depth++) deep = { deep };
    log.info({ deep, wide: Array.from({ length: 1e5 }, () => 1), long: 'x'.repeat(1e6) }, 'x');
    expect(lines[0]?.length).toBeLessThan(10_000);
  });

  it('writes lines for people on a terminal, each fact on its one line', () => {
    const { log, lines } = recorded(true);
    log.warn({ reason: 'a\nb', count: 2 }, 'the breaker\nopened');
    expect(lines).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d warn {2}the breaker opened {2}reason=a b {2}count=2\n$/),
    ]);
  });

  it('shows the stack of an error below its line on a terminal', () => {
    const { log, lines } = recorded(true);
    log.error({ err: new Error('no luck') }, 'failed');
    expect(lines[0]).toMatch(/ error failed\n {4}Error: no luck\n {8}at /);
  });

  it("takes Nest's words with their context", () => {
    const { log, entry } = recorded();
    const nest = new NestLog(log);
    nest.log('started', 'NestFactory');
    expect(entry()).toMatchObject({ level: 'debug', msg: 'started', context: 'NestFactory' });
    nest.error(new Error('no luck'), 'the stack', 'Handler');
    expect(entry()).toMatchObject({
      level: 'error',
      msg: 'no luck',
      context: 'Handler',
      err: { message: 'no luck' },
    });
    nest.error('no luck', 'at a.js', 'Handler');
    expect(entry()).toMatchObject({ msg: 'no luck', context: 'Handler', stack: 'at a.js' });
  });
});
