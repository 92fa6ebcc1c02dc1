import { isUuid } from '../../../common/index.js';
import { ONLY_2024 } from '../../rules/releases.js';
import { type Answer, badRequest, forbidden, json, notFound } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';

const PATH = '/api/v2/integrations/jfrog/xray-scan';

/** What JFrog's scanner found in a workspace's image; gone in 2025. */
export const xrayRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, notIn: ONLY_2024, handle: read },
  { method: 'POST', path: PATH, notIn: ONLY_2024, handle: write },
];

function read(call: Call): Answer {
  const [workspace, agent] = [id(call.query.get('workspace_id')), id(call.query.get('agent_id'))];
  const row = call.state.tables.get('xrayScan', `${workspace} ${agent}`);
  if (!row) throw notFound();
  return json(200, row);
}

function write(call: Call): Answer {
  const body = call.body();
  const row = {
    workspace_id: id(body.string('workspace_id')),
    agent_id: id(body.string('agent_id')),
    critical: body.integer('critical') ?? 0,
    high: body.integer('high') ?? 0,
    medium: body.integer('medium') ?? 0,
    results_url: body.string('results_url') ?? '',
  };
  if (!call.caller.isOwner()) throw forbidden();
  call.state.put('xrayScan', `${row.workspace_id} ${row.agent_id}`, row);
  return json(200, { message: 'Successfully inserted JFrog XRay scan!' });
}

function id(text: string | null | undefined): string {
  if (isUuid(text)) return text.toLowerCase();
  throw badRequest('Query parameters have invalid values.', 'workspace_id and agent_id must be uuids');
}
