import { isJsonArray, isJsonObject, type Json } from '../../common/index.js';
import type {
  ChangeResult,
  ConnectionReport,
  Finding,
  ReportedSync,
  RulesReport,
} from '../../reconcile/index.js';
import { columns, printable } from './lines.js';

/** The settings that hold, connection by connection. */
export function rulesLines({ connections }: RulesReport): string[] {
  return connections
    .flatMap((one, index) => [...(index > 0 ? [''] : []), ...connectionLines(one)])
    .map(printable);
}

function connectionLines({ connection, takesClaims, syncs, allowList, claims }: ConnectionReport): string[] {
  const off = syncs.filter(({ settings }) => settings?.['field'] === '');
  const shown = syncs.filter((sync) => !off.includes(sync));
  const paths = Object.entries(claims).map(([name, { path, separator, absent }]) => {
    const split = separator === null ? '' : `, split at ${JSON.stringify(separator)}`;
    return `  claim ${name}: at ${path.join(' or ')}${split}; absent means ${absent} (beyond what Coder reads)`;
  });
  return [
    `Connection ${connection}${takesClaims ? '' : ' (takes no claims: it has no oidc)'}`,
    ...shown.flatMap(syncLines),
    ...(off.length > 0 ? [`  off, without a field: ${off.map(({ title }) => title).join(', ')}`] : []),
    ...(allowList === null
      ? []
      : [`  Coder lets in by the claim ${allowList.field} only: ${allowList.groups.join(', ')}`]),
    ...paths,
  ];
}

function syncLines({ title, settings, fromFile, driven, leftAlone, atLogin }: ReportedSync): string[] {
  const who = driven
    ? `by the bridge${atLogin ? ", and by Coder's own login too" : ''}`
    : `left alone${leftAlone === null ? '' : `: ${leftAlone}`}`;
  const rows = Object.entries(settings ?? {}).flatMap(([key, value]) =>
    textsOf(value).map((text, index) => [
      '  ',
      index === 0 ? key : '',
      text,
      index > 0 ? '' : fromFile.includes(key) ? '(file)' : '(Coder)',
    ]),
  );
  return [`  ${title}: ${who}`, ...columns(['', '', '', ''], rows).slice(1)];
}

/** One line a mapped value. */
function textsOf(value: Json): string[] {
  if (isJsonObject(value)) {
    const entries = Object.entries(value).map(([name, to]) => `${name} -> ${textOf(to)}`);
    return entries.length > 0 ? entries : ['none'];
  }
  return [textOf(value)];
}

function textOf(value: Json): string {
  if (isJsonArray(value)) return value.length > 0 ? value.map(textOf).join(', ') : 'nothing';
  if (value === null || value === '') return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is wrong, and what is worth knowing. */
export function findingLines(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return ['The rules are sound.'];
  return columns(
    ['', 'CONNECTION', 'WHERE', 'WHAT'],
    findings.map(({ severity, connection, where, message }) =>
      [severity, connection, where, message].map(printable),
    ),
  );
}

const OUTCOMES: Readonly<Record<ChangeResult['outcome'], string>> = {
  planned: 'would change',
  written: 'changed',
  blocked: 'cannot be changed',
  refused: 'refused by Coder',
};

/** What changes in Coder, setting by setting. */
export function changeLines(how: 'push' | 'hand-over', changes: readonly ChangeResult[]): string[] {
  if (changes.length === 0) {
    return how === 'push'
      ? ['Coder has what the file says already.']
      : ["Coder's own login syncs nothing: there is nothing to hand over."];
  }
  const lines = changes.flatMap(({ title, connections, keys, notes, blocked, outcome, detail }) => [
    `${title} (${connections.join(', ')}): ${OUTCOMES[outcome]}`,
    ...keys.map(
      ({ key, before, after }) => `  ${key}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
    ),
    ...(blocked === null ? notes.map((note) => `  ${note}`) : [`  ${blocked}`]),
    ...(detail === null ? [] : [`  ${detail}`]),
  ]);
  const planned = changes.some(({ outcome }) => outcome === 'planned');
  return [...lines, ...(planned ? ['', 'Nothing was written: say --yes to write it.'] : [])].map(printable);
}
