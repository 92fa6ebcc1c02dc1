import type { Json } from '../../../common/index.js';
import { attribute, type AttributeDefinition } from './definition.js';

/** Coder's limit on usernames, and on the names of organizations, roles and templates. */
const NAME_LENGTH = 32;
/** Hyphens stand between other characters only, so that there is one way to read a text. */
const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Coder's site has pages of these names. */
const RESERVED = new Set(['new', 'create']);

type Check = NonNullable<AttributeDefinition['check']>;

function isName(value: Json): boolean {
  return typeof value === 'string' && value.length <= NAME_LENGTH && NAME.test(value);
}

/** A name as Coder has it. */
export const checkName: Check = (value) =>
  isName(value) ? undefined : `must be 1 to ${NAME_LENGTH} letters, digits and single hyphens between them`;

/** A name, or the id of what it names. */
const checkNameOrId: Check = (value) =>
  isName(value) || (typeof value === 'string' && UUID.test(value))
    ? undefined
    : `must be a name of 1 to ${NAME_LENGTH} letters, digits and single hyphens between them, or an id`;

/** A username. */
export const checkUsername: Check = (value) =>
  typeof value === 'string' && RESERVED.has(value.toLowerCase())
    ? 'must not be new or create'
    : checkName(value);

const SCHEDULE = /^(?:(?:CRON_TZ|TZ)=([A-Za-z0-9_+/-]{1,64}) )?(\d{1,2}) (\d{1,2}) \* \* \*$/;

/** Coder's quiet hours: a cron expression that names one time of each day. */
export const checkDailySchedule: Check = (value) => {
  const found = typeof value === 'string' ? SCHEDULE.exec(value) : null;
  return found && Number(found[2]) < 60 && Number(found[3]) < 24
    ? undefined
    : 'must be one time of each day as cron has it, such as CRON_TZ=Europe/Oslo 0 2 * * *';
};

const ADDRESS = /^(?:https?:\/)?\/[^\s]*$/i;

/** A picture: on the web, or one of those that Coder brings along (`/emojis/1f680.png`). */
export const checkPicture: Check = (value) =>
  typeof value === 'string' && ADDRESS.test(value)
    ? undefined
    : 'must be a URL of http or https, or a path that begins with a slash';

/** Coder counts credits in 32 bits. */
const MOST_CREDITS = 2 ** 31 - 1;

export const checkCredits: Check = (value) =>
  typeof value === 'number' && value >= 0 && value <= MOST_CREDITS
    ? undefined
    : `must be an integer from 0 to ${MOST_CREDITS}`;

export const checkTemplateRole: Check = (value) =>
  value === 'use' || value === 'admin' ? undefined : 'must be use or admin';

/** An attribute that names something of Coder's, or gives its id. */
export function nameOrId(name: string, description: string, required: boolean): AttributeDefinition {
  return attribute(name, 'string', description, { required, check: checkNameOrId });
}
