/** One answer of Coder to an operation, and what the client makes of it. */
export interface Answered {
  readonly status: number;
  /** Undefined: no body. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields beside these do not matter. */
  readonly gives: unknown;
}

/** One operation of the client as data: what is called, what goes out, what may come back. */
export interface Operation {
  /** The client's function. */
  readonly name: string;
  /** Values for the path hold a slash, to see that they are encoded. */
  readonly args: readonly unknown[];
  /** `PUT /api/v2/users/u%2F1/roles` */
  readonly sends: string;
  readonly body?: unknown;
  /** By edition and version where they differ. */
  readonly answers: readonly Answered[];
}

/** Where nothing is read of the answer. */
export const done: Answered = { status: 200, body: { message: 'Done.' }, gives: undefined };
export const noContent: Answered = { status: 204, body: undefined, gives: undefined };

export function answer(status: number, body: unknown, gives: unknown = body): Answered {
  return { status, body, gives };
}

/** @param answers what Coder says; a plain value is a 200 that is read as it is */
export function operation(
  name: string,
  args: readonly unknown[],
  sends: string,
  answers: Answered | readonly Answered[],
  body?: unknown,
): Operation {
  return {
    name,
    args,
    sends,
    answers: Array.isArray(answers) ? (answers as readonly Answered[]) : [answers as Answered],
    ...(body !== undefined && { body }),
  };
}
