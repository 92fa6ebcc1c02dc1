import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Answer, Bridge } from './bridge.js';

/** A recorded conversation, in the order in which a client has it. How it is written: transcripts/README.md. */
export interface Transcript {
  readonly file: string;
  readonly title: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Dialects that the connection asks for. */
  readonly dialects: readonly string[];
  readonly scenes: readonly Scene[];
}

export interface Scene {
  readonly title: string;
  readonly exchanges: readonly Exchange[];
}

interface Exchange {
  /** Where it stands, for messages. */
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it is sent, placeholders apart. */
  readonly body: string;
  readonly status: number;
  readonly expectedHeaders: Readonly<Record<string, string>>;
  readonly expectedBody: string;
}

const FOLDER = join(import.meta.dirname, '..', 'transcripts');

export function transcripts(): Transcript[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.http'))
    .sort()
    .map((file) => parseTranscript(file, readFileSync(join(FOLDER, file), 'utf8')));
}

/** Reads a transcript. @param file its name, for messages */
export function parseTranscript(file: string, text: string): Transcript {
  const [head = '', ...scenes] = text.split(/^### /m);
  const title = /^# (.*)$/m.exec(head)?.[1] ?? file;
  const { dialects = '', ...headers } = headersOf(head.split('\n').filter((line) => !line.startsWith('#')));
  let line = head.split('\n').length;
  const read = scenes.map((scene) => {
    const at = `${file}:${line}`;
    line += scene.split('\n').length - 1;
    return parseScene(scene, at);
  });
  return { file, title, headers, dialects: dialects.split(/[\s,]+/).filter(Boolean), scenes: read };
}

function parseScene(scene: string, at: string): Scene {
  const [title = '', ...lines] = scene.split('\n');
  const text = lines.filter((line) => !line.startsWith('#')).join('\n');
  const [, ...exchanges] = text.split(/^=> /m);
  if (exchanges.length === 0) throw new Error(`${at}: nothing is sent`);
  return { title: title.trim(), exchanges: exchanges.map((exchange) => parseExchange(exchange, at)) };
}

function parseExchange(text: string, at: string): Exchange {
  const [request = '', answer] = text.split(/^<= /m);
  const [start = '', ...sent] = request.split('\n');
  const found = /^([A-Z]+) (\S.*)$/.exec(start.trim());
  if (!found || answer === undefined) throw new Error(`${at}: no request with an answer: ${start}`);
  const [status = '', ...came] = answer.split('\n');
  return {
    at: `${at} ${start.trim()}`,
    method: found[1] ?? '',
    path: found[2] ?? '',
    headers: headersOf(sent),
    body: withoutHeaders(sent),
    status: Number(status.trim().slice(0, 3)),
    expectedHeaders: headersOf(came),
    expectedBody: withoutHeaders(came),
  };
}

const HEADER = /^([A-Za-z-]+):\s+(.*)$/;

function headersOf(lines: readonly string[]): Record<string, string> {
  const end = lines.findIndex((line) => line.startsWith('{'));
  const matches = lines.slice(0, end < 0 ? undefined : end).flatMap((line) => HEADER.exec(line) ?? []);
  const headers: Record<string, string> = {};
  for (let i = 0; i + 2 < matches.length; i += 3)
    headers[(matches[i + 1] ?? '').toLowerCase()] = matches[i + 2] ?? '';
  return headers;
}

function withoutHeaders(lines: readonly string[]): string {
  const start = lines.findIndex((line) => /^[{[]/.test(line));
  return start < 0 ? '' : lines.slice(start).join('\n').trim();
}

/** Replays the exchanges of one transcript; what one scene learns (ids) the following ones know. */
export class Replay {
  private readonly known = new Map<string, string>();

  constructor(
    private readonly bridge: Bridge,
    private readonly transcript: Transcript,
  ) {}

  /** Fails the test where an answer is not the recorded one. @returns how many answers were */
  async play(scene: Scene): Promise<number> {
    let matched = 0;
    for (const exchange of scene.exchanges) {
      this.check(exchange, await this.send(exchange));
      matched += 1;
    }
    return matched;
  }

  private send({ method, path, headers, body }: Exchange): Promise<Answer> {
    const {
      authorization,
      'content-type': type,
      ...others
    }: Record<string, string> = { ...this.transcript.headers, ...headers };
    if (authorization !== undefined && authorization !== 'none') {
      others['authorization'] = this.filled(authorization);
    }
    return this.bridge.request(method, this.filled(path), {
      ...(body ? { body: this.filled(body) } : {}),
      ...(type === undefined ? {} : { type }),
      ...(authorization === undefined ? {} : { token: null }),
      headers: others,
    });
  }

  private check(exchange: Exchange, answer: Answer): void {
    const { at, status, expectedHeaders, expectedBody } = exchange;
    if (answer.status !== status) expect.fail(`${at}: ${answer.status} came, not ${status}: ${answer.text}`);
    if (status === 204) expect(answer.text, at).toBe('');
    if (expectedBody) this.match(JSON.parse(expectedBody), answer.body, `${at}: `);
    // After the body, which may tell the id that a header names.
    for (const [name, value] of Object.entries(expectedHeaders))
      expect(answer.headers.get(name), `${at}: ${name}`).toBe(this.filled(value));
  }

  /** Objects may hold more than is expected; arrays may not. */
  private match(expected: unknown, actual: unknown, at: string): void {
    if (typeof expected === 'string') this.matchString(expected, actual, at);
    else if (Array.isArray(expected) && expected[0] === '(some)') {
      for (const element of expected.slice(1)) this.matchSome(element, actual, at);
    } else if (Array.isArray(expected)) {
      expect(Array.isArray(actual) ? actual.length : actual, `${at} length`).toBe(expected.length);
      expected.forEach((element, i) => this.match(element, (actual as unknown[])[i], `${at}[${i}]`));
    } else if (typeof expected === 'object' && expected !== null) {
      expect(actual, at).toBeTypeOf('object');
      for (const [key, value] of Object.entries(expected))
        this.match(value, (actual as Record<string, unknown>)[key], `${at}.${key}`);
    } else expect(actual, at).toBe(expected);
  }

  /** One element at least is as expected. */
  private matchSome(expected: unknown, actual: unknown, at: string): void {
    const found = (Array.isArray(actual) ? actual : []).some((element) => {
      try {
        this.match(expected, element, at);
        return true;
      } catch {
        return false;
      }
    });
    if (!found) expect.fail(`${at}: no element is ${JSON.stringify(expected)}`);
  }

  private matchString(expected: string, actual: unknown, at: string): void {
    const capture = /^<(\w+)>$/.exec(expected)?.[1];
    if (expected === '(absent)') expect(actual, at).toBeUndefined();
    else if (expected === '(any)') expect(actual ?? null, at).not.toBeNull();
    else if (expected === '(text)') expect(actual, at).toMatch(/./);
    else if (expected === '(number)') expect(actual, at).toBeTypeOf('number');
    else if (capture !== undefined && !this.known.has(capture)) {
      expect(actual, at).toBeTypeOf('string');
      this.known.set(capture, String(actual));
    } else expect(actual, at).toBe(this.filled(expected));
  }

  /** Placeholders: `<ada>` learned before, `{token}` of the connection, `{guid}` a new one. */
  private filled(text: string): string {
    return text
      .replaceAll('{token}', this.bridge.token)
      .replaceAll('{guid}', () => crypto.randomUUID())
      .replaceAll(/<(\w+)>/g, (whole, name: string) => this.known.get(name) ?? whole);
  }
}
