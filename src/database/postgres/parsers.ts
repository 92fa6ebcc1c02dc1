import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;
const TIMESTAMPTZ = 1184;

/**
 * Reads bigint as number: the bridge's counters and ids stay far below 2^53. Only for the bridge's own pool; BullMQ
 * expects node-postgres' strings.
 */
export const parsers: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const standard = pg.types.getTypeParser(oid, format === 'binary' ? 'text' : format) as (
      value: string,
    ) => unknown;
    if (oid === INT8) return Number;
    if (oid === TIMESTAMPTZ && format !== 'binary') return (value: string) => instant(value, standard);
    if (oid === INT8_ARRAY) return (value: string) => numbers(standard(value));
    return standard;
  },
};

/** A time in UTC, as the sessions of the bridge have it, by the engine's own reader: nearly every row has two. */
function instant(value: string, otherwise: (value: string) => unknown): unknown {
  if (!UTC.test(value)) return otherwise(value);
  return new Date(`${value.slice(0, 10)}T${value.slice(11, -3)}Z`);
}

const UTC = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00$/;

function numbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (item === null ? null : Number(item))) : value;
}
