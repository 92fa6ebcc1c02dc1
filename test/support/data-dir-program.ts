import { createInterface } from 'node:readline';
import { openEngine, runMigrations } from '../../src/database/index.js';

// Opens the embedded database in the folder given, says so, and obeys: `write <key>`, `read`, `close`.
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
try {
  const dataDir = process.argv[2] ?? '';
  const engine = await openEngine({ engine: 'pglite', dataDir }, { log: quiet });
  await runMigrations(engine, { queue: false });
  console.log('open');
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, key] = line.split(' ');
    if (command === 'write') {
      await engine.database.transaction((tx) =>
        tx.query(`INSERT INTO bridge.settings VALUES ($1, '1')`, [key]),
      );
      console.log(`written ${key}`);
    } else if (command === 'read') {
      const rows = await engine.database.query<{ key: string }>(
        'SELECT key FROM bridge.settings ORDER BY key',
      );
      console.log(`holds ${rows.map((row) => row.key).join(',')}`);
    } else {
      await engine.close();
      console.log('closed');
      process.stdin.destroy();
      break;
    }
  }
} catch (error) {
  console.log(`refused: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
