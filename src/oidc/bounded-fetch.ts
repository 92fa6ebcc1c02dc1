/** Larger answers are none of a provider's. */
const LARGEST_ANSWER = 1024 * 1024;
/** Answers without a body; a Response of such a status may not be made with one. */
const BODILESS = [204, 205, 304];

/** `fetch`, whose answer was read to its end: bounded in size, and in time by the signal of the options. */
export async function boundedFetch(url: string, options: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...options, redirect: 'manual' });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  const { status, headers } = response;
  return new Response(BODILESS.includes(status) ? null : Buffer.concat(chunks), { status, headers });
}
