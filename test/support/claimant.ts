import { afterAll, beforeAll, expect } from 'vitest';

import { TestIssuer } from './jwt-issuer.js';
import { forwardingTo, startTestBridge } from './bridge.js';
import type { TestBridge, TestBridgeOptions } from './bridge.js';

/** A bridge whose connection has an OpenID provider, and that provider's word. */
export interface ClaimedBridge extends TestBridge {
  /**
   * Hands over a token that claims this of `<subject>@example.com`, verified; `iat` is later than that of any token before.
   *
   * @returns the answer's body
   */
  readonly claim: (subject: string, claims: Record<string, unknown>) => Promise<Record<string, unknown>>;
}

const AUDIENCE = 'idp-bridge-tests';

/** As `useBridge`, with a provider. Its options may be made once the provider's address is known. */
export function useClaimedBridge(
  options: (issuer: string) => TestBridgeOptions | Promise<TestBridgeOptions> = () => ({}),
): ClaimedBridge {
  let started: TestBridge | undefined;
  let issuer: TestIssuer | undefined;
  let iat = Math.floor(Date.now() / 1_000) - 1_800;
  beforeAll(async () => {
    issuer = await TestIssuer.start();
    const { env, ...rest } = await options(issuer.url);
    const oidc = { OIDC_ISSUER: issuer.url, OIDC_AUDIENCE: AUDIENCE };
    started = await startTestBridge({ ...rest, env: { ...oidc, ...env } });
  });
  afterAll(async () => {
    await started?.close();
    await issuer?.stop();
  });
  const bridge = forwardingTo(() => started);
  return Object.assign(bridge, {
    claim: async (subject: string, claims: Record<string, unknown>) => {
      iat += 1;
      const token = await issuer?.sign({
        aud: AUDIENCE,
        sub: subject,
        iat,
        email: `${subject}@example.com`,
        email_verified: true,
        ...claims,
      });
      const answer = await bridge.admin.post('/oidc/claims', { id_token: token });
      if (answer.status > 299) expect.fail(`the claims were answered ${answer.status}: ${answer.text}`);
      return answer.body as Record<string, unknown>;
    },
  });
}
