import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { parseDocument } from 'yaml';
import type { JsonObject } from '../../common/index.js';
import { isMapping } from './rules.js';
import { ConnectionSettings, FileSettings } from './settings.js';

/** Faults shown of one file: enough to mend it, few enough to be read. */
const MOST_FAULTS = 100;

/** What the file says, each fault with its place in the file. Settings with faults serve to find further ones. */
export interface ReadFile {
  readonly settings?: FileSettings;
  readonly faults: readonly string[];
}

/** Reads the text of the file and checks its form: types, bounds, and that no key is unknown. */
export function readSettings(text: string): ReadFile {
  const document = parseDocument(text, { uniqueKeys: true, prettyErrors: true });
  // The message's further lines quote the text, which may hold a secret.
  const broken = document.errors.map(({ message }) => message.split('\n', 1)[0]?.replace(/:$/, '') ?? '');
  if (broken.length > 0) return { faults: broken };
  const plain = toPlain(document);
  if (!isMapping(plain)) return { faults: ['expected a mapping with the key connections'] };
  const settings = withIdpSync(plainToInstance(FileSettings, plain), plain);
  const errors = validateSync(settings, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
  });
  return { settings, faults: errors.flatMap((error) => linesOf(error, '')).slice(0, MOST_FAULTS) };
}

function withIdpSync(settings: FileSettings, plain: JsonObject): FileSettings {
  const stated: unknown = plain['connections'];
  if (!Array.isArray(stated) || !Array.isArray(settings.connections)) return settings;
  settings.connections.forEach((connection: unknown, index) => {
    const given: unknown = stated[index];
    if (connection instanceof ConnectionSettings && isMapping(given) && given['idpSync'] !== undefined)
      connection.idpSync = given['idpSync'];
  });
  return settings;
}

function toPlain(document: ReturnType<typeof parseDocument>): unknown {
  try {
    // Bounded, as an alias of an alias of an alias grows without end.
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    return undefined;
  }
}

function linesOf({ property, constraints, children }: ValidationError, parent: string): string[] {
  const name = /^[\w.$-]{1,100}$/.test(property) ? property : JSON.stringify(property.slice(0, 100));
  const path = /^\d+$/.test(property) ? `${parent}[${property}]` : parent === '' ? name : `${parent}.${name}`;
  if (constraints?.['whitelistValidation'] !== undefined) return [`${path}: no such setting`];
  const [message] = Object.values(constraints ?? {});
  const own = message === undefined ? [] : [`${path}: expected ${message}`];
  return [...own, ...(children ?? []).flatMap((child) => linesOf(child, path))];
}
