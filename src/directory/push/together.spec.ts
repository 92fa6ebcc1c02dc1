import { describe, expect, it } from 'vitest';
import { DatabaseUnavailable } from '../../database/index.js';
import { Together } from './together.js';
import type { Runs } from './together.js';

interface Run {
  readonly commands: readonly string[];
  answer(results: readonly (string | null)[]): void;
  refuse(error: Error): void;
}

/** Runs that the test answers: those of a batch, and those of a command alone. */
function heldRuns(): { readonly runs: Runs<string, string>; readonly batches: Run[]; readonly alone: Run[] } {
  const batches: Run[] = [];
  const alone: Run[] = [];
  const held = <T>(
    into: Run[],
    commands: readonly string[],
    pick: (results: readonly (string | null)[]) => T,
  ) =>
    new Promise<T>((resolve, reject) => {
      into.push({ commands, answer: (results) => resolve(pick(results)), refuse: reject });
    });
  return {
    batches,
    alone,
    runs: {
      alone: (command) => held(alone, [command], ([result]) => result ?? ''),
      together: (commands) => held(batches, commands, (results) => results),
      key: (command) => command.split('/')[0] ?? '',
    },
  };
}

const turn = async (): Promise<void> => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe('commands that arrive at the same time', () => {
  it('are run as one batch, and each has its own result', async () => {
    const { runs, batches, alone } = heldRuns();
    const together = new Together(runs);
    const results = Promise.all(['a', 'b', 'c'].map((command) => together.run(command)));
    await turn();
    expect(batches.map(({ commands }) => commands)).toEqual([['a', 'b', 'c']]);
    batches[0]?.answer(['A', 'B', 'C']);
    expect(await results).toEqual(['A', 'B', 'C']);
    expect(alone).toEqual([]);
  });

  it('are run alone when there is one only', async () => {
    const { runs, batches, alone } = heldRuns();
    const result = new Together(runs).run('a');
    await turn();
    expect([batches.length, alone.map(({ commands }) => commands)]).toEqual([0, [['a']]]);
    alone[0]?.answer(['A']);
    expect(await result).toBe('A');
  });

  it('gather while two are under way', async () => {
    const { runs, batches, alone } = heldRuns();
    const together = new Together(runs);
    for (const command of ['a', 'b', 'c', 'd']) {
      void together.run(command);
      await turn();
    }
    expect(alone.map(({ commands }) => commands)).toEqual([['a'], ['b']]);
    alone[0]?.answer(['A']);
    await turn();
    expect(batches.map(({ commands }) => commands)).toEqual([['c', 'd']]);
  });

  it('share no batch when they are about the same thing, and keep their order', async () => {
    const { runs, batches } = heldRuns();
    const together = new Together(runs);
    for (const command of ['a/1', 'a/2', 'b/1', 'a/3', 'b/2']) void together.run(command);
    await turn();
    expect(batches.map(({ commands }) => commands)).toEqual([
      ['a/1', 'b/1'],
      ['a/2', 'b/2'],
    ]);
  });

  it('are run again alone when the batch was refused, so that one refusal is not everybody’s', async () => {
    const { runs, batches, alone } = heldRuns();
    const together = new Together(runs);
    const results = Promise.allSettled(['a', 'b'].map((command) => together.run(command)));
    await turn();
    batches[0]?.refuse(new Error('one of them'));
    await turn();
    expect(alone.map(({ commands }) => commands)).toEqual([['a'], ['b']]);
    alone[0]?.answer(['A']);
    alone[1]?.refuse(new Error('taken'));
    expect(await results).toEqual([
      { status: 'fulfilled', value: 'A' },
      { status: 'rejected', reason: new Error('taken') },
    ]);
  });

  it('are run again alone where the batch left them untouched', async () => {
    const { runs, batches, alone } = heldRuns();
    const together = new Together(runs);
    const results = Promise.all(['a', 'b'].map((command) => together.run(command)));
    await turn();
    batches[0]?.answer([null, 'B']);
    await turn();
    expect(alone.map(({ commands }) => commands)).toEqual([['a']]);
    alone[0]?.answer(['A']);
    expect(await results).toEqual(['A', 'B']);
  });

  it('are not run again when the database went away, for the batch may have been committed', async () => {
    const { runs, batches, alone } = heldRuns();
    const together = new Together(runs);
    const results = Promise.allSettled(['a', 'b'].map((command) => together.run(command)));
    await turn();
    batches[0]?.refuse(new DatabaseUnavailable(new Error('gone')));
    expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(alone).toEqual([]);
  });

  it('make batches of ten at most', async () => {
    const { runs, batches } = heldRuns();
    const together = new Together(runs);
    for (let n = 0; n < 130; n++) void together.run(`c${n}`);
    await turn();
    expect(batches.map(({ commands }) => commands.length)).toEqual([10, 10]);
  });
});
