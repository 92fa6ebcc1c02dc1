import { describe, expect, it } from 'vitest';

import { GoneError, ServerError, TransientError } from '../../coder/index.js';
import { FakeTime } from '../../coder/testing/fake-time.js';
import { group, GROUP, ORGANIZATION, OTHER_ORGANIZATION, template } from '../planner/fixtures.js';
import { Templates } from './templates.js';

const [docker, kubernetes, windows] = [template('docker'), template('kubernetes'), template('windows')];

/** Coder with these templates on its list and beside it, and what the group may do with them. */
function coder() {
  const time = new FakeTime();
  const listed = new Map([['docker', docker]]);
  const unlisted = new Map<string, string>();
  const roles = new Map<string, string>();
  const calls: string[] = [];
  const fail: { list?: Error; access?: Error } = {};
  const gone = () => Promise.reject(new GoneError('GET', 'not found', 404));
  const templates = new Templates(
    {
      listTemplates: () => {
        calls.push('list');
        if (fail.list) return Promise.reject(fail.list);
        return Promise.resolve([...listed].map(([name, id]) => ({ name, id })));
      },
      getTemplateByName: (_organization, name) => {
        calls.push(`by name ${name}`);
        const id = unlisted.get(name);
        return id === undefined ? gone() : Promise.resolve({ id, name, organization_id: ORGANIZATION });
      },
      getTemplate: (id) => {
        calls.push('by id');
        const organization_id = id === windows ? OTHER_ORGANIZATION : ORGANIZATION;
        return id === windows || id === kubernetes
          ? Promise.resolve({ id, name: 'deprecated', organization_id })
          : gone();
      },
      getTemplateAcl: (id) => {
        calls.push('access');
        if (fail.access) return Promise.reject(fail.access);
        const role = roles.get(id);
        return Promise.resolve({ users: [], group: role === undefined ? [] : [{ ...group(), role }] });
      },
    },
    time,
  );
  const see = (stated: string[], all = false, groupId: string | null = GROUP) =>
    templates.see(ORGANIZATION, groupId, { stated, all });
  const forget = (): string[] => calls.splice(0);
  return { time, listed, unlisted, roles, fail, templates, see, forget };
}

describe('the list of templates', () => {
  it('is read once for ten minutes, and finds by name without case and by id', async () => {
    const { see, forget, time } = coder();
    for (const name of ['docker', 'Docker', docker.toUpperCase()]) {
      expect((await see([name], false, null)).idOf(name)).toBe(docker);
    }
    expect(forget()).toEqual(['list']);
    await time.advance(600_000);
    await see(['docker'], false, null);
    expect(forget()).toEqual(['list']);
  });

  it('is not read for a group that only gives back what it was given', async () => {
    const { see, forget } = coder();
    await see([]);
    expect(forget()).toEqual([]);
  });

  it('lacks deprecated ones, which are asked for by name, and again after half a minute', async () => {
    const { see, forget, unlisted, time } = coder();
    expect((await see(['old'], false, null)).idOf('old')).toBeNull();
    await see(['old'], false, null);
    expect(forget()).toEqual(['list', 'by name old']);
    unlisted.set('old', windows);
    await time.advance(30_000);
    expect((await see(['OLD'], false, null)).idOf('old')).toBe(windows);
    expect(forget()).toEqual(['by name old']);
  });

  it('lacks deprecated ones that are stated by their ids too, and has none of another organization', async () => {
    const { see } = coder();
    expect((await see([kubernetes], false, null)).idOf(kubernetes)).toBe(kubernetes);
    expect((await see([windows], false, null)).idOf(windows)).toBeNull();
  });

  it('that Coder refuses is told, and asked for again the next time', async () => {
    const { see, forget, fail } = coder();
    fail.list = new ServerError('GET', 'no right', 500);
    expect((await see(['docker'])).unavailable).toContain('no right');
    delete fail.list;
    forget();
    expect((await see(['docker'])).idOf('docker')).toBe(docker);
    expect(forget()).toEqual(['list', 'access']);
  });

  it('is not taken for empty where Coder is away', async () => {
    const { see, fail } = coder();
    fail.list = new TransientError('GET', 'away', false, 503);
    await expect(see(['docker'])).rejects.toThrow('away');
  });
});

describe('what a group may do with a template', () => {
  it('is read of those that are stated, each time; of a new group it is nothing', async () => {
    const { see, forget, roles, listed, time } = coder();
    listed.set('windows', windows);
    roles.set(docker, 'use');
    expect((await see(['docker'], false, null)).roles).toEqual(new Map());
    expect(forget()).toEqual(['list']);
    expect((await see(['docker'])).roles).toEqual(new Map([[docker, 'use']]));
    await time.advance(1);
    roles.set(docker, 'admin');
    expect((await see(['docker'])).roles).toEqual(new Map([[docker, 'admin']]));
    expect(forget()).toEqual(['access', 'access']);
  });

  it('is read of all where all are asked for, at most every half minute', async () => {
    const { see, forget, roles, listed, time } = coder();
    listed.set('windows', windows);
    roles.set(windows, 'use');
    expect((await see([], true)).roles).toEqual(
      new Map([
        [docker, ''],
        [windows, 'use'],
      ]),
    );
    await time.advance(29_000);
    await see([], true);
    expect(forget()).toEqual(['list', 'access', 'access']);
    await time.advance(2_000);
    await see([], true);
    expect(forget()).toEqual(['access', 'access']);
  });

  it('is known from what the bridge itself changed', async () => {
    const { see, templates } = coder();
    await see([], true);
    templates.noteRole(docker, GROUP, 'admin');
    expect((await see([], true)).roles).toEqual(new Map([[docker, 'admin']]));
    templates.noteRole(docker, GROUP, '');
    expect((await see([], true)).roles).toEqual(new Map([[docker, '']]));
  });

  it('is read once for all who ask at the same time', async () => {
    const { see, forget } = coder();
    await see(['docker'], false, null);
    forget();
    await Promise.all([see(['docker']), see(['docker'])]);
    expect(forget()).toEqual(['access']);
  });

  it('is not known where Coder refuses, with the reason; but is read again the next time', async () => {
    const { see, fail, time } = coder();
    fail.access = new ServerError('GET', 'no right', 500);
    const refused = await see(['docker']);
    expect([refused.roles, refused.refused.get(docker)]).toEqual([
      new Map(),
      expect.stringContaining('no right'),
    ]);
    delete fail.access;
    expect((await see(['docker'])).roles).toEqual(new Map([[docker, '']]));
    await time.advance(1);
    fail.access = new TransientError('GET', 'away', false, 503);
    await expect(see(['docker'])).rejects.toThrow('away');
  });
});
