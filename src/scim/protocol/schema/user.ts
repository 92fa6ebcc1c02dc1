import { LIMITS } from '../limits.js';
import { USER_SCHEMA } from '../urns.js';
import { attribute, complex, plural, primary, type SchemaDefinition } from './definition.js';

/**
 * RFC 7643 section 4.1. `password` is not part of it: the bridge accepts and forgets it, as it does any attribute it
 * does not know, and a schema that names an attribute promises to keep it.
 */
export const userSchema: SchemaDefinition = {
  id: USER_SCHEMA,
  name: 'User',
  description: 'User Account',
  attributes: [
    attribute('userName', 'string', 'The unique name of the user within this connection.', {
      required: true,
      uniqueness: 'server',
      maxLength: LIMITS.indexedString,
    }),
    complex('name', "The parts of the user's name.", [
      attribute('formatted', 'string', 'The whole name, as it is to be shown.'),
      attribute('familyName', 'string', 'The family name.'),
      attribute('givenName', 'string', 'The given name.'),
      attribute('middleName', 'string', 'The middle names.'),
      attribute('honorificPrefix', 'string', 'Prefix, as in "Ms.".'),
      attribute('honorificSuffix', 'string', 'Suffix, as in "III".'),
    ]),
    attribute('displayName', 'string', 'The name of the user, as it is to be shown.'),
    attribute('nickName', 'string', 'The casual name of the user.'),
    attribute('profileUrl', 'reference', "The user's page.", { referenceTypes: ['external'] }),
    attribute('title', 'string', "The user's title, such as Vice President."),
    attribute('userType', 'string', 'The relation to the organization, such as Contractor.'),
    attribute('preferredLanguage', 'string', 'Languages preferred, as in an Accept-Language header.'),
    attribute('locale', 'string', 'The locale, such as en-US.'),
    attribute('timezone', 'string', 'The time zone, such as Europe/Berlin.'),
    attribute('active', 'boolean', 'Whether the user may use the service. A user without it is active.'),
    plural(
      'emails',
      'Email addresses; the primary one decides which account is meant.',
      attribute('value', 'string', 'The address.', { maxLength: LIMITS.indexedString }),
      ['work', 'home', 'other'],
    ),
    plural('phoneNumbers', 'Phone numbers.', attribute('value', 'string', 'The number, as it was given.'), [
      'work',
      'home',
      'mobile',
      'fax',
      'pager',
      'other',
    ]),
    plural('ims', 'Instant messaging addresses.', attribute('value', 'string', 'The address.'), [
      'aim',
      'gtalk',
      'icq',
      'xmpp',
      'msn',
      'skype',
      'qq',
      'yahoo',
    ]),
    plural(
      'photos',
      'URLs of photos.',
      attribute('value', 'reference', 'The URL.', { referenceTypes: ['external'] }),
      ['photo', 'thumbnail'],
    ),
    complex(
      'addresses',
      'Postal addresses.',
      [
        attribute('formatted', 'string', 'The whole address, with line breaks.'),
        attribute('streetAddress', 'string', 'Street, house number, PO box.'),
        attribute('locality', 'string', 'City.'),
        attribute('region', 'string', 'State or region.'),
        attribute('postalCode', 'string', 'Postal code.'),
        attribute('country', 'string', 'Country, ISO 3166-1 alpha-2.'),
        attribute('type', 'string', 'What the address is for.', {
          canonicalValues: ['work', 'home', 'other'],
        }),
        primary(),
      ],
      { multiValued: true },
    ),
    complex(
      'groups',
      'The groups that the user is in; changed through the groups.',
      [
        attribute('value', 'string', "The group's id.", { mutability: 'readOnly', caseExact: true }),
        attribute('$ref', 'reference', "The group's URI.", {
          mutability: 'readOnly',
          referenceTypes: ['Group'],
        }),
        attribute('display', 'string', "The group's displayName.", { mutability: 'readOnly' }),
        attribute('type', 'string', 'How the user is a member.', {
          mutability: 'readOnly',
          canonicalValues: ['direct'],
        }),
      ],
      { multiValued: true, mutability: 'readOnly' },
    ),
    plural('entitlements', 'Things the user has.', attribute('value', 'string', 'The entitlement.')),
    plural('roles', 'What the user is, such as Student.', attribute('value', 'string', 'The role.')),
    plural(
      'x509Certificates',
      'Certificates.',
      attribute('value', 'binary', 'The certificate, DER in base64.'),
    ),
  ],
};
