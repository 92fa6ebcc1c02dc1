import { LIMITS } from '../limits.js';
import { GROUP_SCHEMA } from '../urns.js';
import { attribute, complex, type SchemaDefinition } from './definition.js';

/** RFC 7643 section 4.2. Members are users of the same connection; all but their `value` is derived. */
export const groupSchema: SchemaDefinition = {
  id: GROUP_SCHEMA,
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'string', 'The unique name of the group within this connection.', {
      required: true,
      uniqueness: 'server',
      maxLength: LIMITS.indexedString,
    }),
    complex(
      'members',
      'The users in the group.',
      [
        attribute('value', 'string', "The member's id.", {
          mutability: 'immutable',
          caseExact: true,
          maxLength: LIMITS.indexedString,
        }),
        attribute('$ref', 'reference', "The member's URI.", {
          mutability: 'readOnly',
          referenceTypes: ['User'],
        }),
        attribute('type', 'string', 'The kind of member.', {
          mutability: 'readOnly',
          canonicalValues: ['User'],
        }),
        attribute('display', 'string', "The member's userName.", { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
};
