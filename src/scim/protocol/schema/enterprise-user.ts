import { ENTERPRISE_USER_SCHEMA } from '../urns.js';
import { attribute, complex, type SchemaDefinition } from './definition.js';

/** RFC 7643 section 4.3, an extension of User. `manager.displayName` is left out: the bridge would have to derive it. */
export const enterpriseUserSchema: SchemaDefinition = {
  id: ENTERPRISE_USER_SCHEMA,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute('employeeNumber', 'string', 'Number or string that the organization gave the person.'),
    attribute('costCenter', 'string', 'The name of the cost center.'),
    attribute('organization', 'string', 'The name of the organization.'),
    attribute('division', 'string', 'The name of the division.'),
    attribute('department', 'string', 'The name of the department.'),
    complex('manager', "The user's manager.", [
      attribute('value', 'string', "The manager's id.", { caseExact: true }),
      attribute('$ref', 'reference', "The manager's URI.", {
        mutability: 'readOnly',
        referenceTypes: ['User'],
      }),
    ]),
  ],
};
