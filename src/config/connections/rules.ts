import {
  ArrayMaxSize,
  IsArray,
  IsOptional,
  ValidateBy,
  ValidateNested,
  type ValidationOptions,
} from 'class-validator';
import { isJsonObject } from '../../common/index.js';

/** Decorators of the settings of the YAML file: each says in one line what it expected. */

function all(...decorators: readonly PropertyDecorator[]): PropertyDecorator {
  return (target, key) => {
    for (const decorate of decorators) decorate(target, key);
  };
}

function holds(
  name: string,
  test: (value: unknown) => boolean,
  message: string,
  options: ValidationOptions = {},
): PropertyDecorator {
  return ValidateBy({ name, validator: { validate: test } }, { ...options, message });
}

/** May be left out; `null` (a key without a value) counts as left out. */
export const Optional = IsOptional;

export function Is(expected: string, test: (value: unknown) => boolean): PropertyDecorator {
  return holds('is', test, expected);
}

export function Text(expected: string, pattern: RegExp): PropertyDecorator {
  return Is(expected, (value) => typeof value === 'string' && value.length <= 4_096 && pattern.test(value));
}

export function Whole(min: number, max: number, unit = ''): PropertyDecorator {
  return Is(
    `an integer from ${min} to ${max}${unit}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  );
}

/** A list of 1 to `max` texts, or one text alone. */
export function Texts(
  expected: string,
  max: number,
  test: (text: string) => boolean = () => true,
): PropertyDecorator {
  return Is(expected, (value) => {
    const list: unknown = typeof value === 'string' ? [value] : value;
    if (!Array.isArray(list) || list.length === 0 || list.length > max) return false;
    return list.every(
      (item) => typeof item === 'string' && item !== '' && item.length <= 4_096 && test(item),
    );
  });
}

/** Signatures that are checked with a public key. With any other the key that is published would be the secret. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
] as const;

/** Algorithms of signatures, by their names in JOSE. */
export function Algorithms(): PropertyDecorator {
  return Texts(`a list of ${ALGORITHMS.join(', ')}`, ALGORITHMS.length, (text) =>
    ALGORITHMS.some((known) => known === text),
  );
}

export const A_SECRET = 'a text: the secret itself, env:NAME or file:/path';

/** A list of settings of their own. */
export function Entries(max: number): PropertyDecorator {
  const message = `a list of at most ${max} entries`;
  return all(
    IsArray({ message }),
    ArrayMaxSize(max, { message }),
    ValidateNested({ message: 'settings (a mapping of keys to values)' }),
  );
}

/** Settings of their own. */
export function Nested(): PropertyDecorator {
  const message = 'settings (a mapping of keys to values)';
  return all(holds('mapping', isJsonObject, message), ValidateNested({ message }));
}

export { isJsonObject as isMapping };
