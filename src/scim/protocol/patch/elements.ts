import { isJsonObject, type Json } from '../../../common/index.js';

/**
 * Adds values that are not there yet (RFC 7644 section 3.5.2.1). Two are the same when `value` and `type` are (RFC 7643
 * section 2.4), or all they hold where there is no `value`; what else the new one states then joins the old one.
 */
export function addElements(present: readonly Json[], added: readonly Json[]): Json[] {
  const after = [...present];
  // The first of several that are the same by now: changing one of them may have made it so, and none is lost by that.
  const places = new Map<string, number>();
  present.forEach((element, i) => {
    const key = identity(element);
    if (!places.has(key)) places.set(key, i);
  });
  for (const element of added) {
    const key = identity(element);
    const place = places.get(key);
    const old = place === undefined ? undefined : after[place];
    if (place === undefined) places.set(key, after.push(element) - 1);
    else if (isJsonObject(old) && isJsonObject(element) && addsTo(old, element)) {
      after[place] = { ...old, ...element };
    }
  }
  return after;
}

/** Removes the values that `removed` names: by `value`, and by `type` where it is given, else by all they hold. */
export function removeElements(present: readonly Json[], removed: readonly Json[]): Json[] {
  const exact = new Set(removed.map(identity));
  const byValue = new Set(
    removed.flatMap((element) => (partOf(element, 'type') === undefined ? valueOf(element) : [])),
  );
  return present.filter(
    (element) => !exact.has(identity(element)) && !valueOf(element).some((value) => byValue.has(value)),
  );
}

function addsTo(old: Readonly<Record<string, Json>>, element: Readonly<Record<string, Json>>): boolean {
  return Object.keys(element).some((key) => element[key] !== old[key]);
}

function identity(element: Json): string {
  const value = partOf(element, 'value');
  if (value !== undefined) return JSON.stringify([value, partOf(element, 'type') ?? null]);
  if (!isJsonObject(element)) return JSON.stringify(element);
  return JSON.stringify(Object.entries(element).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function valueOf(element: Json): Json[] {
  const value = partOf(element, 'value');
  return value === undefined ? [] : [value];
}

function partOf(element: Json, name: string): Json | undefined {
  return isJsonObject(element) && Object.hasOwn(element, name) ? element[name] : undefined;
}
