import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, MaxLength, Min, ValidateBy } from 'class-validator';

/** Decorators of environment variables: each reads the text, and says in one line what it expected. */

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}

function read(convert: (text: string) => unknown): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? convert(value) : value));
}

function holds(name: string, test: (value: unknown) => boolean, message: string): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: test } }, { message });
}

/** Nothing is also an answer; the rule says what it must be otherwise. */
export function Integer(
  min: number,
  max: number,
  expected = `an integer from ${min} to ${max}`,
  except?: number,
): PropertyDecorator {
  return all(
    IsOptional(),
    read((text) => (/^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN)),
    IsInt({ message: expected }),
    Min(min, { message: expected }),
    Max(max, { message: expected }),
    holds('allowed', (value) => value !== except, expected),
  );
}

export function OneOf(values: readonly string[]): PropertyDecorator {
  const message = `one of ${values.join(', ')}`;
  return all(
    IsOptional(),
    read((text) => text.toLowerCase()),
    IsIn([...values], { message }),
  );
}

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];

export function Flag(): PropertyDecorator {
  return all(
    IsOptional(),
    read((text) =>
      YES.includes(text.toLowerCase()) ? true : NO.includes(text.toLowerCase()) ? false : text,
    ),
    holds('flag', (value) => typeof value === 'boolean', 'true or false'),
  );
}

/** A comma-separated list; empty items are left out. */
export function ListOf(expected: string, test: (item: string) => boolean): PropertyDecorator {
  return all(
    IsOptional(),
    read((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
    holds(
      'list',
      (value) => Array.isArray(value) && value.length > 0 && value.every((item) => test(String(item))),
      expected,
    ),
  );
}

export function Text(expected: string, test: (text: string) => boolean): PropertyDecorator {
  return all(
    IsOptional(),
    MaxLength(4096, { message: expected }),
    holds('text', (value) => typeof value === 'string' && test(value), expected),
  );
}

/** The shortest token that is taken: 16 characters of a random token are 96 bits or more. */
export const SHORTEST_TOKEN = 16;

export function Token(): PropertyDecorator {
  return Text(`at least ${SHORTEST_TOKEN} printable ASCII characters without spaces`, (text) =>
    new RegExp(`^[\\x21-\\x7e]{${SHORTEST_TOKEN},}$`).test(text),
  );
}

/** Whether `text` is a URL of one of the schemes; `bare`: with a host, and without user, query and fragment. */
export function isUrl(text: string, schemes: readonly string[], bare: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (!schemes.includes(url.protocol.slice(0, -1))) return false;
  return !bare || (url.username + url.password + url.search + url.hash === '' && url.hostname !== '');
}

/** HTTPS, or HTTP to this machine. */
export function isSafeUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !isUrl(value, ['http', 'https'], false)) return false;
  const { protocol, hostname, username, password, hash } = new URL(value);
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
  return username + password + hash === '' && (protocol === 'https:' || here);
}

export const A_SAFE_URL = 'a URL that begins with https://, without user and fragment';

export const BARE_HTTP_URL = 'a URL that begins with http:// or https:// without user, query or fragment';

export function HttpUrl(): PropertyDecorator {
  return Text(BARE_HTTP_URL, (text) => isUrl(text, ['http', 'https'], true));
}

export function ServerUrl(...schemes: readonly string[]): PropertyDecorator {
  const expected = `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return Text(expected, (text) => isUrl(text, schemes, false));
}
