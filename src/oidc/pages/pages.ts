import type { Json, JsonObject, StatedClaims } from '../../common/index.js';
import type { Unreadable } from '../read/overage.js';
import { markup, type Html, type Page } from './html.js';

const MOST_CLAIMS = 200;
const LONGEST_VALUE = 4_000;

/** What a person is shown after a login. */
export interface ShownLogin {
  readonly stated: StatedClaims;
  /** Name of the directory user that the person is; null: nobody yet. */
  readonly userName: string | null;
  readonly claims: JsonObject;
  readonly unreadable: Unreadable;
  /** Where the status is; null: there is none. */
  readonly statusUrl: string | null;
}

export function resultPage({ stated, userName, claims, unreadable, statusUrl }: ShownLogin): Page {
  const title = 'What your identity provider says of you';
  const missing = Object.entries(unreadable);
  return {
    title,
    body: markup`<h1>${title}</h1>
      <p id="tied">${tiedText(stated, userName)}</p>
      <p id="outcome">${outcomeText(stated)}</p>
      ${statusUrl === null ? [] : [markup`<iframe src="${statusUrl}" title="What follows, and whether it is in Coder"></iframe>`]}
      ${missing.length === 0 ? [] : [missingTable(missing)]}
      <h2>What was read</h2>
      ${claimsTable(claims)}
      <p><a href="login">Log in again</a></p>`,
  };
}

function tiedText({ tiedBy }: StatedClaims, userName: string | null): Html {
  if (userName === null)
    return markup`You are not in the directory yet. What was read is kept, and counts as soon as your account
    arrives.`;
  const by = tiedBy === 'email' ? 'your verified email address' : 'your id at the identity provider';
  return markup`You are <strong>${userName}</strong> in the directory, found by ${by}.`;
}

const OUTCOMES: Readonly<Record<StatedClaims['outcome'], string>> = {
  recorded: 'It is recorded.',
  unchanged: 'It is the same as before.',
  older: 'Something newer is recorded of you already, so that this changes nothing.',
};

function outcomeText({ outcome }: StatedClaims): string {
  return OUTCOMES[outcome];
}

function missingTable(missing: readonly (readonly [string, string])[]): Html {
  return markup`<h2>What could not be read</h2>
    <p>What these said before stays as it is.</p>
    <table id="unreadable">
      ${missing.map(
        ([name, reason]) =>
          markup`<tr>
            <th>${name}</th>
            <td>${reason}</td>
          </tr>`,
      )}
    </table>`;
}

function claimsTable(claims: JsonObject): Html {
  const entries = Object.entries(claims);
  const more = entries.length - MOST_CLAIMS;
  const rows = entries.slice(0, MOST_CLAIMS).map(
    ([name, value]) =>
      markup`<tr>
        <th>${name}</th>
        <td>${valueText(value)}</td>
      </tr>`,
  );
  return markup`<table id="claims">
      ${rows}
    </table>
    ${more > 0 ? [markup`<p>${more} more are not shown.</p>`] : []}`;
}

/** A list of texts has a line for each. */
function valueText(value: Json): string {
  const text =
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
        ? value.join('\n')
        : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** A login that came to nothing. */
export function refusedPage(description: string, mayBegin: boolean): Page {
  const title = 'This login came to nothing';
  const again = mayBegin ? [markup`<p><a href="login">Begin anew</a></p>`] : [];
  return {
    title,
    body: markup`<h1>${title}</h1>
      <p id="reason">${description.charAt(0).toUpperCase()}${description.slice(1)}.</p>
      ${again}`,
  };
}
