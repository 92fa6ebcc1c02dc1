import { badRequest } from './answers.js';
import type { Route } from './route.js';

export interface Match {
  readonly route: Route;
  readonly params: ReadonlyMap<string, string>;
}

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Finds the route of a request; literal segments win over parameters by the order of the table. */
export class Router {
  private readonly bySize = new Map<number, Compiled[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const segments = route.path.split('/').slice(1);
      const list = this.bySize.get(segments.length) ?? [];
      list.push({ route, segments });
      this.bySize.set(segments.length, list);
    }
    for (const list of this.bySize.values()) list.sort((a, b) => parameters(a) - parameters(b));
  }

  /** `wrong method` when the path is known with other methods only. */
  find(method: string, path: string): Match | 'wrong method' | null {
    const segments = path.split('/').slice(1);
    let known = false;
    for (const { route, segments: wanted } of this.bySize.get(segments.length) ?? []) {
      if (!wanted.every((part, i) => part.startsWith('{') || part === segments[i])) continue;
      known = true;
      if (route.method === method) return { route, params: read(wanted, segments) };
    }
    return known ? 'wrong method' : null;
  }
}

function parameters(compiled: Compiled): number {
  return compiled.segments.filter((part) => part.startsWith('{')).length;
}

function read(wanted: readonly string[], segments: readonly string[]): Map<string, string> {
  const params = new Map<string, string>();
  wanted.forEach((part, i) => {
    if (part.startsWith('{')) params.set(part.slice(1, -1), decode(segments[i] ?? ''));
  });
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest('The path is not properly escaped.');
  }
}
