/** The environment cannot be used. Every fault is one line that names the key and what was expected, and never a value. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`the configuration has ${faults.length} fault(s):\n${faults.join('\n')}`);
    this.name = 'ConfigError';
  }
}
