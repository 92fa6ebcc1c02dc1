import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, systemClock } from '../common/index.js';
import { Admin } from './admin.js';
import { CallLog } from './calls.js';
import { Faults } from './faults.js';
import { ROUTES } from './routes/index.js';
import { VERSIONS } from './routes/deployment/general.js';
import { ApiFailure, internal } from './server/answers.js';
import { Control } from './server/control.js';
import { Listener } from './server/listener.js';
import { Pipeline } from './server/pipeline.js';
import { RateLimiter } from './server/rate-limit.js';
import { Router } from './server/router.js';
import { Deployment } from './state/deployment.js';
import type { Ledger } from './state/ledger.js';
import type { SwitchChange } from './state/switches.js';
import type { State } from './state/state.js';
import { StateFile } from './state/state-file.js';

/** Coder takes any size; this much is more than any honest request has. */
const MAX_BODY = 16 * 1024 * 1024;

export interface SimulatorOptions {
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** Absent: the port of the last start if the state file remembers one and it is free, else any free one. */
  readonly port?: number;
  /** Keeps the state over restarts; absent: only in memory. */
  readonly stateFile?: string;
  /** Switches to begin with; they win over what the state file remembers. */
  readonly switches?: SwitchChange;
  /** Requests per minute, address and path, as Coder's CODER_API_RATE_LIMIT (512 there); absent: no limit. */
  readonly rateLimit?: number;
  /** The account whose token the simulator hands out; it is a site owner and in the default organization. */
  readonly account?: { readonly username: string; readonly email: string };
  /** That account's token, `<10 characters>-<22 characters>`; absent: the state file's, or a new one. */
  readonly token?: string;
  readonly clock?: Clock;
  /** For the probability of faults; Math.random when absent. */
  readonly random?: () => number;
}

/** A running simulated Coder. */
export interface Simulator {
  /** `http://127.0.0.1:40123`, without a slash at the end; the same after {@link Admin.startListening}. */
  readonly url: string;
  /** Session token of an owner: the bridge's account. */
  readonly token: string;
  readonly state: State;
  /** Audit rows and notifications. */
  readonly ledger: Ledger;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly admin: Admin;
  close(): Promise<void>;
}

const ACCOUNT = { username: 'idp-bridge', email: 'idp-bridge@coder.example' };

/** Starts a Coder in this process: its API under `/api/v2`, and `/simulator/...` for faults, calls and state. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const deployment = new Deployment(clock);
  const { state } = deployment;
  const file = options.stateFile === undefined ? null : new StateFile(options.stateFile, state);
  const calls = new CallLog();
  const faults = new Faults(options.random ?? Math.random);
  const host = options.host ?? '127.0.0.1';
  let port = 0;

  const parts = { deployment, calls, faults, limiter: new RateLimiter(clock), file, clock };
  const pipeline = new Pipeline({
    ...parts,
    router: new Router(ROUTES),
    version: () => VERSIONS[state.switches.profile],
  });
  const listener = new Listener(
    handler(pipeline, new Control({ ...parts, admin: () => admin })),
    (request, socket) => {
      try {
        pipeline.upgrade(request, socket, urlOf(request));
      } catch {
        socket.destroy();
      }
    },
    host,
  );
  const admin: Admin = new Admin(deployment, {
    commit: () => file?.commit(),
    stopListening: () => listener.stop(),
    startListening: () => listener.start(port),
  });

  const token = prepare(deployment, admin, options);
  port = await listen(listener, options.port ?? state.port, options.port === undefined);
  if (state.port !== port) state.apply(['port', port]);
  file?.commit();
  const close = async (): Promise<void> => {
    faults.clear();
    await listener.stop();
    file?.close();
  };
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return { url, token, state, ledger: deployment.ledger, calls, faults, admin, close };
}

/** The default organization, the bridge's account and its token, unless the state file brought them. */
function prepare(deployment: Deployment, admin: Admin, options: SimulatorOptions): string {
  const { state } = deployment;
  if (state.organizations.size === 0) deployment.createOrganization('coder', 'Coder', true);
  const rateLimit = options.rateLimit === undefined ? {} : { rateLimit: options.rateLimit };
  admin.set({ ...options.switches, ...rateLimit });
  const { username, email } = options.account ?? ACCOUNT;
  const account =
    state.userByUsername(username) ??
    admin.createUser({ username, email, login_type: 'password', roles: ['owner'] });
  if (state.tables.size('license') === 0 && Object.values(state.switches.features).some(Boolean)) {
    deployment.addLicense({ feature_set: 'premium' });
  }
  if (state.tables.size('replica') === 0) deployment.addReplica('coder-0');
  deployment.ledger.reset();
  if (options.token !== undefined) return wantedToken(state, account.id, options.token);
  for (const token of state.tokens.values()) {
    if (token.user_id === account.id && token.expires_at === undefined) return `${token.id}-${token.secret}`;
  }
  return admin.createToken(account.id);
}

function wantedToken(state: State, userId: string, text: string): string {
  const [id = '', secret = '', ...rest] = text.split('-');
  if (id.length !== 10 || secret.length !== 22 || rest.length > 0) {
    throw new Error('a token is 10 characters, a hyphen and 22 characters');
  }
  const known = state.tokens.get(id);
  if (known?.user_id !== userId || known.secret !== secret) {
    state.apply(['token', { id, secret, user_id: userId }]);
  }
  return text;
}

async function listen(listener: Listener, port: number | null, anyIfTaken: boolean): Promise<number> {
  try {
    await listener.start(port ?? 0);
  } catch (error) {
    if (!anyIfTaken || !port) throw error;
    await listener.start(0);
  }
  return listener.port;
}

function handler(
  pipeline: Pipeline,
  control: Control,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    readBody(request)
      .then((text) => {
        const url = urlOf(request);
        if (!url.pathname.startsWith('/simulator/')) return pipeline.handle(request, response, url, text);
        return pipeline.send(
          response,
          caught(() => control.answer(request, url.pathname, text)),
        );
      })
      .catch((error: unknown) => {
        if (!response.headersSent && !response.destroyed) pipeline.send(response, failure(error).answer());
      });
  };
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? '/', 'http://simulator');
}

function caught(work: () => ReturnType<ApiFailure['answer']>): ReturnType<ApiFailure['answer']> {
  try {
    return work();
  } catch (error) {
    return failure(error).answer();
  }
}

function failure(error: unknown): ApiFailure {
  if (error instanceof ApiFailure) return error;
  return internal(error instanceof Error ? error.message : String(error));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ApiFailure(413, 'The request body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
