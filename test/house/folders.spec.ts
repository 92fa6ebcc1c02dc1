import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const ROOMS = [
  'common',
  'config',
  'telemetry',
  'database',
  'connections',
  'request-log',
  'journal',
  'queue',
  'directory',
  'coder',
];
const MORE_ROOMS = [
  'simulator',
  'oidc',
  'policy',
  'reconcile',
  'reconcile/planner',
  'reconcile/safety',
  'sync',
];
const FACES = ['scim', 'scim/protocol', 'scim/dialects', 'scim/http', 'admin', 'cli'];

/** File, what it imports, and the rules that this breaks. */
const CASES: readonly (readonly [file: string, statement: string, broken: readonly string[]])[] = [
  // The table of rooms.
  ['src/directory/a.ts', "import '../database/index.js';", []],
  ['src/directory/b.ts', "import '../coder/index.js';", ['room-directory']],
  ['src/database/a.ts', "import '../directory/index.js';", ['room-database']],
  ['src/queue/a.ts', "import '../reconcile/index.js';", ['room-queue']],
  ['src/journal/a.ts', "import '../queue/index.js';", ['room-journal']],
  ['src/connections/a.ts', "import '../directory/index.js';", ['room-connections']],
  ['src/request-log/a.ts', "import '../connections/index.js';", ['room-request-log']],
  ['src/coder/a.ts', "import '../queue/index.js';", ['room-coder']],
  ['src/coder/b.ts', "import '../config/index.js'; import '../telemetry/index.js';", []],
  ['src/oidc/a.ts', "import '../reconcile/index.js';", ['room-oidc']],
  ['src/reconcile/a.ts', "import './planner/index.js'; import '../coder/index.js';", []],
  ['src/reconcile/b.ts', "import '../connections/index.js';", ['room-reconcile']],
  ['src/sync/a.ts', "import '../scim/index.js';", ['room-sync']],
  ['src/admin/a.ts', "import '../coder/index.js';", ['room-admin']],
  ['src/telemetry/a.ts', "import '../database/index.js';", ['room-telemetry']],
  ['src/config/a.ts', "import '../telemetry/index.js';", ['config-imports-common-only']],
  ['src/scim/http/a.ts', "import '../protocol/index.js'; import '../../directory/index.js';", []],
  ['src/scim/http/b.ts', "import '../../reconcile/index.js';", ['room-scim']],
  ['src/scim/http/c.ts', "import '../../coder/index.js';", ['room-scim']],
  ['src/simulator/a.ts', "import type { X } from '../coder/index.js';", []],
  ['src/simulator/b.ts', "import { X } from '../coder/index.js'; X;", ['simulator-takes-types-of-coder']],
  ['src/simulator/c.ts', "import '../policy/index.js';", ['room-simulator']],
  // Pure rooms.
  ['src/common/a.ts', "import '../config/index.js';", ['pure-common']],
  ['src/common/b.ts', "import 'uuid'; import 'node:crypto';", []],
  ['src/common/c.ts', "import 'node:fs';", ['pure-common-io']],
  ['src/policy/a.ts', "import '@nestjs/common';", ['pure-policy-packages']],
  ['src/scim/protocol/a.ts', "import '../dialects/index.js';", ['pure-scim-protocol']],
  ['src/scim/protocol/b.ts', "import 'class-validator';", ['pure-scim-protocol-packages']],
  ['src/scim/dialects/a.ts', "import '../protocol/index.js';", []],
  ['src/scim/dialects/b.ts', "import '../http/index.js';", ['pure-scim-dialects']],
  ['src/reconcile/planner/a.ts', "import type { X } from '../../coder/index.js';", []],
  [
    'src/reconcile/planner/b.ts',
    "import { X } from '../../coder/index.js'; X;",
    ['pure-reconcile-planner-types'],
  ],
  ['src/reconcile/safety/a.ts', "import '../../queue/index.js';", ['pure-reconcile-safety']],
  // For all.
  [
    'src/directory/c.ts',
    "import '../database/index.js'; import '../database/inside.js';",
    ['through-the-index'],
  ],
  ['src/scim/http/d.ts', "import '../protocol/inside.js';", ['through-the-index']],
  ['src/sync/b.ts', "import '../cli/index.js';", ['nobody-imports-cli', 'room-sync']],
  ['src/main.ts', "import './admin/index.js'; import './sync/index.js';", []],
  ['bench/a.ts', "import '../src/admin/index.js';", ['nobody-imports-admin']],
  ['bench/b.ts', "import '../test/support.js';", ['nobody-imports-test']],
  ['src/queue/h.ts', "import '../../test/support.js';", ['nobody-imports-test']],
  ['src/queue/h.spec.ts', "import '../../test/support.js';", []],
  ['src/queue/b.ts', "import '../../tools/x.js';", ['nothing-outside-src']],
  ['src/queue/c.ts', "import './it.spec.js';", ['no-specs']],
  ['src/queue/d.ts', "import '@nestjs/common';", ['nest-in-modules-only']],
  ['src/queue/queue.module.ts', "import '@nestjs/common';", []],
  ['src/queue/e.ts', "import { env } from 'node:process'; env;", ['process-by-its-global-name']],
  ['src/queue/f.ts', "import './missing.js';", ['not-resolvable']],
  ['src/queue/g.ts', "import 'fast-check';", ['not-a-dependency']],
  ['src/queue/round.ts', "import './trip.js';", ['no-cycle']],
];

interface Cruised {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

describe('the checker of imports between folders', () => {
  let tree: string;
  let broken: Map<string, Set<string>>;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), 'idp-bridge-folders-'));
    const files = new Map<string, string>();
    for (const room of [...ROOMS, ...MORE_ROOMS, ...FACES]) {
      files.set(`src/${room}/index.ts`, 'export const X = 1;');
      files.set(`src/${room}/inside.ts`, 'export const X = 1;');
    }
    files
      .set('src/queue/trip.ts', "import './round.js';")
      .set('src/queue/it.spec.ts', '')
      .set('test/support.ts', '')
      .set('tools/x.ts', '');
    for (const [file, statement] of CASES) files.set(file, statement);
    for (const [file, text] of files) {
      await mkdir(dirname(join(tree, file)), { recursive: true });
      await writeFile(join(tree, file), text);
    }
    for (const name of ['node_modules', 'package.json', 'tsconfig.json'])
      await symlink(join(ROOT, name), join(tree, name));
    broken = new Map();
    for (const { from, rule } of (await cruise(tree)).summary.violations) {
      broken.set(from, (broken.get(from) ?? new Set()).add(rule.name));
    }
  });

  afterAll(() => rm(tree, { recursive: true, force: true }));

  it.each(CASES)('judges %s with %s', (file, _statement, expected) => {
    expect([...(broken.get(file) ?? [])].toSorted()).toEqual(expected);
  });
});

function cruise(tree: string): Promise<Cruised> {
  const command = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(ROOT, '.dependency-cruiser.cjs');
  const args = [command, '--config', config, '--output-type', 'json', 'src', 'bench'];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: tree, maxBuffer: 64e6 }, (_error, stdout, stderr) => {
      if (stdout === '') fail(new Error(stderr));
      else done(JSON.parse(stdout) as Cruised);
    });
  });
}
