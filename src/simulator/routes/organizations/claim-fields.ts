import { SINCE_2025 } from '../../rules/releases.js';
import { badRequest, forbidden, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { OidcLinkRow } from '../../state/tables.js';
import { organizationParam } from '../lookup.js';

const DEPLOYMENT = '/api/v2/settings/idpsync';
const ORGANIZATION = '/api/v2/organizations/{organization}/settings/idpsync';

type Answer = ReturnType<typeof json>;

/** What claims the identity provider sends, out of the stored claims of logins. */
export const claimFieldRoutes: readonly Route[] = [
  { method: 'GET', path: `${DEPLOYMENT}/available-fields`, notIn: SINCE_2025, handle: fields },
  { method: 'GET', path: `${DEPLOYMENT}/field-values`, notIn: SINCE_2025, handle: values },
  { method: 'GET', path: `${ORGANIZATION}/available-fields`, notIn: SINCE_2025, handle: fields },
  { method: 'GET', path: `${ORGANIZATION}/field-values`, notIn: SINCE_2025, handle: values },
];

/** Of all users, or of the organization's members. */
function links(call: Call): OidcLinkRow[] {
  const id = call.param('organization') ? organizationParam(call).id : undefined;
  if (!call.caller.readsIdpSync(id)) throw forbidden();
  return call.state.tables
    .rows('oidcLink')
    .filter(
      ({ user_id }) =>
        call.state.users.get(user_id)?.deleted === false &&
        (id === undefined || call.state.isMember(id, user_id)),
    );
}

/** Null when there are none. */
function fields(call: Call): Answer {
  const names = new Set(links(call).flatMap(({ claims }) => Object.keys(claims)));
  return json(200, names.size === 0 ? null : [...names].toSorted());
}

function values(call: Call): Answer {
  const field = call.query.get('claimField') ?? '';
  const rows = links(call);
  if (!field) throw badRequest('claimField query parameter is required');
  const found = rows.flatMap(({ claims }) => {
    const value = Object.hasOwn(claims, field) ? claims[field] : null;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.filter((item) => typeof item === 'string');
  });
  return json(200, [...new Set(found)].toSorted());
}
