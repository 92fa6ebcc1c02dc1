/** More than one value: the header is repeated. */
export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What goes back over the wire. */
export interface Answer {
  readonly status: number;
  readonly headers?: Headers;
  /** Already rendered; JSON unless `headers` say otherwise. */
  readonly body: string;
}

/** One row of `validations` in Coder's error body. */
export interface Validation {
  readonly field: string;
  readonly detail: string;
}

/** Coder's error body: `{message, detail?, validations?}`; the last two are left out when empty. */
export class ApiFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly detail = '',
    readonly validations: readonly Validation[] = [],
    readonly headers: Headers = {},
  ) {
    super(message);
  }

  answer(): Answer {
    const body = {
      message: this.message,
      ...(this.detail && { detail: this.detail }),
      ...(this.validations.length > 0 && { validations: this.validations }),
    };
    return { status: this.status, headers: this.headers, body: JSON.stringify(body) };
  }
}

export function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value) };
}

/** JSON that is already text: lists are put together from rows rendered before. */
export function rendered(status: number, body: string): Answer {
  return { status, body };
}

export const NO_CONTENT: Answer = { status: 204, body: '' };

/** Missing and unreadable things answer alike, so that existence does not leak. */
export function notFound(): ApiFailure {
  return new ApiFailure(404, 'Resource not found or you do not have access to this resource');
}

export function routeNotFound(): ApiFailure {
  return new ApiFailure(404, 'Route not found.');
}

export function forbidden(): ApiFailure {
  return new ApiFailure(403, 'Forbidden.', 'The caller does not have permission for this action.');
}

/** What Coder answers where the database layer denies a write and the handler does not translate it. */
export function internal(detail: string): ApiFailure {
  return new ApiFailure(500, 'An internal server error occurred.', detail);
}

export function badRequest(
  message: string,
  detail = '',
  validations: readonly Validation[] = [],
): ApiFailure {
  return new ApiFailure(400, message, detail, validations);
}
