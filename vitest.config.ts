import { defineConfig } from 'vitest/config';

/** Tests that start the built program as a process. */
const PROCESSES = ['test/chaos/**/*.spec.ts', 'test/engines/process-*.spec.ts'];

/** Tests that share a process, one after the other: the program is loaded once for all of them. */
const SHARED = ['src/**/*.spec.ts', 'test/{conformance,docs,pipeline,property}/**/*.spec.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    pool: 'forks',
    // Tests wait for most of their time: two cores have enough for three.
    maxWorkers: 3,
    projects: [
      { extends: true, test: { name: 'source', include: SHARED, isolate: false } },
      {
        extends: true,
        // Engines set what is one for a whole process.
        test: { name: 'alone', include: ['test/**/*.spec.ts'], exclude: [...SHARED, ...PROCESSES] },
      },
      {
        extends: true,
        test: {
          name: 'processes',
          include: PROCESSES,
          globalSetup: 'test/support/build.ts',
          testTimeout: 300_000,
        },
      },
    ],
  },
});
