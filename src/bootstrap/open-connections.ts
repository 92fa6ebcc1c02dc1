import type { Config } from '../config/index.js';
import { endForeignAccess, openConnections, Tokens } from '../connections/index.js';
import type { Connections } from '../connections/index.js';
import type { Database } from '../database/index.js';
import type { Log } from '../telemetry/index.js';

/** The connections of this start, and what was made for them. */
export interface OpenedConnections {
  readonly connections: Connections;
  readonly tokens: Tokens;
  /** The token of the first connection, at the start that made it. */
  readonly newScimToken?: string;
}

/** Brings connections and their tokens from the configuration into the database, and says what of the data is out of use. */
export async function openTheConnections(
  config: Config,
  database: Database,
  log: Log,
): Promise<OpenedConnections> {
  const { connections, retired } = await openConnections(database, config.connections);
  for (const { name, users, groups } of retired) {
    log.warn(
      `connection ${name} is configured no more: nobody can push to it, and nothing of it is deleted; its ${users} users and ` +
        `${groups} groups stay as they were stated, in Coder too. Configure it again, or name it in "formerly" of the one that takes its place`,
    );
  }
  const tokens = new Tokens(database);
  for (const { id, config: own } of connections.served) {
    await tokens.ensureConfigured(id, own.tokens);
    await endForeignAccess(database, id, own.oauth.clients);
  }
  const first = connections.find();
  const stated =
    first?.config.tokens.length !== 0 || first.config.oauth.clients.length + first.config.jwt.length > 0;
  if (first === undefined || stated || !config.embedded) return { connections, tokens };
  const newScimToken = await tokens.ensureFirst(first.id);
  return { connections, tokens, ...(newScimToken === undefined ? {} : { newScimToken }) };
}
