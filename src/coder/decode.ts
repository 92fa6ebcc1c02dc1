import { isJsonObject, type JsonObject } from '../common/index.js';

/** A 2xx whose body is not what the operation answers. Never read as "nothing there". */
export class WrongShape extends Error {
  constructor(expected: string) {
    super(`the answer is not ${expected}`);
    this.name = 'WrongShape';
  }
}

/** Reads one parsed JSON value. @throws WrongShape */
export type Read<T> = (value: unknown) => T;

/** A field that versions may lack: where it is missing, null or of another type, it is left out. */
export interface OptionalField<T> {
  readonly optional: Read<T>;
}

type Fields = Readonly<Record<string, Read<unknown> | OptionalField<unknown>>>;
type OptionalKeys<F extends Fields> = {
  [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never;
}[keyof F];

/** What {@link record} makes of its fields. */
export type Decoded<F extends Fields> = {
  [K in Exclude<keyof F, OptionalKeys<F>>]: F[K] extends Read<infer T> ? T : never;
} & { [K in OptionalKeys<F>]?: F[K] extends OptionalField<infer T> ? T : never };

/** An object with these fields; others are dropped. What is missing of the required ones makes it another shape. */
export function record<F extends Fields>(what: string, fields: F): Read<Decoded<F>> {
  return (value) => {
    const row = object(value, what);
    const read: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      const found = Object.hasOwn(row, name) ? row[name] : undefined;
      const taken = typeof field === 'function' ? required(field, found, name, what) : lenient(field, found);
      if (taken !== undefined) read[name] = taken;
    }
    return read as Decoded<F>;
  };
}

/** A field that versions may lack. */
export function optional<T>(read: Read<T>): OptionalField<T> {
  return { optional: read };
}

export const text: Read<string> = (value) => of(typeof value === 'string', value as string, 'a text');
export const number: Read<number> = (value) => of(typeof value === 'number', value as number, 'a number');
export const flag: Read<boolean> = (value) =>
  of(typeof value === 'boolean', value as boolean, 'true or false');

/** A text that is not empty: an id, a name. */
export const key: Read<string> = (value) =>
  of(typeof value === 'string' && value !== '', value as string, 'a text that is not empty');

/** A list; null is none (Go writes a slice that was never filled as null), and nothing at all is not. */
export function listOf<T>(read: Read<T>, what = 'a list'): Read<T[]> {
  return (value) => list(value === null ? [] : value, what).map(read);
}

/** An object of any names with values of one shape; null is none. */
export function mapOf<T>(read: Read<T>, what = 'an object'): Read<Record<string, T>> {
  return (value) => {
    const rows = Object.entries(object(value === null ? {} : value, what));
    // fromEntries defines own properties, whatever they are called
    return Object.fromEntries(rows.map(([name, item]) => [name, read(item)]));
  };
}

/** Any object, unread. */
export const anyObject: Read<JsonObject> = (value) => object(value, 'an object');

/** Where nothing is expected back: no body, or any JSON object (`{message}`, a member). A login page is neither. */
export function readNothing(value: unknown): void {
  if (value !== undefined) object(value, 'an acknowledgement');
}

/** The object itself. @throws WrongShape */
export function object(value: unknown, expected: string): JsonObject {
  if (!isJsonObject(value)) throw new WrongShape(expected);
  return value;
}

/** The list itself. @throws WrongShape */
export function list(value: unknown, expected: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new WrongShape(expected);
  return value;
}

function of<T>(fits: boolean, value: T, expected: string): T {
  if (!fits) throw new WrongShape(expected);
  return value;
}

function required(read: Read<unknown>, value: unknown, name: string, what: string): unknown {
  try {
    return read(value);
  } catch (error) {
    throw error instanceof WrongShape ? new WrongShape(`${what} with ${name}`) : error;
  }
}

function lenient({ optional: read }: OptionalField<unknown>, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  try {
    return read(value);
  } catch (error) {
    if (error instanceof WrongShape) return undefined;
    throw error;
  }
}
