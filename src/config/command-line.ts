import { KEYS } from './variables.js';
import { NOT_OURS } from './load.js';

/** What commands take from the environment; an empty variable counts as not set. */
export interface CommandLineSettings {
  /** BRIDGE_URL: where a bridge runs. */
  readonly bridgeUrl?: string;
  /** SCIM_TOKEN */
  readonly scimToken?: string;
  /** ADMIN_TOKEN */
  readonly adminToken?: string;
  /** DATA_DIR: where a bridge on this machine leaves its admin token. */
  readonly dataDir: string;
  /** DATABASE_URL: the database of a bridge, where it is PostgreSQL. */
  readonly databaseUrl?: string;
  /** PORT: where a bridge on this machine listens. */
  readonly port?: string;
  /** NO_COLOR (no-color.org): set to anything. */
  readonly noColor: boolean;
}

export function commandLineSettings(env: NodeJS.ProcessEnv): CommandLineSettings {
  const [bridgeUrl, scimToken, adminToken, dataDir, databaseUrl, port] = [
    'BRIDGE_URL',
    'SCIM_TOKEN',
    'ADMIN_TOKEN',
    'DATA_DIR',
    'DATABASE_URL',
    'PORT',
  ].map((key) => env[key]?.trim() || undefined);
  return {
    ...(bridgeUrl === undefined ? {} : { bridgeUrl }),
    ...(scimToken === undefined ? {} : { scimToken }),
    ...(adminToken === undefined ? {} : { adminToken }),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(port === undefined ? {} : { port }),
    dataDir: dataDir ?? './data',
    noColor: (env['NO_COLOR'] ?? '') !== '',
  };
}

/** The environment without the bridge's own variables: for a bridge that a command starts with settings of its own. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = new Set<string>([...KEYS, ...NOT_OURS]);
  return Object.fromEntries(Object.entries(env).filter(([key]) => !ours.has(key)));
}
