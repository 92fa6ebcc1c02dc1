import pg from 'pg';

const INT8 = 20;
const INT8_ARRAY = 1016;

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
    if (oid === INT8_ARRAY) return (value: string) => numbers(standard(value));
    return standard;
  },
};

function numbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item: unknown) => (item === null ? null : Number(item))) : value;
}
