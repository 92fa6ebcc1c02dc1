/** A copy of the process's environment: the only place of the program that reads it. */
export function readEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env };
}
