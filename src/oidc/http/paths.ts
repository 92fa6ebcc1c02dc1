import type { FastifyRequest } from 'fastify';

/** The path, of the first connection and of each by its name. */
export function pathsOf(path: string): readonly string[] {
  return [path, `/connections/:connection${path}`];
}

/** The connection that the URL names; undefined: the first one. */
export function connectionOf({ params }: FastifyRequest): string | undefined {
  const named = typeof params === 'object' && params !== null && 'connection' in params;
  return named ? String(params.connection) : undefined;
}
