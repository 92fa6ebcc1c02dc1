import { existsSync } from 'node:fs';
import type { CommandLineSettings } from '../../config/index.js';
import { readAdminToken } from '../../connections/index.js';
import { DataDirOwned, openEngine } from '../../database/index.js';
import type { DatabaseLog } from '../../database/index.js';
import { AdminBackend } from './admin-backend.js';
import { CommandFailed } from './backend.js';
import type { Backend } from './backend.js';
import { DatabaseBackend } from './database-backend.js';

/** What the command line says of where the bridge is. */
export interface Place {
  readonly url?: string;
  readonly adminToken?: string;
}

/** Where a bridge on this machine listens when nothing else was said. */
const USUAL_PORT = '3000';

/** The embedded engine and the pools tell of their own doings; a command does not. */
const silent: DatabaseLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Finds the bridge: by its URL if one is given, else its PostgreSQL if DATABASE_URL is set, else the embedded database in
 * DATA_DIR. That has one owner: while a bridge runs on it, the bridge is asked instead.
 *
 * @throws CommandFailed
 */
export async function openBackend(place: Place, settings: CommandLineSettings): Promise<Backend> {
  const url = place.url ?? settings.bridgeUrl;
  if (url !== undefined) return overHttp(url, place, settings);
  if (settings.databaseUrl !== undefined) return onPostgres(settings.databaseUrl);
  const { dataDir } = settings;
  if (!existsSync(dataDir)) {
    throw new CommandFailed(
      `No bridge has run in ${dataDir}: set DATA_DIR to its data folder, DATABASE_URL to its PostgreSQL,\n` +
        'or BRIDGE_URL and ADMIN_TOKEN to ask one that runs.',
    );
  }
  try {
    return await confirmed(
      new DatabaseBackend(await openEngine({ engine: 'pglite', dataDir }, { log: silent })),
    );
  } catch (error) {
    if (!(error instanceof DataDirOwned)) throw error;
    return overHttp(`http://127.0.0.1:${settings.port ?? USUAL_PORT}`, place, settings);
  }
}

async function onPostgres(url: string): Promise<Backend> {
  return confirmed(new DatabaseBackend(await openEngine({ engine: 'postgres', url }, { log: silent })));
}

async function confirmed(backend: DatabaseBackend): Promise<Backend> {
  try {
    await backend.confirmSchema();
    return backend;
  } catch (error) {
    await backend.close();
    throw error;
  }
}

async function overHttp(url: string, place: Place, settings: CommandLineSettings): Promise<Backend> {
  const adminToken = place.adminToken ?? settings.adminToken ?? (await readAdminToken(settings.dataDir));
  if (adminToken === undefined) {
    throw new CommandFailed(
      `The bridge at ${url} needs its admin token: give --admin-token, or set ADMIN_TOKEN,\n` +
        `or set DATA_DIR to its data folder on this machine (there is none in ${settings.dataDir}).`,
    );
  }
  return new AdminBackend(url.replace(/\/+$/, '').replace(/\/scim\/v2$/, ''), adminToken);
}
