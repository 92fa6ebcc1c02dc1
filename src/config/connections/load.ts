import { readFileSync, statSync } from 'node:fs';
import { assembleConnections, type Surroundings } from './assemble.js';
import type { ConnectionConfig } from './model.js';
import { readSettings } from './read.js';
import type { FileSettings } from './settings.js';

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
  const { settings, faults } = readSettings(text);
  if (settings === undefined) return { connections: [], faults };
  if (faults.length > 0)
    return { connections: [], faults: [...faults, ...further(settings, surroundings, faults)] };
  const found: string[] = [];
  const connections = assembleConnections(settings, surroundings, (at, problem) =>
    found.push(`${at}: ${problem}`),
  );
  return { connections, faults: found };
}

/** What else is wrong in a file whose form has faults already: secrets that are missing, names that are there twice. */
function further(settings: FileSettings, surroundings: Surroundings, known: readonly string[]): string[] {
  const places = known.map((fault) => fault.slice(0, fault.indexOf(':')));
  const found: string[] = [];
  try {
    assembleConnections(settings, surroundings, (at, problem) => {
      if (!places.some((place) => at.startsWith(place) || place.startsWith(at)))
        found.push(`${at}: ${problem}`);
    });
  } catch {
    // The form is too far off to go on.
  }
  return found;
}

function failed(fault: string): LoadedConnections {
  return { connections: [], faults: [fault] };
}
