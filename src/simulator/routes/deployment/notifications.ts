import { isUuid } from '../../../common/index.js';
import { SINCE_2024 } from '../../rules/releases.js';
import { type Answer, badRequest, forbidden, json, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';

/** Templates of what is sent about people. */
const TEMPLATES: ReadonlyMap<string, string> = new Map([
  ['4e19c0ac-94e1-4532-9515-d1801aa283b2', 'User account created'],
  ['f44d9314-ad03-4bc8-95d0-5cad491da6b6', 'User account deleted'],
  ['b02ddd82-4733-4d02-a2d7-c36f3598997d', 'User account suspended'],
  ['9f5af851-8408-4e73-a7a1-c6502ba46689', 'User account activated'],
]);
const METHODS = ['smtp', 'webhook', 'inbox'];
const notIn = SINCE_2024;

export const notificationRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/notifications/templates/system', notIn, handle: list },
  {
    method: 'PUT',
    path: '/api/v2/notifications/templates/{notification_template}/method',
    notIn,
    handle: setMethod,
  },
];

function list(call: Call): Answer {
  const rows = [...TEMPLATES].map(([id, name]) => ({
    id,
    name,
    title_template: name,
    body_template: '',
    actions: '',
    group: 'User Events',
    method: methodOf(call, id),
    kind: 'system',
    enabled_by_default: true,
  }));
  return json(200, rows);
}

/** Empty: the deployment's own. */
function methodOf(call: Call, id: string): string {
  return call.state.tables.get('notificationTemplate', id)?.method ?? '';
}

/** 304 when it is so already. */
function setMethod(call: Call): Answer {
  const id = call.param('notification_template').toLowerCase();
  const valid: boolean = isUuid(id);
  if (!valid) throw badRequest(`Invalid UUID "${id}".`);
  if (!TEMPLATES.has(id)) throw notFound();
  if (!call.caller.isOwner()) throw forbidden();
  const method = call.body().string('method') ?? '';
  if (!METHODS.includes(method)) {
    const detail = `"${method}" is not a valid method; ${METHODS.join(', ')} are the available options`;
    throw badRequest('Invalid request to update notification template method', '', [
      { field: 'method', detail },
    ]);
  }
  if (methodOf(call, id) === method) return { status: 304, body: '' };
  call.state.put('notificationTemplate', id, { id, method });
  const name = TEMPLATES.get(id) ?? '';
  call.deployment.audit('write', 'notification_template', id, name, call.caller.id);
  return json(200, { message: 'Successfully updated notification template method.' });
}
