import { beforeEach, describe, expect, it } from 'vitest';
import { readGroup } from '../shapes.js';
import { groupRow } from '../testing/fake-coder.js';
import { FakeTime } from '../testing/fake-time.js';
import type { CoderGroup } from '../types.js';
import { GroupsSnapshot } from './groups.js';

const ORGANIZATION = '00000000-0000-4000-8000-0000000000aa';
const group = (name: string, more: Record<string, unknown> = {}): CoderGroup =>
  readGroup(groupRow(name, more));
const everyone = group('Everyone', { id: ORGANIZATION });

let time: FakeTime;
let coder: CoderGroup[];
let calls: number;
let snapshot: GroupsSnapshot;

beforeEach(() => {
  time = new FakeTime();
  coder = [everyone, group('eng'), group('Eng')];
  calls = 0;
  const listGroups = (): Promise<CoderGroup[]> => {
    calls += 1;
    return Promise.resolve(coder);
  };
  snapshot = new GroupsSnapshot({ listGroups }, ORGANIZATION, { clock: time, timers: time });
});

describe("the snapshot of an organization's groups", () => {
  it('finds by id and by the exact name', async () => {
    const view = await snapshot.get();
    expect(view.byName('eng')?.id).toBe('id-eng');
    expect(view.byName('Eng')?.id).toBe('id-Eng');
    expect(view.byName('ENG')).toBeUndefined();
    expect(view.byId(ORGANIZATION)?.name).toBe('Everyone');
  });

  it('is listed once for all who ask, and again when it is old or something contradicted it', async () => {
    await Promise.all([snapshot.get(), snapshot.get()]);
    expect(calls).toBe(1);
    await time.advance(30_001);
    await snapshot.get();
    expect(calls).toBe(2);
    snapshot.invalidate();
    await snapshot.get();
    expect(calls).toBe(3);
  });

  it('has own changes at once', async () => {
    const view = await snapshot.get();
    snapshot.noteCreated(group('ops'));
    snapshot.noteChanged(group('research', { id: 'id-eng' }));
    snapshot.noteDeleted('id-Eng');
    expect([...view.all()].map((one) => one.name).sort()).toEqual(['Everyone', 'ops', 'research']);
    expect(view.byName('eng')).toBeUndefined();
    expect(calls).toBe(1);
  });

  it('is an error when the list lacks Everyone, which every organization has', async () => {
    coder = [];
    await expect(snapshot.get()).rejects.toThrow('lacks Everyone');
    coder = [group('eng')];
    await expect(snapshot.get()).rejects.toThrow('lacks Everyone');
  });
});
