import type { Simulator } from './simulator.js';

export interface Answered<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** What the specs call the simulator with. */
export interface Client {
  <T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answered<T>>;
}

/** Calls below `/api/v2` with a token: the account's, unless another is given; empty: none. */
export function client(simulator: Simulator, token = simulator.token): Client {
  return async <T>(method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = token ? { 'Coder-Session-Token': token } : {};
    const text = typeof body === 'string' ? body : body === undefined ? null : JSON.stringify(body);
    const response = await fetch(`${simulator.url}/api/v2${path}`, { method, headers, body: text });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (answer ? JSON.parse(answer) : {}) as T,
    };
  };
}
