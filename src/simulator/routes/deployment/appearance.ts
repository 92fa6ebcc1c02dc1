import type { Body } from '../../rules/body.js';
import { isEnabled } from '../../rules/licence.js';
import { type Answer, ApiFailure, badRequest, json } from '../../server/answers.js';
import type { Call, Route } from '../../server/route.js';
import type { AppearanceRow, Banner } from '../../state/tables.js';

const PATH = '/api/v2/appearance';
const ID = 'appearance';
const PLAIN: AppearanceRow = {
  application_name: '',
  logo_url: '',
  service_banner: { enabled: false },
  announcement_banners: [],
};
const LINKS = [
  { name: 'Documentation', target: 'https://coder.com/docs/coder-oss', icon: 'docs' },
  { name: 'Report a bug', target: 'https://github.com/coder/coder/issues/new', icon: 'bug' },
];

export const appearanceRoutes: readonly Route[] = [
  { method: 'GET', path: PATH, handle: show },
  { method: 'PUT', path: PATH, handle: update },
];

/** What was set shows with the licence only. */
function show(call: Call): Answer {
  const { state, deployment } = call;
  const licensed = isEnabled(state, 'appearance', deployment.clock.now());
  const row = (licensed && state.tables.get('appearance', ID)) || PLAIN;
  return json(200, {
    ...fields(call, row),
    ...(state.switches.profile !== 's-old' && { docs_url: 'https://coder.com/docs' }),
    support_links: LINKS,
  });
}

/** In 2023 there was one banner. */
function fields(call: Call, row: AppearanceRow): Record<string, unknown> {
  const { announcement_banners, ...rest } = row;
  return call.state.switches.profile === 's-old' ? rest : { ...rest, announcement_banners };
}

function update(call: Call): Answer {
  if (!call.caller.isOwner())
    throw new ApiFailure(403, 'Insufficient permissions to update appearance config');
  const body = call.body();
  const banner = body.object('service_banner') ? body.inner('service_banner') : undefined;
  const row = {
    application_name: body.string('application_name') ?? '',
    logo_url: body.string('logo_url') ?? '',
    service_banner: banner ? readBanner(banner) : { enabled: false },
    announcement_banners: body.bodies('announcement_banners').map(readBanner),
  };
  call.state.put('appearance', ID, row);
  return json(200, fields(call, row));
}

/** Switched on, it needs a colour that can be read. */
function readBanner(body: Body): Banner {
  const enabled = body.boolean('enabled') ?? false;
  const message = body.string('message');
  const colour = body.string('background_color');
  if (enabled && !/^#[0-9a-fA-F]{6}$/.test(colour ?? '')) {
    throw badRequest('Invalid color format', `"${colour ?? ''}" is not a hex color`);
  }
  return {
    enabled,
    ...(message !== undefined && { message }),
    ...(colour !== undefined && { background_color: colour }),
  };
}
