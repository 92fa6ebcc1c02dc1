import { nextQuietHours, parseQuietHours, timeOfDay } from '../../rules/quiet-hours.js';
import { type Answer, ApiFailure, internal, json, routeNotFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { UserRow } from '../../state/rows.js';
import { userParam } from '../lookup.js';

const PATH = '/api/v2/users/{user}/quiet-hours';
const licence = {
  feature: 'advanced_template_scheduling',
  title: 'Advanced template scheduling (and user quiet hours schedule)',
  first: true,
};

export const quietHoursRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, licence, handle: (call) => shown(call, userParam(call)) },
  { method: 'PUT', path: PATH, licence, handle: update },
];

/** One object, although the reference shows an array. */
function shown(call: Call, user: UserRow): Answer {
  const { quietHours, profile } = call.state.switches;
  // Without a default schedule the deployment has no quiet hours at all.
  if (!quietHours.schedule) throw routeNotFound();
  const own = call.state.tables.get('quietHours', user.id);
  const schedule = own?.schedule ?? quietHours.schedule;
  const parsed = parseQuietHours(schedule);
  return json(200, {
    raw_schedule: schedule,
    user_set: own !== undefined,
    ...(profile !== 's-old' && { user_can_set: quietHours.userCanSet }),
    time: timeOfDay(parsed),
    timezone: parsed.timezone,
    next: nextQuietHours(parsed, call.deployment.clock.now()),
  });
}

/** Any fault of the schedule is a 500. */
function update(call: Call): Answer {
  const user = userParam(call);
  const body = call.body();
  const schedule = body.string('schedule') ?? '';
  body.rule('required', 'schedule', schedule, schedule !== '');
  body.check();
  const { quietHours } = call.state.switches;
  if (!quietHours.schedule) throw routeNotFound();
  if (!quietHours.userCanSet) {
    throw new ApiFailure(
      403,
      'Users cannot set custom quiet hours schedule due to deployment configuration.',
    );
  }
  try {
    parseQuietHours(schedule);
  } catch (error) {
    throw internal(`parse daily schedule: ${error instanceof Error ? error.message : 'invalid'}`);
  }
  if (user.id !== call.caller.id && !call.caller.managesUsers()) {
    throw internal('unauthorized: rbac: forbidden');
  }
  call.state.put('quietHours', user.id, { id: user.id, schedule });
  call.deployment.audit('write', 'user', user.id, user.username, call.caller.id);
  return shown(call, user);
}
