import { defineConfig } from 'vitest/config';

/** Tests that start the built program as a process. */
const PROCESSES = ['test/chaos/**/*.spec.ts', 'test/engines/process-*.spec.ts'];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: { name: 'source', include: ['src/**/*.spec.ts', 'test/**/*.spec.ts'], exclude: PROCESSES },
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
