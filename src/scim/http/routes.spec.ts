import { describe, expect, it } from 'vitest';
import { baseOf, connectionIn, isScimPath, verbsOf } from './routes.js';

describe('the routes of SCIM', () => {
  it.each(['/scim', '/scim/v2', '/scim/v2/Users', '/scim?x', '/connections/acme/scim/v2/Users'])(
    'take %s for SCIM',
    (path) => {
      expect(isScimPath(path)).toBe(true);
    },
  );

  it.each(['/', '/scimitar', '/api/v1/scim', '/connections/a/b/scim', '/healthz'])(
    'leave %s alone',
    (path) => {
      expect(isScimPath(path)).toBe(false);
    },
  );

  it.each([
    ['/scim/v2/Users', ['GET', 'POST']],
    ['/scim/v2/Users/?x=1', ['GET', 'POST']],
    ['/scim/v2/Users/1', ['GET', 'PUT', 'PATCH', 'DELETE']],
    ['/scim/v2/Groups/.search', ['POST']],
    ['/scim/v2/Schemas/urn:x', ['GET']],
    ['/connections/acme/scim/v2/Users/1', ['GET', 'PUT', 'PATCH', 'DELETE']],
    ['/connections/a/b/scim/v2/Users', undefined],
    ['/scim/v2/Users/1/2', undefined],
    ['/scim/v2/', undefined],
    ['/scim/v2/__proto__', undefined],
    ['/scim/v2/constructor/1', undefined],
    ['/scim/v1/Users', undefined],
  ])('know the verbs of %s', (path, verbs) => {
    expect(verbsOf(path)).toEqual(verbs);
  });

  it('build the base from the public URL', () => {
    expect(baseOf('https://bridge.example/')).toBe('https://bridge.example/scim/v2');
    expect(baseOf('https://bridge.example/idp', 'acme')).toBe(
      'https://bridge.example/idp/connections/acme/scim/v2',
    );
  });

  it('name the connection, or the first one by naming none', () => {
    expect(connectionIn('/connections/acme/scim/v2/nothing?x')).toBe('acme');
    expect(connectionIn('/connections/acme')).toBeUndefined();
    expect(connectionIn('/scim/v2/connections/acme/')).toBeUndefined();
  });
});
