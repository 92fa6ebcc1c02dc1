import { readFileSync, statSync } from 'node:fs';
import { assembleConnections, type Surroundings } from './assemble.js';
import type { ConnectionConfig } from './model.js';
import { readSettings } from './read.js';

/** A larger file is none that people write. */
const LARGEST_FILE = 1024 * 1024;

/** What a file of connections came to. Without a fault there is at least one connection. */
export interface LoadedConnections {
  readonly connections: readonly ConnectionConfig[];
  /** One line each: `connections[0].name: expected ...`. */
  readonly faults: readonly string[];
}

/** Reads the file that BRIDGE_CONFIG names. Never throws: what is wrong is a fault. */
export function loadConnections(path: string, surroundings: Surroundings): LoadedConnections {
  let text: string;
  try {
    if (statSync(path).size > LARGEST_FILE) return failed('expected a file of at most 1 MB');
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return failed(`expected a readable file (${code})`);
  }
  const read = readSettings(text);
  if ('faults' in read) return { connections: [], faults: read.faults };
  const faults: string[] = [];
  const connections = assembleConnections(read.settings, surroundings, (at, problem) =>
    faults.push(`${at}: ${problem}`),
  );
  return { connections, faults };
}

function failed(fault: string): LoadedConnections {
  return { connections: [], faults: [fault] };
}
