import { readSecret } from './secrets.js';

/** Collects faults with their place in the file. */
export type Fault = (path: string, problem: string) => void;

/** The secret that the file states, or a fault. */
export function secretOf(stated: string, path: string, env: NodeJS.ProcessEnv, fault: Fault): string {
  const secret = typeof stated === 'string' ? readSecret(stated, env) : { fault: 'expected a text' };
  if ('value' in secret) return secret.value;
  fault(path, secret.fault);
  // Never used: with a fault there is no configuration. Unlike any other, so that it is not reported as a repetition.
  return path;
}

/** One text alone is a list of it. */
export function list(stated: string | readonly string[] | null | undefined): readonly string[] {
  return typeof stated === 'string' ? [stated] : (stated ?? []);
}
