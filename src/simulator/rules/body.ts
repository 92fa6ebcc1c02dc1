import { isJsonObject, isUuid, type JsonObject } from '../../common/index.js';
import { type ApiFailure, badRequest, type Validation } from '../server/answers.js';

/**
 * Reads a request body as Coder decodes it: unknown fields are ignored, null is the same as absent, a value of the
 * wrong type is "not valid JSON" (400), and the rules of all fields are reported together (400 with `validations`).
 */
export class Body {
  private readonly broken: Validation[] = [];

  private constructor(private readonly fields: JsonObject) {}

  /** @throws ApiFailure 400: an empty body counts as invalid JSON */
  static parse(text: string): Body {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw notJson(error instanceof Error && text ? 'it cannot be parsed' : 'EOF');
    }
    if (value === null) return new Body({});
    if (!isJsonObject(value)) throw notJson('it is not an object');
    return new Body(value);
  }

  string(field: string): string | undefined {
    const value = this.get(field);
    if (value === undefined || typeof value === 'string') return value;
    throw notJson(`${field} must be a string`);
  }

  /** Narrowed to 32 bits unchecked, as Coder does. */
  int32(field: string): number | undefined {
    const value = this.get(field);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value)) return value | 0;
    throw notJson(`${field} must be an integer`);
  }

  strings(field: string): string[] {
    const value = this.get(field) ?? [];
    const message = `${field} must be an array of strings`;
    if (!Array.isArray(value)) throw notJson(message);
    return value.map((item: unknown) => {
      if (typeof item === 'string') return item;
      throw notJson(message);
    });
  }

  uuids(field: string): string[] {
    return this.strings(field).map((id) => {
      if (isUuid(id)) return id.toLowerCase();
      throw notJson(`${field} must hold uuids`);
    });
  }

  boolean(field: string): boolean | undefined {
    const value = this.get(field);
    if (value === undefined || typeof value === 'boolean') return value;
    throw notJson(`${field} must be a boolean`);
  }

  /** A whole number of up to 64 bits. */
  integer(field: string): number | undefined {
    const value = this.get(field);
    if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value;
    throw notJson(`${field} must be an integer`);
  }

  object(field: string): JsonObject | undefined {
    const value = this.get(field);
    if (value === undefined || isJsonObject(value)) return value;
    throw notJson(`${field} must be an object`);
  }

  /** An object whose values are strings. */
  texts(field: string): Record<string, string> {
    const entries = Object.entries(this.object(field) ?? {});
    return Object.fromEntries(
      entries.map(([key, value]) => {
        if (typeof value === 'string') return [key, value];
        throw notJson(`${field} must hold strings`);
      }),
    );
  }

  /** An object whose values are lists of strings; null lists count as empty. */
  lists(field: string): Record<string, string[]> {
    const inner = this.inner(field);
    return Object.fromEntries(Object.keys(inner.fields).map((key) => [key, inner.strings(key)]));
  }

  /** An object inside; absent counts as an empty one. */
  inner(field: string): Body {
    return new Body(this.object(field) ?? {});
  }

  /** An array of objects. */
  bodies(field: string): Body[] {
    const value = this.get(field) ?? [];
    if (!Array.isArray(value)) throw notJson(`${field} must be an array`);
    return value.map((item: unknown) => {
      if (isJsonObject(item)) return new Body(item);
      throw notJson(`${field} must hold objects`);
    });
  }

  /** The object as it came. */
  get whole(): JsonObject {
    return this.fields;
  }

  /** Notes a broken rule of the struct; {@link check} reports all of them. */
  rule(tag: string, field: string, value: string, holds: boolean): void {
    if (holds) return;
    this.broken.push({ field, detail: `Validation failed for tag "${tag}" with value: "${value}"` });
  }

  check(): void {
    if (this.broken.length > 0) throw badRequest('Validation failed.', '', this.broken);
  }

  private get(field: string): JsonObject[string] | undefined {
    if (Object.hasOwn(this.fields, field)) return this.fields[field] ?? undefined;
    // Go's decoder takes a name in any case.
    const wanted = field.toLowerCase();
    const key = Object.keys(this.fields).find((name) => name.toLowerCase() === wanted);
    return key === undefined ? undefined : (this.fields[key] ?? undefined);
  }
}

/** What Coder answers when it cannot decode the body. */
export function notJson(detail: string): ApiFailure {
  return badRequest('Request body must be valid JSON.', detail);
}
