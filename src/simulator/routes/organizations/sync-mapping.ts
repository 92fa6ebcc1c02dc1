import { isUuid } from '../../../common/index.js';
import { type Body, notJson } from '../../rules/body.js';

type Mapping = Readonly<Record<string, readonly string[]>>;

/**
 * A mapping after `{"add": [{"Given", "Gets"}], "remove": [...]}`: additions that are there already are skipped, then
 * the removals are taken out; a key without any left stays with an empty list.
 */
export function changedMapping(mapping: Mapping, body: Body, kind: 'uuid' | 'text'): Mapping {
  const changed = new Map(Object.entries(mapping));
  for (const { given, gets } of pairs(body, 'add', kind)) {
    const present = changed.get(given) ?? [];
    if (!present.includes(gets)) changed.set(given, [...present, gets]);
  }
  for (const { given, gets } of pairs(body, 'remove', kind)) {
    const present = changed.get(given);
    if (present) {
      changed.set(
        given,
        present.filter((value) => value !== gets),
      );
    }
  }
  return Object.fromEntries(changed);
}

function pairs(body: Body, field: string, kind: 'uuid' | 'text'): { given: string; gets: string }[] {
  return body.bodies(field).map((row) => {
    const gets = row.string('gets') ?? '';
    const valid: boolean = kind === 'text' || isUuid(gets);
    if (!valid) throw notJson(`${field} must hold uuids`);
    return { given: row.string('given') ?? '', gets };
  });
}
