import { describe, expect, it } from 'vitest';
import { LoginCookie } from './cookie.js';

describe('the cookie of a login', () => {
  it('is bound to TLS and to this host alone, where the bridge has TLS', () => {
    const cookie = new LoginCookie('okta', 'https://bridge.example/idp');
    expect(cookie.set('x.y', 600)).toBe(
      '__Host-idp-bridge-login-okta=x.y; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
    expect(cookie.end).toBe(
      '__Host-idp-bridge-login-okta=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it('is found among others, by its whole name', () => {
    const cookie = new LoginCookie('okta', 'http://127.0.0.1:3000');
    expect(cookie.valueIn('a=b; idp-bridge-login-okta=x.y; c=d')).toBe('x.y');
    for (const header of [
      undefined,
      '',
      'idp-bridge-login-okta',
      'idp-bridge-login-okta=',
      'idp-bridge-login-okta2=x',
      'xidp-bridge-login-okta=x',
      '__Host-idp-bridge-login-okta=x',
    ])
      expect(cookie.valueIn(header)).toBeUndefined();
  });
});
