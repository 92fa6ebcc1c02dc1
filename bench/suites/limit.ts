import { engines, withBridge } from '../support/bridge.js';
import { whole } from '../support/figures.js';
import type { Section } from '../support/figures.js';
import { Staff } from '../support/staff.js';

const USERS = 10_000;
const GROUPS = 500;
/** Coder's default: requests per minute and path. */
const LIMIT = 512;
const CREATE = 'POST /api/v2/users';
const MINUTE = 60_000;

/** An import that Coder's rate limit holds back, at the limit that Coder has by default: some twenty minutes. */
export async function limit(): Promise<Section> {
  const engine = engines().at(-1) ?? 'embedded';
  const row = await withBridge(
    engine,
    async (scene) => {
      const { simulator, settled } = scene;
      simulator.calls.reset();
      const staff = new Staff(USERS, GROUPS);
      const started = Date.now();
      await staff.usersFirst(scene);
      const pushedAt = Date.now();
      await settled();
      staff.assertComplete(simulator);
      const created = simulator.calls
        .mutations()
        .filter((call) => `${call.method} ${call.route}` === CREATE)
        .map(({ at }) => at)
        .toSorted((a, b) => a - b);
      const took = (created.at(-1) ?? started) - started;
      const refused = simulator.calls.all().filter(({ status }) => status === 429).length;
      return [
        engine,
        `${((pushedAt - started) / 1000).toFixed(0)} s`,
        `${(took / MINUTE).toFixed(1)} min`,
        whole(created.length / (took / MINUTE)),
        (created.length / (took / MINUTE) / LIMIT).toFixed(2),
        busiestMinute(created).toString(),
        refused.toString(),
      ];
    },
    LIMIT,
  );
  return {
    name: 'limit',
    title: `Import of ${whole(USERS)} users in ${GROUPS} groups at Coder's rate limit`,
    setting: [
      `Coder, simulated, permits ${LIMIT} requests a minute and path; every creation has the same path. All is pushed at once.`,
      'Aims: no 429; at least 0.90 of the limit while work waits.',
    ],
    tables: [
      {
        columns: [
          'engine',
          'pushed',
          'created',
          'creations a minute',
          'of the limit',
          'busiest minute',
          '429',
        ],
        rows: [row],
      },
    ],
  };
}

/** The most of these times that lie within one minute. */
function busiestMinute(times: readonly number[]): number {
  let [most, from] = [0, 0];
  times.forEach((time, at) => {
    while ((times[from] ?? 0) <= time - MINUTE) from += 1;
    most = Math.max(most, at - from + 1);
  });
  return most;
}
