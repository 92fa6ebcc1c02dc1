import type { Body } from '../rules/body.js';
import type { Caller } from '../rules/permissions.js';
import type { Deployment } from '../state/deployment.js';
import type { Profile } from '../state/switches.js';
import type { State } from '../state/state.js';
import type { Answer } from './answers.js';

/** One request as a route's handler sees it. */
export interface Call {
  readonly deployment: Deployment;
  readonly state: State;
  readonly caller: Caller;
  readonly query: URLSearchParams;
  /** A segment of the path; the route declares it in braces. */
  param(name: string): string;
  /** A header of the request, empty when it is absent. */
  header(name: string): string;
  /** The body as it came. */
  readonly text: string;
  /** @throws ApiFailure 400 when it is not a JSON object */
  body(): Body;
}

/** A route that anybody may call has no caller. */
export type OpenCall = Omit<Call, 'caller'>;

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v2/users/{user}` */
  readonly path: string;
  /** Releases that do not have the route. */
  readonly notIn?: readonly Profile[];
  /** The licensed feature that the route needs, and whether it is asked for before the token. */
  readonly licence?: { readonly feature: string; readonly title: string; readonly first: boolean };
}

/** Handlers are synchronous, so a request is one transaction. */
export type Route = RouteBase &
  (
    | { readonly open: true; readonly handle: (call: OpenCall) => Answer }
    | { readonly open?: false; readonly handle: (call: Call) => Answer }
  );
