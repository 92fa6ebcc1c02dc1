import { CODER_GROUP_SCHEMA } from '../urns.js';
import { checkCredits, checkPicture, checkTemplateRole, nameOrId } from './coder-values.js';
import { attribute, complex, type SchemaDefinition } from './definition.js';

/** What Coder knows of a group beyond SCIM's own schemas, an extension of Group. */
export const coderGroupSchema: SchemaDefinition = {
  id: CODER_GROUP_SCHEMA,
  name: 'CoderGroup',
  description: 'Coder Group',
  attributes: [
    attribute('quotaAllowance', 'integer', 'Credits that each member may spend on workspaces.', {
      check: checkCredits,
    }),
    attribute('avatarUrl', 'reference', "The group's picture.", {
      referenceTypes: ['external'],
      maxLength: 2_048,
      check: checkPicture,
    }),
    nameOrId('organization', 'The name or id of the organization that the group belongs to.', false),
    complex(
      'templateRoles',
      'What members may do with single templates.',
      [
        nameOrId('template', 'The name or id of the template.', true),
        attribute('role', 'string', 'The role.', {
          required: true,
          check: checkTemplateRole,
          canonicalValues: ['use', 'admin'],
        }),
      ],
      { multiValued: true },
    ),
  ],
};
