import type { Json } from '../../../common/index.js';

/** Data types of RFC 7643 section 2.3. */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'reference' | 'binary' | 'complex';

/** An attribute with the characteristics of RFC 7643 section 2.2. One definition serves the code and `/Schemas`. */
export interface AttributeDefinition {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly AttributeDefinition[];
  /** Longest string that is kept, characters. Not shown in `/Schemas`: the RFC has no such characteristic. */
  readonly maxLength?: number;
  /** What else is expected of a value that has the type, e.g. "must be a Coder username"; undefined when it is fine. Not shown either. */
  readonly check?: (value: Json) => string | undefined;
}

/** A schema of RFC 7643 section 7. */
export interface SchemaDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly AttributeDefinition[];
}

/** A resource type of RFC 7643 section 6. */
export interface ResourceTypeDefinition {
  readonly name: 'User' | 'Group';
  /** Relative to the base, e.g. `/Users`. */
  readonly endpoint: string;
  readonly description: string;
  readonly schema: SchemaDefinition;
  readonly extensions: readonly SchemaDefinition[];
}

type Options = Partial<Omit<AttributeDefinition, 'name' | 'type' | 'description'>>;

/** An attribute with the RFC's defaults: single-valued, optional, readWrite, returned by default, not unique. */
export function attribute(
  name: string,
  type: AttributeType,
  description: string,
  options: Options = {},
): AttributeDefinition {
  return {
    name,
    type,
    multiValued: false,
    description,
    required: false,
    // RFC 7643 sections 2.3.6 and 2.3.7: binary values and references are case exact.
    caseExact: type === 'binary' || type === 'reference',
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...options,
  };
}

/** A complex attribute. */
export function complex(
  name: string,
  description: string,
  subAttributes: readonly AttributeDefinition[],
  options: Options = {},
): AttributeDefinition {
  return attribute(name, 'complex', description, { subAttributes, ...options });
}

/** A multi-valued complex attribute with the usual sub-attributes of RFC 7643 section 2.4: value, display, type, primary. */
export function plural(
  name: string,
  description: string,
  value: AttributeDefinition,
  types: readonly string[] = [],
): AttributeDefinition {
  return complex(
    name,
    description,
    [
      value,
      attribute('display', 'string', 'A name for people.'),
      attribute(
        'type',
        'string',
        'What the value is for.',
        types.length > 0 ? { canonicalValues: types } : {},
      ),
      primary(),
    ],
    { multiValued: true },
  );
}

/** The sub-attribute `primary`: at most one value of an attribute has it true (RFC 7643 section 2.4). */
export function primary(): AttributeDefinition {
  return attribute('primary', 'boolean', 'Whether this is the preferred value; true for at most one.');
}
