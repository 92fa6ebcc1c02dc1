import { parseArgs } from 'node:util';

import { toText } from './support/figures.js';
import type { Section } from './support/figures.js';
import { load, machineLines } from './support/machine.js';
import { writeFigures } from './support/page.js';
import { deactivation } from './suites/deactivation.js';
import { economy } from './suites/economy.js';
import { hooks } from './suites/hooks.js';
import { importing } from './suites/import.js';
import { latency } from './suites/latency.js';
import { limit } from './suites/limit.js';
import { patches } from './suites/patches.js';
import { peer } from './suites/peer.js';
import { scim } from './suites/scim.js';
import { size } from './suites/size.js';

const USAGE = `npm run bench -- [name ...] [--write] [--rounds n] [--seconds n] [--profile folder]

  names      scim, peer, size, import, patches, deactivation, latency, economy, hooks, limit; none: all of
             them (limit takes twenty minutes)
  --write    puts the figures into docs/benchmarks.md as well
  --rounds   rounds of scim and repetitions of deactivation (5)
  --seconds  of each measurement of scim (2)
  --profile  where to write CPU profiles of the bridges of scim
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      write: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '2' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const suites = new Map<string, () => Promise<Section | null>>([
    ['scim', () => scim({ rounds, seconds, profile: values.profile })],
    ['peer', () => peer({ rounds, seconds })],
    ['size', () => size({ rounds, seconds })],
    ['import', importing],
    ['patches', patches],
    ['deactivation', () => deactivation(rounds)],
    ['latency', latency],
    ['economy', economy],
    ['hooks', hooks],
    ['limit', limit],
  ]);
  const chosen = positionals.length > 0 ? positionals : [...suites.keys()];
  if (values.help || chosen.some((name) => !suites.has(name)) || !(rounds > 0) || !(seconds > 0)) {
    process.stdout.write(USAGE);
    return;
  }
  for (const name of chosen) {
    const before = load();
    const section = await suites.get(name)?.();
    if (!section) {
      process.stdout.write(`${name}: left out, PostgreSQL is not installed here\n\n`);
      continue;
    }
    const text = toText(section, [`npm run bench -- ${name}`, ...machineLines(before)]);
    process.stdout.write(`${text}\n\n`);
    if (values.write) await writeFigures(name, text);
  }
}

await main();
