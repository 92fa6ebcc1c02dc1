import { parse, protocol } from '@electric-sql/pglite';
import type { PGlite, Results } from '@electric-sql/pglite';

const { serialize } = protocol;

/** Statements kept prepared; the least used of them goes first. Searches by filter make texts without end. */
const CAPACITY = 300;

interface Prepared {
  readonly name: string;
  /** Types of the parameters, as PostgreSQL inferred them. */
  readonly types: readonly number[];
}

/**
 * Parses and plans a statement once, and then only binds and executes it, in one message: PGlite's own `query` parses and
 * plans every time, which is most of the cost of a short statement (measured: 2.5 times as fast).
 *
 * The caller holds the connection; nothing here waits for anybody else.
 */
export class PreparedStatements {
  /** By text, in the order of use. */
  private readonly known = new Map<string, Prepared>();
  private count = 0;

  constructor(
    private readonly pglite: PGlite,
    private readonly capacity = CAPACITY,
  ) {}

  /** @throws DatabaseError as PGlite does */
  async query<Row>(text: string, params: readonly unknown[]): Promise<Results<Row>> {
    const { name, types } = this.used(text) ?? (await this.prepare(text));
    const values = params.map((value, index) => this.serialized(value, types[index]));
    const message = joined([
      serialize.bind({ statement: name, values }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
      serialize.sync(),
    ]);
    const { messages } = await this.pglite.execProtocol(message);
    const [result] = parse.parseResults(messages, this.pglite.parsers);
    if (!result) throw new Error('the statement gave no result');
    return result as Results<Row>;
  }

  private used(text: string): Prepared | undefined {
    const prepared = this.known.get(text);
    if (prepared) {
      this.known.delete(text);
      this.known.set(text, prepared);
    }
    return prepared;
  }

  private async prepare(text: string): Promise<Prepared> {
    const name = `bridge_${(this.count += 1)}`;
    const message = joined([
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
      serialize.sync(),
    ]);
    const { messages } = await this.pglite.execProtocol(message);
    const prepared = { name, types: parse.parseDescribeStatementResults(messages) };
    this.known.set(text, prepared);
    await this.forgetLeastUsed();
    return prepared;
  }

  private async forgetLeastUsed(): Promise<void> {
    const [oldest] = this.known;
    if (this.known.size <= this.capacity || !oldest) return;
    this.known.delete(oldest[0]);
    await this.pglite.execProtocol(
      joined([serialize.close({ type: 'S', name: oldest[1].name }), serialize.sync()]),
    );
  }

  private serialized(value: unknown, type: number | undefined): string | null {
    if (value === null || value === undefined) return null;
    const serializer = type === undefined ? undefined : this.pglite.serializers[type];
    if (serializer) return serializer(value);
    if (typeof value === 'object') throw new TypeError(`an object cannot be a parameter of type ${type}`);
    return `${value as string | number | bigint | boolean}`;
  }
}

function joined(messages: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(messages.reduce((length, { byteLength }) => length + byteLength, 0));
  let at = 0;
  for (const message of messages) {
    whole.set(message, at);
    at += message.byteLength;
  }
  return whole;
}
