import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file for BRIDGE_CONFIG, in a folder of its own. */
export async function configFile(
  text: string,
): Promise<{ readonly path: string; write(text: string): Promise<void>; remove(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bridge-config-'));
  const path = join(folder, 'bridge.yaml');
  const write = (content: string): Promise<void> => writeFile(path, content);
  await write(text);
  return { path, write, remove: () => rm(folder, { recursive: true, force: true }) };
}
