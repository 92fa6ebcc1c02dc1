import { isJsonObject, type JsonObject } from '../../common/index.js';
import {
  AuthError,
  ConflictError,
  GoneError,
  RejectedError,
  ServerError,
  ThrottledError,
  TransientError,
  type CoderError,
} from '../errors.js';
import type { Answer } from './exchange.js';
import { retryAfterMs } from './rate-headers.js';

/** What is known of the call besides its answer. */
export interface FailureContext {
  readonly operation: string;
  readonly mutation: boolean;
  /** Never shown, even where an answer repeats them. */
  readonly secrets: readonly string[];
  /** The call did not carry the session token: its 401 is a refusal of something else. */
  readonly otherCredential?: boolean;
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
/** Anything shorter would hide words (`code` of a form), and is no secret. */
const SHORTEST_SECRET = 6;

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
  const said = saidBy(answer, context);
  const text = `${status}: ${said?.text ?? 'an answer without an explanation of Coder'}`;
  if (status === 401 && !context.otherCredential) return new AuthError(operation, text, status);
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

function saidBy(answer: Answer, { secrets, otherCredential }: FailureContext): Said | undefined {
  const body = parseJson(answer.body);
  if (!isJsonObject(body)) return undefined;
  const message = body['message'] ?? (otherCredential ? otherMessage(body) : undefined);
  if (typeof message !== 'string') return undefined;
  const parts = [message];
  if (body['detail'] !== message && asText(body['detail']) !== '') parts.push(asText(body['detail']));
  if (Array.isArray(body['validations'])) {
    for (const row of body['validations'].slice(0, MAX_VALIDATIONS)) {
      if (isJsonObject(row)) parts.push(`${asText(row['field'])}: ${asText(row['detail'])}`);
    }
  }
  return { message, text: clean(parts.join('; '), secrets) };
}

/** Coder's SCIM server says `detail` (RFC 7644 section 3.12), its OAuth2 server `error` (RFC 6749 section 5.2). */
function otherMessage(body: JsonObject): unknown {
  return body['detail'] ?? body['error_description'] ?? body['error'];
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One line of at most 500 characters, without control characters and without secrets. */
function clean(text: string, secrets: readonly string[]): string {
  // The longest first: a short one may be a part of it.
  const hidden = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .toSorted((a, b) => b.length - a.length);
  return hidden
    .reduce((shown, secret) => shown.replaceAll(secret, '[token]'), text)
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cs}]+/gu, ' ')
    .trim();
}

/** What stands for a body that is no JSON: no reader takes it for anything. */
const NOT_JSON = Symbol('not JSON');

/** The parsed body; undefined where there is none. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return NOT_JSON;
  }
}
