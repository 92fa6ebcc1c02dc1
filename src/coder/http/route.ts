import { RejectedError } from '../errors.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of Coder's API: `GET` and `/users/{user}` (below `/api/v2`). */
export interface Route {
  readonly method: Method;
  readonly template: string;
  /** Below Coder's address itself: SCIM, OAuth2 and health are not under `/api/v2`, whatever the reference prints. */
  readonly atRoot?: boolean;
}

export const get = (template: string): Route => ({ method: 'GET', template });
export const post = (template: string): Route => ({ method: 'POST', template });
export const put = (template: string): Route => ({ method: 'PUT', template });
export const patch = (template: string): Route => ({ method: 'PATCH', template });
export const del = (template: string): Route => ({ method: 'DELETE', template });
export const atRoot = (route: Route): Route => ({ ...route, atRoot: true });

/** The name of the operation in errors and metrics: no ids, a closed set. */
export function operationOf(route: Route): string {
  return `${route.method} ${route.template}`;
}

const LONE_SURROGATE = /\p{Cs}/u;

/**
 * The concrete path of the template, each value as one encoded segment. Coder's limit counts requests by it.
 *
 * @throws RejectedError for a value that cannot be a segment of a path: empty (it would reach the collection), a dot
 * segment (proxies resolve them), a lone surrogate.
 */
export function pathOf(route: Route, values: Readonly<Record<string, string>>): string {
  return route.template.replace(/\{(\w+)\}/g, (_match, name: string) => {
    const value = Object.hasOwn(values, name) ? (values[name] ?? '') : '';
    if (value === '' || value === '.' || value === '..' || LONE_SURROGATE.test(value)) {
      throw new RejectedError(operationOf(route), `the value for {${name}} cannot stand in a path`);
    }
    return encodeURIComponent(value);
  });
}
