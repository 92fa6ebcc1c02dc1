import { isJsonObject } from '../../common/index.js';
import type { Admin } from '../admin.js';
import { Body } from '../rules/body.js';
import { PROFILE_NAMES, type SwitchChange } from '../state/switches.js';
import { type Answer, badRequest, json } from './answers.js';

type Edit = (admin: Admin, body: Body) => Answer;

/** What an operator and an identity provider do to a Coder from outside, over HTTP. */
const EDITS: Readonly<Record<string, Edit>> = {
  'POST /simulator/login': (admin, body) => {
    const { status, ...result } = admin.login(body.whole);
    return json(status, result);
  },
  'PATCH /simulator/switches': (admin, body) => {
    admin.set(readSwitches(body));
    return json(200, admin.switches);
  },
  'POST /simulator/templates': (admin, body) =>
    json(201, admin.createTemplate(body.string('name') ?? '', body.string('organization'))),
  'POST /simulator/workspaces': (admin, body) => {
    const [user, name] = [body.string('user') ?? '', body.string('name') ?? ''];
    const cost = body.integer('daily_cost') ?? 0;
    return json(201, admin.createWorkspace(user, name, body.string('template') ?? '', cost));
  },
};

/** @throws ApiFailure 400 when the operator names what is not there */
export function edit(key: string, admin: Admin, text: string): Answer | undefined {
  const found = Object.hasOwn(EDITS, key) ? EDITS[key] : undefined;
  if (!found) return undefined;
  const body = Body.parse(text);
  try {
    return found(admin, body);
  } catch (error) {
    // The admin's own complaints are plain errors.
    if (error instanceof Error && error.constructor === Error) throw badRequest(error.message);
    throw error;
  }
}

/** Each switch must be of the kind that it has now; names that are not known are refused. */
function readSwitches(body: Body): SwitchChange {
  const { whole } = body;
  for (const [name, value] of Object.entries(whole)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (!kind) throw badRequest(`There is no switch ${name}.`);
    const is = isJsonObject(value) ? 'object' : typeof value;
    if (is !== kind) throw badRequest(`The switch ${name} must be a ${kind}.`);
  }
  const profile = body.string('profile');
  if (profile !== undefined && !PROFILE_NAMES.some((known) => known === profile)) {
    throw badRequest(`The profile must be one of ${PROFILE_NAMES.join(', ')}.`);
  }
  return whole;
}

const KINDS: Readonly<Record<string, 'string' | 'number' | 'boolean' | 'object'>> = {
  profile: 'string',
  features: 'object',
  oidcConfigured: 'boolean',
  passwordAuthDisabled: 'boolean',
  siteRoleSync: 'boolean',
  rateLimit: 'number',
  scimSecret: 'string',
  userLimit: 'number',
  maxTokenLifetime: 'number',
  quietHours: 'object',
  buildTime: 'number',
  oidc: 'object',
};
