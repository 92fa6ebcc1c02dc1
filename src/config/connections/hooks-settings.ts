import 'reflect-metadata';
import { Type } from 'class-transformer';
import { A_SAFE_URL, isSafeUrl } from '../rules.js';
import type { MissingClaims } from './hooks-model.js';
import { A_SECRET, Entries, Is, Nested, Optional, Text, Texts } from './rules.js';

const MOST_SECRETS = 4;
const MOST_WEBHOOKS = 20;
const SECRETS = `a list of 1 to ${MOST_SECRETS} secrets, each ${A_SECRET}`;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const HEADER = /^[a-z][a-z0-9-]{0,63}$/i;
const A_HEADER = 'the name of a header: letters, digits and hyphens, 1 to 64 of them';
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const A_NAME = 'lower-case letters, digits and hyphens, 1 to 63 of them, as it stands in the URL';
const A_MISSING = 'one of keep, none';
const isMissing = (value: unknown): boolean => value === 'keep' || value === 'none';

/** Where `{tenantid}` stands for a tenant of Entra ID, whose discovery document has it so. */
const isIssuer = (value: unknown): boolean =>
  typeof value === 'string' && isSafeUrl(value.replace('{tenantid}', 'tenantid'));

class SecretHookSettings {
  @Texts(SECRETS, MOST_SECRETS)
  secrets!: string | string[];

  @Optional()
  @Text(A_HEADER, HEADER)
  header?: string;
}

class OktaTokenSettings extends SecretHookSettings {
  @Optional()
  @Is(A_MISSING, isMissing)
  missing?: MissingClaims;
}

class EntraHookSettings {
  @Texts('a text or a list of at most 10', 10)
  audience!: string | string[];

  @Optional()
  @Text("the tenant's id (a UUID)", UUID)
  tenant?: string;

  @Optional()
  @Is(A_SAFE_URL, isIssuer)
  issuer?: string;

  @Optional()
  @Is(A_SAFE_URL, isSafeUrl)
  jwksUri?: string;
}

class WebhookSettings {
  @Text(A_NAME, NAME)
  name!: string;

  @Texts(SECRETS, MOST_SECRETS)
  secrets!: string | string[];

  @Optional()
  @Is(A_MISSING, isMissing)
  missing?: MissingClaims;
}

/** `hooks` of a connection's `oidc`. */
export class HooksSettings {
  @Optional()
  @Type(() => OktaTokenSettings)
  @Nested()
  oktaToken?: OktaTokenSettings;

  @Optional()
  @Type(() => SecretHookSettings)
  @Nested()
  oktaEvents?: SecretHookSettings;

  @Optional()
  @Type(() => EntraHookSettings)
  @Nested()
  entra?: EntraHookSettings;

  @Optional()
  @Type(() => WebhookSettings)
  @Entries(MOST_WEBHOOKS)
  webhooks?: WebhookSettings[];
}

export type { EntraHookSettings, SecretHookSettings, WebhookSettings };
