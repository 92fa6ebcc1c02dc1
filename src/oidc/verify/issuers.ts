import type { OidcConfig } from '../../config/index.js';

/** Every `iss` that tokens of the provider may have. */
export function issuersOf({ issuer, tenants }: Pick<OidcConfig, 'issuer' | 'tenants'>): readonly string[] {
  return tenants.length === 0 ? [issuer] : tenants.map((tenant) => issuerOf(issuer, tenant));
}

/** Entra ID's issuer has the tenant in it (`{tenantid}`); ids are written in lower case. */
export function issuerOf(template: string, tenant: unknown): string {
  return typeof tenant === 'string' ? template.replaceAll('{tenantid}', tenant) : '';
}

/**
 * The organization of Okta that an issuer belongs to: `https://acme.okta.com/oauth2/<id>` is a custom authorization server of
 * `https://acme.okta.com`, which signs with keys of its own. Any other issuer is its own.
 */
export function organizationOf(issuer: string): string {
  if (!URL.canParse(issuer)) return issuer;
  const { origin, pathname } = new URL(issuer);
  return /^\/oauth2\/[^/]+$/.test(pathname) ? origin : issuer;
}
