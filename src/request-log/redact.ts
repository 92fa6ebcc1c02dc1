import { isUuid } from '../common/index.js';
import type { RequestRow, SeenRequest } from './model.js';
import { redactBody, storable } from './redact-body.js';
import { redactFilter } from './redact-filter.js';

/** Parts of paths that name endpoints. */
const ENDPOINT =
  /^(?:|scim|v\d{1,2}|users|groups|schemas|resourcetypes|serviceproviderconfig|bulk|me|\.search|connections)$/i;
/** Parameters that say what is asked, and nothing of a person. */
const PLAIN_PARAMETER = /^(?:startIndex|count|attributes|excludedAttributes|sortBy|sortOrder)$/i;
const PLAIN_VALUE = /^[\w.:,$ -]{1,300}$/;
const LONGEST_PATH = 1_000;
const EMAIL = /[^\s"<>@]{1,64}@[^\s"<>@]{1,255}/g;

/** What of a request is kept. */
export function rowOf(seen: SeenRequest, endedAt: number, values: boolean): RequestRow {
  const { path, filter } = target(seen.url, values);
  const { scimType, detail, requestId, who, userAgent, body } = seen;
  return {
    at: new Date(endedAt - seen.ms).toISOString(),
    connection_id: seen.connectionId,
    request_id: requestId ?? null,
    method: storable(seen.method, 20),
    path,
    filter,
    status: seen.status,
    scim_type: scimType ?? null,
    detail: detail === undefined ? null : detailOf(detail, values),
    ms: Math.round(seen.ms * 10) / 10,
    who: who === undefined ? null : storable(who),
    user_agent: userAgent === undefined ? null : storable(userAgent.replaceAll(/[^ -~]/g, '?')),
    body: body === undefined || body === null ? null : redactBody(body, values),
  };
}

/** Of a refusal: what stands in quotes may have been sent, or be a name in Coder. */
function detailOf(detail: string, values: boolean): string {
  const text = storable(detail, 500);
  return values ? text : text.replaceAll(/"[^"]{0,500}"/g, '"?"').replaceAll(EMAIL, '[redacted]');
}

/** The path with harmless parameters, and the filter apart. */
function target(url: string, values: boolean): { readonly path: string; readonly filter: string | null } {
  const start = url.indexOf('?');
  const path = start < 0 ? url : url.slice(0, start);
  let filter: string | null = null;
  const parameters: string[] = [];
  for (const part of start < 0
    ? []
    : url
        .slice(start + 1, start + 1 + 16_384)
        .split('&')
        .slice(0, 50)) {
    const [name = '', ...rest] = part.split('=');
    const value = decoded(rest.join('='));
    if (/^filter$/i.test(name)) filter ??= values ? storable(value, LONGEST_PATH) : redactFilter(value);
    else if (PLAIN_PARAMETER.test(name) && PLAIN_VALUE.test(value)) parameters.push(`${name}=${value}`);
  }
  const shown = values ? storable(path, LONGEST_PATH) : redactPath(path);
  return { path: parameters.length === 0 ? shown : `${shown}?${parameters.join('&')}`, filter };
}

/** Ids stay: they name nobody outside the bridge. */
function redactPath(path: string): string {
  const parts = path.slice(0, LONGEST_PATH).split('/');
  return parts
    .map((part, index) => {
      if (ENDPOINT.test(part) || isUuid(part)) return part;
      const before = parts[index - 1]?.toLowerCase();
      if (before === 'connections' && /^[a-z0-9-]{1,63}$/.test(part)) return part;
      if (/^(?:schemas|resourcetypes)$/.test(before ?? '') && /^[\w:.%-]{1,200}$/.test(part)) return part;
      return '[redacted]';
    })
    .join('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return '"?"';
  }
}
