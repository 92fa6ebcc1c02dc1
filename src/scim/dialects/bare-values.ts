import { isJsonArray } from '../../common/index.js';
import { findAttribute, type Dialect } from '../protocol/index.js';

/**
 * Hand-written templates list the values of a multi-valued complex attribute as plain strings:
 *
 *     illegal  {"roles":["Admin"]}
 *     legal    {"roles":[{"value":"Admin"}]}
 */
export const bareValues: Dialect = {
  name: 'bare-values',
  from: ['OneLogin', 'hand-written templates'],
  illegal: '{"userName":"ada","roles":["Admin"]}',
  legal: '{"userName":"ada","roles":[{"value":"Admin"}]}',
  always: true,
  value(attribute, value) {
    const { type, multiValued, subAttributes } = attribute;
    if (type !== 'complex' || !multiValued || !isJsonArray(value)) return value;
    if (!value.some((element) => typeof element === 'string') || !findAttribute(subAttributes, 'value'))
      return value;
    return value.map((element) => (typeof element === 'string' ? { value: element } : element));
  },
};
