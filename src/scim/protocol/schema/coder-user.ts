import { CODER_USER_SCHEMA } from '../urns.js';
import { checkDailySchedule, checkName, checkUsername, nameOrId } from './coder-values.js';
import { attribute, complex, type SchemaDefinition } from './definition.js';

const MULTI_VALUED = { multiValued: true } as const;

/** What Coder knows of a user beyond SCIM's own schemas, an extension of User. */
export const coderUserSchema: SchemaDefinition = {
  id: CODER_USER_SCHEMA,
  name: 'CoderUser',
  description: 'Coder User',
  attributes: [
    attribute('username', 'string', 'The username wanted in Coder.', { check: checkUsername }),
    complex(
      'siteRoles',
      'Roles in the whole deployment.',
      [
        attribute('value', 'string', 'The name of the role.', {
          required: true,
          check: checkName,
          canonicalValues: ['owner', 'user-admin', 'template-admin', 'auditor'],
        }),
      ],
      MULTI_VALUED,
    ),
    complex(
      'organizations',
      'The organizations that the user belongs to.',
      [nameOrId('value', 'The name or id of the organization.', true)],
      MULTI_VALUED,
    ),
    complex(
      'organizationRoles',
      'Roles in single organizations.',
      [
        nameOrId('organization', 'The name or id of the organization.', true),
        attribute('role', 'string', 'The name of the role.', {
          required: true,
          check: checkName,
          canonicalValues: [
            'organization-admin',
            'organization-user-admin',
            'organization-template-admin',
            'organization-auditor',
          ],
        }),
      ],
      MULTI_VALUED,
    ),
    attribute(
      'quietHoursSchedule',
      'string',
      'When workspaces may be stopped: one time of each day, as cron.',
      {
        check: checkDailySchedule,
      },
    ),
  ],
};
