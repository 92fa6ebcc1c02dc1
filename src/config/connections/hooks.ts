import type { EntraHook, HooksConfig, SecretHook, Webhook } from './hooks-model.js';
import type {
  EntraHookSettings,
  HooksSettings,
  SecretHookSettings,
  WebhookSettings,
} from './hooks-settings.js';
import { list, secretOf, type Fault } from './stated.js';

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

/** What a hook takes from the provider that it belongs to. */
interface Provider {
  readonly issuer: string;
  readonly tenants: readonly string[];
}

/** The hooks that the file names; faults go to `fault`. */
export function hooksOf(
  settings: HooksSettings,
  provider: Provider,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): HooksConfig {
  const { oktaToken, oktaEvents, entra } = settings;
  const webhooks = settings.webhooks ?? [];
  webhooks.forEach(({ name }, n) => {
    const first = webhooks.findIndex((other) => other.name === name);
    if (first !== n)
      fault(
        `${path}.webhooks[${n}].name`,
        `expected the name to be another one than that of webhooks[${first}]`,
      );
  });
  return {
    ...(oktaToken == null
      ? {}
      : {
          oktaToken: {
            ...secretHookOf(oktaToken, `${path}.oktaToken`, env, fault),
            missing: oktaToken.missing ?? 'keep',
          },
        }),
    ...(oktaEvents == null ? {} : { oktaEvents: secretHookOf(oktaEvents, `${path}.oktaEvents`, env, fault) }),
    ...(entra == null ? {} : { entra: entraOf(entra, provider, `${path}.entra`, fault) }),
    webhooks: webhooks.map((webhook, n) => webhookOf(webhook, `${path}.webhooks[${n}]`, env, fault)),
  };
}

function secretHookOf(
  { secrets, header }: SecretHookSettings,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): SecretHook {
  return {
    // Where Okta's console puts the secret unless it is told otherwise.
    header: typeof header === 'string' ? header.toLowerCase() : 'authorization',
    secrets: list(secrets).map((secret, n) => secretOf(secret, `${path}.secrets[${n}]`, env, fault)),
  };
}

/** The tenant is that of the provider, unless the file names another one. */
function entraOf(
  { audience, tenant, issuer: stated, jwksUri }: EntraHookSettings,
  provider: Provider,
  path: string,
  fault: Fault,
): EntraHook {
  const issuer = stated ?? provider.issuer;
  const known = provider.tenants.length > 0 ? provider.tenants : (issuer.match(UUID) ?? []);
  const tenants = tenant == null ? known : [tenant];
  if (tenants.length === 0) fault(`${path}.tenant`, 'expected the id of the tenant, as the issuer has none');
  return {
    issuer,
    tenants: tenants.map((id) => id.toLowerCase()),
    audiences: list(audience),
    ...(jwksUri == null ? {} : { jwksUri }),
  };
}

function webhookOf(
  { name, secrets, missing }: WebhookSettings,
  path: string,
  env: NodeJS.ProcessEnv,
  fault: Fault,
): Webhook {
  return {
    name,
    secrets: list(secrets).map((secret, n) => secretOf(secret, `${path}.secrets[${n}]`, env, fault)),
    missing: missing ?? 'keep',
  };
}
