import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { deviations, switchableDialects } from '../../src/scim/dialects/index.js';
import { useBridge } from '../conformance/support/bridge.js';
import { parseTranscript, Replay } from '../conformance/support/transcripts.js';

const page = await readFile('docs/clients.md', 'utf8');

/** The page's blocks of requests, as scenes that are named after their sections. */
function conversation(): string {
  const [, ...sections] = page.split(/^## /m);
  const scenes = sections.flatMap((section) => {
    const [title = ''] = section.split('\n');
    return [...section.matchAll(/```http\n([\s\S]*?)```/g)].map(([, block = '']) => `### ${title}\n${block}`);
  });
  return `# docs/clients.md\n\n${scenes.join('\n')}`;
}

describe('docs/clients.md', () => {
  const held = useBridge();
  const transcript = parseTranscript('docs/clients.md', conversation());
  let replay: Replay | undefined;

  it.each(transcript.scenes.map((scene) => [scene.title, scene] as const))(
    'tells what comes of what is sent by %s',
    async (_title, scene) => {
      replay ??= new Replay(held.bridge, transcript);
      expect(await replay.play(scene)).toBe(scene.exchanges.length);
    },
  );

  it('tells of every deviation, and of no other', () => {
    const told = page.slice(page.indexOf('## Deviations')).split(/^### /m).slice(1);
    const expected = deviations.map(
      ({ name, from, illegal, legal, always }) =>
        `\`${name}\`\n\n${from.join(', ')}. ${always ? 'Always' : 'On request'}.\n\n` +
        `\`\`\`text\nillegal  ${illegal}\nlegal    ${legal}\n\`\`\`\n`,
    );
    expect(told.map((section) => section.trimEnd())).toEqual(expected.map((section) => section.trimEnd()));
    for (const name of switchableDialects) expect(page).toContain(`dialects: { ${name}: true }`);
  });
});
