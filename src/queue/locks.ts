import { randomUUID } from 'node:crypto';

import type { Database } from '../database/index.js';

/** A named lock that this process holds for a while. */
export interface Lock {
  /** Prolongs the lock to `ms` from now; false when another has it already. */
  renew(ms: number): Promise<boolean>;
  /** Gives it back; does nothing when another has it already. */
  release(): Promise<void>;
}

/** Named locks by the database's clock: a scheduled job fires on every replica and runs on the one that gets its lock. */
export class Locks {
  constructor(private readonly database: Database) {}

  /** Takes the lock for `ms`; null while another holds it. A holder that dies loses it when the time is over. */
  async tryAcquire(name: string, ms: number): Promise<Lock | null> {
    const token = randomUUID();
    const rows = await this.database.query(
      `INSERT INTO bridge.locks AS held (name, token, until)
       VALUES ($1, $2::uuid, now() + $3::double precision * interval '1 millisecond')
       ON CONFLICT (name) DO UPDATE SET token = excluded.token, until = excluded.until WHERE held.until < now()
       RETURNING token`,
      [name, token, ms],
    );
    return rows.length === 0 ? null : this.lock(name, token);
  }

  private lock(name: string, token: string): Lock {
    return {
      renew: async (ms) => {
        const rows = await this.database.query(
          `UPDATE bridge.locks SET until = now() + $3::double precision * interval '1 millisecond'
            WHERE name = $1 AND token = $2::uuid RETURNING token`,
          [name, token, ms],
        );
        return rows.length > 0;
      },
      release: async () => {
        await this.database.query('DELETE FROM bridge.locks WHERE name = $1 AND token = $2::uuid', [
          name,
          token,
        ]);
      },
    };
  }
}
