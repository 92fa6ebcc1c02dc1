import type { Runtime } from '../app.module.js';
import type { RunningRoles } from './running-roles.js';
import { Pausing } from '../directory/index.js';
import type { Readiness } from '../doctor/index.js';
import type { HealthState } from '../telemetry/index.js';

const OK: HealthState = { status: 'ok' };

/** Tells the health registry and the metrics what there is to look at. */
export function registerChecks(runtime: Runtime, running: RunningRoles, readiness: Readiness): void {
  const { health, metrics } = runtime.telemetry;
  health.register({
    name: 'database',
    critical: () => true,
    check: async () => {
      await runtime.database.ping();
      return OK;
    },
  });
  health.register({ name: 'queue', critical: () => false, check: () => queueState(runtime, running) });
  health.register({ name: 'coder', critical: () => false, check: () => coderState(runtime) });
  health.register({ name: 'coder-readiness', critical: () => false, check: () => readiness.state() });
  const pausing = new Pausing(runtime.database, null, 'health');
  health.register({ name: 'connections', critical: () => false, check: () => connectionState(pausing) });
  health.register({ name: 'targets', critical: () => false, check: () => targetState(running) });

  metrics.beforeScrape('targets', async () => {
    const counts = await running.dirty().counts();
    for (const state of ['dirty', 'failed', 'held', 'paused'] as const)
      metrics.targets.set({ state }, counts[state]);
  });
  metrics.beforeScrape('queue', async () => {
    for (const lane of ['urgent', 'normal'] as const) {
      const jobs = await running.queues().jobs(lane);
      for (const [state, count] of Object.entries(jobs)) metrics.queueDepth.set({ lane, state }, count);
    }
  });
  metrics.beforeScrape('breaker', () => {
    const { state } = runtime.coder.health.status().breaker;
    metrics.breakerOpen.set(state === 'open' ? 1 : state === 'halfOpen' ? 0.5 : 0);
  });
}

async function queueState({ queueBackend }: Runtime, running: RunningRoles): Promise<HealthState> {
  await queueBackend.ping();
  if (!running.queueIsFailing) return OK;
  return { status: 'degraded', reason: 'The last wake-ups could not be queued; the sweep delivers them.' };
}

function coderState({ coder }: Runtime): HealthState {
  const { reachable, authOk, reason } = coder.health.status();
  if (!authOk) return { status: 'degraded', reason: `Coder refuses the session token: ${reason ?? ''}` };
  return reachable ? OK : { status: 'degraded', reason: `Coder does not answer: ${reason ?? ''}` };
}

async function connectionState(pausing: Pausing): Promise<HealthState> {
  const paused = await pausing.paused();
  if (paused.length === 0) return OK;
  const names = paused.map(({ connection, waiting }) => `${connection} (${waiting} waiting)`);
  return {
    status: 'degraded',
    reason: `Paused, nothing is applied (idp-bridge resume): ${names.join(', ')}.`,
  };
}

async function targetState(running: RunningRoles): Promise<HealthState> {
  const { failed, held } = await running.dirty().counts();
  if (failed === 0 && held === 0) return OK;
  return {
    status: 'degraded',
    reason: `${failed} failed (GET /api/v1/failures), ${held} held for approval (GET /api/v1/holds).`,
  };
}
