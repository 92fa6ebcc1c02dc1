/** Colours for a terminal; plain text elsewhere. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

const sequence =
  (code: number, on: boolean) =>
  (text: string): string =>
    on && text !== '' ? `\u001b[${code}m${text}\u001b[0m` : text;

export function paint(colours: boolean): Paint {
  return {
    bold: sequence(1, colours),
    dim: sequence(2, colours),
    good: sequence(32, colours),
    bad: sequence(31, colours),
  };
}

/** 12 ms, 1.24 s, 3 min 07 s. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** 1 person, 2 people. */
export function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
