import { describe, expect, it } from 'vitest';
import { deviations } from '../../src/scim/dialects/index.js';
import { useBridge } from './support/bridge.js';
import { Replay, transcripts } from './support/transcripts.js';

const all = transcripts();

describe.each(all.map((transcript) => [transcript.title, transcript] as const))(
  '%s',
  (_title, transcript) => {
    const held = useBridge({ dialects: transcript.dialects });
    let replay: Replay | undefined;

    it.each(transcript.scenes.map((scene) => [scene.title, scene] as const))('%s', async (_name, scene) => {
      replay ??= new Replay(held.bridge, transcript);
      expect(await replay.play(scene)).toBe(scene.exchanges.length);
    });
  },
);

describe('transcripts', () => {
  it('show every deviation by its name', () => {
    const shown = all
      .filter(({ file }) => file.startsWith('deviations'))
      .flatMap(({ scenes }) => scenes.map(({ title }) => title.split(':', 1)[0]));
    expect(deviations.map(({ name }) => name).filter((name) => !shown.includes(name))).toEqual([]);
  });
});
