import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAdminToken } from '../../connections/index.js';
import type { DemoOptions } from './arguments.js';
import { CannotPlay } from './cannot-play.js';
import { ChildBridge } from './child-bridge.js';

/** A bridge to play against. */
export interface DemoBridge {
  readonly url: string;
  readonly scimToken: string;
  readonly adminToken: string;
  /** Whether the demo started it: then it is new and empty. */
  readonly own: boolean;
  /** Ends a bridge of the demo's own and removes its data. */
  close(): Promise<void>;
}

/** Where a bridge listens when nothing else was said. */
const USUAL_URL = 'http://127.0.0.1:3000';

/**
 * Where to look for a bridge that runs: the URL that was given, else the usual one if a token was given and somebody
 * there answers as a bridge does; else undefined.
 */
export async function findRunning(options: DemoOptions, usual = USUAL_URL): Promise<string | undefined> {
  if (options.url !== undefined) return options.url;
  if (options.token === undefined) return undefined;
  return (await isHealthy(usual)) ? usual : undefined;
}

/**
 * A bridge that runs.
 *
 * @param dataDir where one on this machine leaves its admin token
 * @throws CannotPlay without its tokens, or when nobody answers there
 */
export async function useRunning(url: string, options: DemoOptions, dataDir: string): Promise<DemoBridge> {
  if (options.token === undefined) {
    throw new CannotPlay(`The bridge at ${url} needs its SCIM token: give --token, or set SCIM_TOKEN.`);
  }
  if (!(await isHealthy(url)))
    throw new CannotPlay(`There is no bridge at ${url}: /healthz does not answer.`);
  const adminToken = options.adminToken ?? (await readAdminToken(dataDir));
  if (adminToken === undefined) {
    throw new CannotPlay(
      `The bridge at ${url} needs its admin token: give --admin-token, or set ADMIN_TOKEN,\n` +
        `or set DATA_DIR to its data folder on this machine (there is none in ${dataDir}).`,
    );
  }
  return { url, scimToken: options.token, adminToken, own: false, close: () => Promise.resolve() };
}

/**
 * Starts a bridge of the demo's own, on a free port, with data in a temporary folder. Locations in its answers name port 0, as
 * its public URL is made before it has a port; the demo follows none.
 *
 * @param environment without settings of another bridge
 * @param signal ends the start
 * @throws CannotPlay with what the bridge printed when it does not start
 */
export async function startOwn(
  { coderRateLimit }: DemoOptions,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<DemoBridge> {
  const dataDir = await mkdtemp(join(tmpdir(), 'idp-bridge-demo-'));
  const scimToken = randomBytes(24).toString('base64url');
  const child = new ChildBridge({
    ...environment,
    PORT: '0',
    DATA_DIR: dataDir,
    SCIM_TOKEN: scimToken,
    LOG_LEVEL: 'warn',
    // The demo says in a minute what a company says in a week.
    SCIM_RATE_LIMIT: '-1',
    ...(coderRateLimit === undefined ? {} : { CODER_RATE_LIMIT: String(coderRateLimit) }),
  });
  const close = async (): Promise<void> => {
    await child.end();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const healthy = async ({ url }: ChildBridge): Promise<string | undefined> =>
      url !== undefined && (await isHealthy(url)) ? url : undefined;
    const url = await child.until(() => healthy(child), signal);
    const adminToken = await readAdminToken(dataDir);
    if (adminToken === undefined) throw new CannotPlay('The bridge left no admin token in its data folder.');
    return { url, scimToken, adminToken, own: true, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) });
    const answer = (await response.json()) as { status?: unknown } | null;
    return response.status === 200 && answer?.status === 'ok';
  } catch {
    return false;
  }
}
