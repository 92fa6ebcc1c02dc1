import { readFileSync, statSync } from 'node:fs';
import { SHORTEST_TOKEN } from '../rules.js';

/** Larger files hold no secret. */
const LARGEST_FILE = 16 * 1024;

/** A secret, or in one line why there is none; never with a part of it. */
export type Secret = { readonly value: string } | { readonly fault: string };

/**
 * Reads a secret as the file states it: `env:NAME` (an environment variable), `file:/path` (the file's text without the
 * line's end, as Kubernetes and Docker mount secrets), or the secret itself.
 */
export function readSecret(stated: string, env: NodeJS.ProcessEnv): Secret {
  const found = lookUp(stated, env);
  if ('fault' in found) return found;
  const expected = `at least ${SHORTEST_TOKEN} printable ASCII characters without spaces`;
  const good = new RegExp(`^[\\x21-\\x7e]{${SHORTEST_TOKEN},4096}$`).test(found.value);
  return good ? found : { fault: `expected a secret of ${expected}` };
}

function lookUp(stated: string, env: NodeJS.ProcessEnv): Secret {
  if (stated.startsWith('env:')) {
    const name = stated.slice('env:'.length).trim();
    const value = env[name]?.trim() ?? '';
    return value === ''
      ? { fault: `expected the environment variable ${name.slice(0, 100)} to be set` }
      : { value };
  }
  if (!stated.startsWith('file:')) return { value: stated };
  const path = stated.slice('file:'.length).trim();
  try {
    if (statSync(path).size > LARGEST_FILE)
      return { fault: `expected ${path} to hold a secret; it is too large` };
    return { value: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { fault: `expected ${path} to be readable (${code})` };
  }
}
