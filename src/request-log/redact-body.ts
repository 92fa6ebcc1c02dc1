import { isUuid } from '../common/index.js';
import { redactFilter } from './redact-filter.js';

/** Bounds of what is kept of one body: enough to see what was meant. */
const MOST_NODES = 300;
const MOST_ITEMS = 20;
const DEEPEST = 12;
const LONGEST = 200;

const HIDDEN = '[redacted]';
const SECRET = '[secret]';
const SECRET_KEY = /passw|secret|token|credential|api_?-?key/i;

/** Keys whose texts say what is asked, and nothing of a person. */
const PLAIN_KEY =
  /^(?:schemas|op|method|type|bulkid|resourcetype|sortby|sortorder|attributes|excludedattributes|version)$/i;
const PLAIN_TEXT = /^[\w.:,/ -]{1,200}$/;
/** Keys whose texts are filters or paths. */
const FILTER_KEY = /^(?:path|filter)$/i;
const PLAIN_NUMBER = /^(?:startindex|count|failonerrors)$/i;

/**
 * A body as it may be kept: its form, with `[redacted]` in the place of texts and numbers that could say something of a
 * person, and `[secret]` in the place of secrets. Bounded in size, whatever was sent.
 *
 * @param values whether values that are no secrets are kept
 */
export function redactBody(body: unknown, values: boolean): unknown {
  return new Redaction(values).of(body, '', 0);
}

class Redaction {
  private nodes = 0;

  constructor(private readonly values: boolean) {}

  of(value: unknown, key: string, depth: number): unknown {
    if (++this.nodes > MOST_NODES || depth > DEEPEST) return '[…]';
    if (SECRET_KEY.test(key) && value !== null) return SECRET;
    if (typeof value === 'string') return this.text(value, key);
    if (typeof value === 'number') return this.values || PLAIN_NUMBER.test(key) ? value : HIDDEN;
    if (typeof value !== 'object' || value === null) return value;
    return Array.isArray(value) ? this.array(value, key, depth) : this.object(value, depth);
  }

  private array(items: readonly unknown[], key: string, depth: number): unknown[] {
    const shown = items.slice(0, MOST_ITEMS).map((item) => this.of(item, key, depth + 1));
    return items.length > MOST_ITEMS ? [...shown, `[… ${items.length - MOST_ITEMS} more]`] : shown;
  }

  private object(value: object, depth: number): Record<string, unknown> {
    const entries = Object.entries(value);
    // The value of an operation belongs to what its path names.
    const path = entries.find(([key]) => key.toLowerCase() === 'path')?.[1] as unknown;
    const ofSecret = typeof path === 'string' && SECRET_KEY.test(path);
    const shown = entries.slice(0, MOST_NODES).map(([key, inner]) => {
      const hidden = ofSecret && key.toLowerCase() === 'value';
      return [this.key(key), hidden ? SECRET : this.of(inner, key, depth + 1)] as const;
    });
    return Object.fromEntries(shown);
  }

  /** Names of attributes stay; of value paths that stand as keys (Entra ID), their form. */
  private key(key: string): string {
    if (/^[\w.:$-]{1,200}$/.test(key)) return key;
    return this.values ? storable(key) : redactFilter(key);
  }

  private text(text: string, key: string): string {
    if (this.values) return storable(text);
    if (text === '' || isUuid(text) || /^(?:true|false)$/i.test(text)) return text;
    if (FILTER_KEY.test(key)) return redactFilter(text);
    return PLAIN_KEY.test(key) && PLAIN_TEXT.test(text) ? text : HIDDEN;
  }
}

/** Cut, and without what PostgreSQL's jsonb and text refuse: NUL and lone surrogates. */
export function storable(text: string, longest = LONGEST): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return Buffer.from(cut, 'utf8').toString('utf8').replaceAll('\0', '\ufffd');
}
