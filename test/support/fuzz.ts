/**
 * How often a fuzz test is run: `usual` in the tests, as often as FUZZ_RUNS says in a long run.
 *
 * @param share of FUZZ_RUNS, for what takes longer than a call
 */
export function fuzzRuns(usual: number, share = 1): number {
  const wanted = Number(process.env['FUZZ_RUNS']);
  return wanted > 0 ? Math.max(usual, Math.ceil(wanted * share)) : usual;
}

/** How many times as long `run` takes on an input that is eight times as large. The best of several attempts: noise only adds. */
export function growth<Input>(
  make: (size: number) => Input,
  run: (input: Input) => void,
  size: number,
): number {
  const [small, large] = [make(size), make(size * 8)];
  // Warm, so that the compiler's work is not part of the smaller one's time.
  const repeats = repeatsFor(() => run(small));
  best(() => run(large), Math.ceil(repeats / 8));
  return best(() => run(large), Math.ceil(repeats / 8)) / best(() => run(small), repeats);
}

const ATTEMPTS = 7;
/** Long enough for the clock, milliseconds. */
const LONG_ENOUGH = 4;

function repeatsFor(run: () => void): number {
  let repeats = 1;
  while (best(run, repeats) * repeats < LONG_ENOUGH && repeats < 1e6) repeats *= 2;
  return repeats;
}

/** Milliseconds of one run, the least of the attempts. */
function best(run: () => void, repeats: number): number {
  let least = Infinity;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < repeats; i++) run();
    least = Math.min(least, Number(process.hrtime.bigint() - start) / 1e6 / repeats);
  }
  return least;
}
