import { describe, expect, it } from 'vitest';
import { GROUP, useBridge, USER } from './support/bridge.js';

describe('other clients', () => {
  const held = useBridge();

  it('OneLogin: SCIM 1 schemas, one email as an object', async () => {
    const { status, body } = await held.bridge.post('/Users', {
      schemas: ['urn:scim:schemas:core:1.0'],
      userName: 'onelogin',
      emails: { value: 'one@x.example' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({ schemas: [USER], emails: [{ value: 'one@x.example' }] });
  });

  it('JumpCloud: real booleans one by one, members removed by a value', async () => {
    const id = await held.bridge.user('jumpcloud');
    expect(
      (await held.bridge.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })).body.active,
    ).toBe(false);
    const { body: group } = await held.bridge.post('/Groups', { displayName: 'JC' });
    await held.bridge.patch(`/Groups/${group.id}`, { op: 'add', path: 'members', value: [{ value: id }] });
    await held.bridge.patch(`/Groups/${group.id}`, { op: 'remove', path: 'members', value: [{ value: id }] });
    expect((await held.bridge.get(`/Groups/${group.id}`)).body).not.toHaveProperty('members');
  });

  it('PingOne: PUT only, two primary emails, a bare comparison of emails', async () => {
    const id = await held.bridge.user('ping');
    const emails = [
      { value: 'p1@x.example', primary: true },
      { value: 'p2@x.example', primary: true },
    ];
    const { body } = await held.bridge.put(`/Users/${id}`, { userName: 'ping', emails });
    expect(body.emails.filter(({ primary }: { primary: boolean }) => primary)).toHaveLength(1);
    expect((await held.bridge.find('/Users', 'emails eq "p2@x.example"')).body.Resources[0].id).toBe(id);
  });

  it('Keycloak: groups by PUT as application/json, without members', async () => {
    const id = await held.bridge.user('keycloak');
    const { body } = await held.bridge.post('/Groups', {
      schemas: [GROUP],
      displayName: 'KC',
      members: [{ value: id }],
    });
    const kept = await held.bridge.put(
      `/Groups/${body.id}`,
      { schemas: [GROUP], displayName: 'KC 2' },
      { type: 'application/json' },
    );
    expect(kept).toMatchObject({ status: 200, body: { displayName: 'KC 2', members: [{ value: id }] } });
  });

  it('authentik: reads what is supported, adopts after a 409 with uniqueness, creates again after a 404', async () => {
    expect((await held.bridge.get('/ServiceProviderConfig')).body.patch.supported).toBe(true);
    const id = await held.bridge.user('authentik');
    expect((await held.bridge.post('/Users', { userName: 'authentik' })).body.scimType).toBe('uniqueness');
    expect((await held.bridge.find('/Users', 'userName eq "authentik"')).body.Resources[0].id).toBe(id);
    await held.bridge.delete(`/Users/${id}`);
    expect((await held.bridge.put(`/Users/${id}`, { userName: 'authentik' })).status).toBe(404);
    expect((await held.bridge.post('/Users', { userName: 'authentik' })).status).toBe(201);
  });

  it('Google and CyberArk: probe by count=1 and single discovery resources', async () => {
    expect(
      (await held.bridge.get('/Users?count=1', { headers: { 'user-agent': 'Google-Auto-Provisioning' } }))
        .body.itemsPerPage,
    ).toBe(1);
    for (const path of ['/ResourceTypes/User', '/ResourceTypes/Group', `/Schemas/${USER}`])
      expect((await held.bridge.get(path)).status).toBe(200);
  });

  it('Rippling: a repeated POST makes no second user', async () => {
    const post = () => held.bridge.post('/Users', { userName: 'rippling', externalId: 'r-1' });
    expect([(await post()).status, (await post()).status]).toEqual([201, 409]);
    expect((await held.bridge.find('/Users', 'externalId eq "r-1"')).body.totalResults).toBe(1);
  });
});
