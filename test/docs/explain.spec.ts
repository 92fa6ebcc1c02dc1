import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

import { explanationLines } from '../../src/cli/commands/explain-lines.js';
import type { Explanation } from '../../src/reconcile/index.js';

const ISSUER = 'https://acme.okta.com';
const SAID = '2026-11-22T07:57:32.000Z';
const PUSHED = '2026-11-20T10:12:03.417Z';

/** Whom docs/explain.md shows. */
const ANN: Explanation = {
  user: {
    id: '01a20279-a6dd-7510-96f9-14fada003538',
    connection: 'okta',
    userName: 'ann@acme.example',
    active: true,
    deleted: false,
    account: { id: '0c000000-0000-4000-8000-000000000001', username: 'ann', status: 'active' },
  },
  state: 'applied',
  detail: null,
  claims: [{ issuer: ISSUER, issuedAt: SAID, unreadable: {} }],
  facts: [
    {
      kind: 'organization',
      name: 'coder',
      organization: null,
      inCoder: true,
      sources: [{ by: 'connection', because: "the connection's organization", at: null }],
      why: null,
    },
    {
      kind: 'group',
      name: 'engineering',
      organization: null,
      inCoder: true,
      sources: [
        { by: 'scim', because: 'SCIM group "Engineering"', at: PUSHED },
        {
          by: 'claims',
          because: `claim "groups", value "engineering": the group of this name (${ISSUER})`,
          at: SAID,
        },
      ],
      why: null,
    },
    {
      kind: 'group',
      name: 'pilots',
      organization: null,
      inCoder: true,
      sources: [],
      why: 'nobody states it: it was given in Coder, and is left alone unless the connection is strict',
    },
    {
      kind: 'siteRole',
      name: 'auditor',
      organization: null,
      inCoder: true,
      sources: [{ by: 'rule', because: 'rule of the group "Engineering"', at: PUSHED }],
      why: null,
    },
    {
      kind: 'siteRole',
      name: 'owner',
      organization: null,
      inCoder: false,
      sources: [{ by: 'scim', because: 'User siteRoles', at: null }],
      why: 'the policy does not let it be granted (SITE_ROLES)',
    },
  ],
  nothing: [
    {
      of: 'groups',
      organization: 'coder',
      value: 'sales',
      why: 'the organization has no group "sales", and missing groups are not made',
    },
  ],
};

describe('docs/explain.md', () => {
  it('shows what the command prints', async () => {
    const page = await readFile('docs/explain.md', 'utf8');
    expect(page).toContain(`\n${explanationLines(ANN).join('\n')}\n`);
  });
});
