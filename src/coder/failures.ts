import { isJsonObject } from '../common/index.js';
import {
  AuthError,
  ConflictError,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
  type CoderError,
} from './errors.js';
import type { Answer } from './exchange.js';
import { retryAfterMs } from './rate-headers.js';

/** What is known of the call besides its answer. */
export interface FailureContext {
  readonly operation: string;
  readonly mutation: boolean;
  /** Never shown, even where an answer repeats it. */
  readonly sessionToken?: string;
  /** This machine's wall clock, for a Retry-After that is a date. */
  readonly now: number;
}

/** Coder's error body: `{message, detail?, validations?: [{field, detail}]}`. */
interface Said {
  readonly message: string;
  readonly text: string;
}

const MAX_TEXT = 500;
const MAX_VALIDATIONS = 20;

/**
 * The error of an answer that is no success. Classified by status; fragments of the text only tell 400s and 404s apart.
 *
 * Coder answers 404 alike to what is absent and to what the caller may not read. A 404 that is not Coder's own (an
 * ingress without a backend) or that says that there is no such route is not about the resource: nobody may conclude
 * from it that something is gone.
 */
export function errorOf(answer: Answer, context: FailureContext): CoderError {
  const { operation, mutation } = context;
  const { status } = answer;
  const said = saidBy(answer, context.sessionToken);
  const text = `${status}: ${said?.text ?? 'an answer without an explanation of Coder'}`;
  if (status === 401) return new AuthError(operation, text, status);
  if (status === 404) {
    if (!said) return new TransientError(operation, `${text} (is CODER_URL right?)`, mutation, status);
    if (/route not found/i.test(said.message)) return new RejectedError(operation, text, status);
    return new GoneError(operation, text, status);
  }
  if (status === 409 || (status === 400 && said && SAYS_CONFLICT.test(said.text))) {
    return new ConflictError(operation, text, status);
  }
  if (status === 429) return new ThrottledError(operation, retryAfterMs(answer.headers, context.now), status);
  if (status < 400)
    return new TransientError(operation, `${text} (a redirect: is CODER_URL right?)`, mutation, status);
  if (status === 408 || status === 425 || isGateway(status)) {
    return new TransientError(operation, text, mutation, status);
  }
  if (status >= 500) return new ServerError(operation, text, status);
  return new RejectedError(operation, text, status);
}

/** Membership duplicates are 400 in Coder: "... is already an organization member", "... add the same user to a group twice". */
const SAYS_CONFLICT = /already an organization member|same user to a group twice/i;

/** 502-504, and what CDNs say in their place (520-530: the origin is away). */
function isGateway(status: number): boolean {
  return (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
}

function saidBy(answer: Answer, sessionToken: string | undefined): Said | undefined {
  const body = parseJson(answer.body);
  if (!isJsonObject(body) || typeof body['message'] !== 'string') return undefined;
  const parts = [body['message']];
  if (typeof body['detail'] === 'string' && body['detail'] !== '') parts.push(body['detail']);
  if (Array.isArray(body['validations'])) {
    for (const row of body['validations'].slice(0, MAX_VALIDATIONS)) {
      if (isJsonObject(row)) parts.push(`${asText(row['field'])}: ${asText(row['detail'])}`);
    }
  }
  return { message: body['message'], text: clean(parts.join('; '), sessionToken) };
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One line of at most 500 characters, without control characters and without the token. */
function clean(text: string, sessionToken: string | undefined): string {
  const shown = sessionToken ? text.replaceAll(sessionToken, '[token]') : text;
  return shown
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}

/** The parsed body, or undefined where it is no JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
