import { describe, expect, it } from 'vitest';
import { commandLineSettings, withoutSettings } from './index.js';

describe('what commands take from the environment', () => {
  it('is where the bridge is and the two tokens, with empty variables as not set', () => {
    expect(
      commandLineSettings({ BRIDGE_URL: 'http://x', SCIM_TOKEN: ' s ', ADMIN_TOKEN: '', DATA_DIR: '/d' }),
    ).toEqual({ bridgeUrl: 'http://x', scimToken: 's', dataDir: '/d', noColor: false });
  });

  it('is where the database and the port of a bridge on this machine are', () => {
    expect(commandLineSettings({ DATABASE_URL: 'postgres://x', PORT: '3001' })).toMatchObject({
      databaseUrl: 'postgres://x',
      port: '3001',
    });
  });

  it('needs nothing', () => {
    expect(commandLineSettings({ NO_COLOR: '1' })).toEqual({ dataDir: './data', noColor: true });
  });

  it('leaves the variables of other programs to a bridge that a command starts, and none of the bridge', () => {
    expect(
      withoutSettings({
        PATH: '/bin',
        DATABASE_URL: 'postgres://x',
        BRIDGE_URL: 'x',
        OIDC_ISSUER: 'x',
        PORT: '1',
      }),
    ).toEqual({
      PATH: '/bin',
    });
  });
});
