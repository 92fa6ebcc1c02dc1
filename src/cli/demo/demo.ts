import { randomInt } from 'node:crypto';
import type { CommandLineSettings } from '../../config/index.js';
import type { DemoOptions } from './arguments.js';
import { findRunning, startOwn, useRunning } from './bridge.js';
import type { DemoBridge } from './bridge.js';
import { BridgeAdmin } from './bridge-admin.js';
import type { Histograms } from './bridge-admin.js';
import { CannotPlay } from './cannot-play.js';
import { ApiView, SimulatorView } from './coder.js';
import type { CoderView } from './coder.js';
import { compare } from './compare.js';
import { Entra, entraDress } from './entra.js';
import { Stated } from './model.js';
import { Okta, oktaDress } from './okta.js';
import { paint } from './paint.js';
import type { Paint } from './paint.js';
import { inventCompany } from './people.js';
import { play } from './play.js';
import { progressOn } from './progress.js';
import type { Screen } from './progress.js';
import { Random } from './random.js';
import { isGood, reportLines } from './report.js';
import { Run } from './run.js';
import { Casting } from './scenario.js';
import { ScimClient } from './scim-client.js';

/** What the demo gets from the process. */
export interface Surroundings {
  readonly settings: CommandLineSettings;
  /** For a bridge of the demo's own: without the settings of another. */
  readonly environment: NodeJS.ProcessEnv;
  readonly screen: Screen;
  /** Ends the demo; a bridge of its own is ended too. */
  readonly signal: AbortSignal;
}

/**
 * Plays the whole demo and prints the report.
 *
 * @returns whether Coder holds what was stated
 * @throws CannotPlay when there is nothing to play against; the signal's reason
 */
export async function runDemo(options: DemoOptions, surroundings: Surroundings): Promise<boolean> {
  const { screen, settings, signal } = surroundings;
  const colours = screen.isTerminal && !settings.noColor;
  const say = (line: string): void => screen.write(`${line}\n`);
  const running = await findRunning(options);
  if (running === undefined) say("Starting a bridge of the demo's own ...");
  const bridge =
    running === undefined
      ? await startOwn(options, surroundings.environment, signal)
      : await useRunning(running, options, settings.dataDir);
  try {
    return await untilAborted(signal, playOn(bridge, options, screen, paint(colours)));
  } finally {
    await bridge.close();
  }
}

async function playOn(
  bridge: DemoBridge,
  options: DemoOptions,
  screen: Screen,
  colours: Paint,
): Promise<boolean> {
  const say = (line: string): void => screen.write(`${line}\n`);
  const admin = new BridgeAdmin(bridge.url, bridge.adminToken);
  const { view, description } = await coderView(admin, options);
  const seed = options.seed ?? (bridge.own ? 1 : randomInt(2, 1_000_000));
  const company = inventCompany(options.users, options.groups, seed);
  const { dress, create } = PROVIDERS[options.provider];
  const scim = new ScimClient(`${bridge.url}/scim/v2`, bridge.scimToken, dress);
  const provider = create(scim, seed);
  const stated = new Stated();
  const progress = progressOn(screen, colours);
  const { concurrency } = provider;
  const { patienceMs } = options;
  const stage = { scim, admin, coder: view, stated, progress, concurrency, patienceMs };

  say(`${colours.bold(provider.name)}: ${options.users} people, ${options.groups} groups (seed ${seed})`);
  say(colours.dim(`  bridge ${bridge.url}${bridge.own ? " (of the demo's own)" : ''}, ${description}`));
  say('');
  const [known, measured] = [new Set((await admin.issues()).map(({ id }) => id)), await admin.pushToCoder()];
  const run = new Run(stage);
  await play(run, {
    provider,
    company,
    stated,
    casting: new Casting(stated, new Random(seed)),
    coder: view,
  });
  const issues = (await admin.issues()).filter(({ id }) => !known.has(id));
  const usernames = new Map(company.people.map(({ key, userName }) => [key, userName]));
  const outcome = {
    providerName: provider.name,
    comparison: compare(stated, await view.read(), usernames),
    faults: [...run.faults, ...issues.map(({ text }) => text)],
    phases: run.phases,
    latencies: run.latencies,
    histograms: since(measured, await admin.pushToCoder()),
  };
  for (const line of reportLines(outcome, colours)) say(line);
  return isGood(outcome);
}

const PROVIDERS = {
  okta: { dress: oktaDress, create: (scim: ScimClient, seed: number) => new Okta(scim, seed) },
  entra: { dress: entraDress, create: (scim: ScimClient, seed: number) => new Entra(scim, seed) },
} as const;

/** How to look into Coder past the bridge. */
async function coderView(
  admin: BridgeAdmin,
  { coderUrl, coderToken }: DemoOptions,
): Promise<{ view: CoderView; description: string }> {
  const { url, simulator } = await admin.coder().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CannotPlay(`The bridge's admin API cannot be used: ${reason}`);
  });
  if (coderUrl !== undefined && coderToken !== undefined) {
    return { view: new ApiView(coderUrl, coderToken), description: `Coder ${coderUrl}` };
  }
  const view = new SimulatorView(url);
  const answers = await view.calls().catch(() => null);
  if (simulator && answers) return { view, description: `simulated Coder ${url}` };
  throw new CannotPlay(
    `What Coder holds has to be read past the bridge, and Coder at ${url} is not a simulator that answers here.\n` +
      'Give --coder-url and --coder-token (a session token of an owner), or play against a bridge with the simulator.\n' +
      'The demo makes accounts and groups there, and leaves them.',
  );
}

function since(before: Histograms, after: Histograms): Histograms {
  const of = (kind: 'user' | 'group') => ({
    count: after[kind].count - before[kind].count,
    sum: after[kind].sum - before[kind].sum,
  });
  return { user: of('user'), group: of('group') };
}

/** The work, or the signal's reason as soon as it comes. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
  return Promise.race([work, aborted]);
}
