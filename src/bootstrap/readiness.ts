import type { CoderConnection } from '../coder/index.js';
import type { Config } from '../config/index.js';
import { diagnose, probeCoder, Readiness } from '../doctor/index.js';
import type { Log } from '../telemetry/index.js';
import type { Tuning } from './tuning.js';

/** The first look is waited for so long, milliseconds: then the first runs know what need not be tried. */
const FIRST_LOOK_MS = 2_000;

export interface OpenedReadiness {
  readonly readiness: Readiness;
  /**
   * Looks from now on, where there is work for Coder: who only takes pushes calls nobody.
   *
   * @param onReturn takes up what waits, once Coder keeps groups again or has seats again
   */
  readonly start: (onReturn: () => Promise<unknown>) => Promise<void>;
}

/** What the Coder of this bridge is ready for; nothing is asked yet. */
export function openReadiness(
  { coder, connections, policy, roles }: Config,
  { client, health }: CoderConnection,
  simulatorToken: string | undefined,
  log: Log,
  { readinessMs }: Tuning,
): OpenedReadiness {
  const sessionToken = simulatorToken ?? coder.sessionToken;
  const place = {
    ...(coder.organization !== undefined && { organization: coder.organization }),
    ...(sessionToken !== undefined && { sessionToken }),
  };
  const takesClaims = connections.some(({ oidc }) => oidc !== undefined);
  let takeUp: () => Promise<unknown> = () => Promise.resolve();
  const own = log.child({ room: 'doctor' });
  const readiness = new Readiness({
    look: async () => diagnose(await probeCoder(client, place), { ...policy, takesClaims }),
    allowed: () => health.allow(),
    log: { warn: (message) => own.warn(message), info: (message) => own.info(message) },
    onReturn: () => takeUp(),
    ...(readinessMs !== undefined && { everyMs: readinessMs }),
  });
  return {
    readiness,
    start: async (onReturn) => {
      takeUp = onReturn;
      if (roles.has('worker') || roles.has('scheduler')) await atMost(FIRST_LOOK_MS, readiness.start());
    },
  };
}

/** Waits for it, but no longer; it goes on. */
async function atMost(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, patience]);
  clearTimeout(timer);
}
