import type { Following, FollowingFact, FollowingNothing, Settled, Standing } from '../../directory/index.js';
import { markup, type Html, type Page } from './html.js';

/** Rows of a table; of more only the number is shown. */
const MOST_ROWS = 100;
const LONGEST_NAME = 200;
const LONGEST_REASON = 500;
/** How often the browser looks again. */
const AGAIN_S = 2;

/** How far a statement has come, and what follows from all that is claimed of the person. */
export interface ShownStatus {
  readonly outcome: Settled['outcome'];
  readonly following: Following;
}

/** What follows from what was stated, and whether it is in Coder; looks again by itself while it is not. */
export function statusPage({ outcome, following }: ShownStatus): Page {
  const isComing = outcome === 'pending' || following.facts.some(({ standing }) => standing === 'coming');
  return {
    title: 'Whether it is in Coder',
    inside: true,
    body: markup`<p id="status" role="status"><strong>${statusText(outcome, following)}</strong></p>
      ${following.isDecided ? followingPart(following) : undecidedPart(outcome)}`,
    ...(isComing ? { refresh: AGAIN_S } : {}),
  };
}

/** The worst of what there is, after what is on its way. */
function statusText(outcome: Settled['outcome'], { facts }: Following): string {
  const has = (standing: Standing): boolean => facts.some((fact) => fact.standing === standing);
  if (outcome === 'failed') return 'Coder did not take it. Your administrator sees the reason at the bridge.';
  if (has('held')) return 'A part of it waits until your administrator approves it.';
  if (outcome === 'pending' || has('coming')) return 'It is on its way to Coder.';
  if (has('failed'))
    return 'Coder did not take a part of it. Your administrator sees the reason at the bridge.';
  return has('absent') ? 'What you may have of it is in Coder.' : 'It is in Coder.';
}

function undecidedPart(outcome: Settled['outcome']): readonly Html[] {
  return outcome === 'pending'
    ? [markup`<p id="undecided">What follows from it for your access is being worked out.</p>`]
    : [];
}

function followingPart({ facts, nothing, moreNothing }: Following): readonly Html[] {
  return [
    markup`<h2>What access follows</h2>
      ${facts.length === 0 ? [markup`<p id="none">None.</p>`] : factsTable(facts)}`,
    ...(nothing.length === 0 ? [] : [nothingPart(nothing, moreNothing)]),
  ];
}

const KINDS: Readonly<Record<FollowingFact['kind'], string>> = {
  organization: 'Organization',
  group: 'Group',
  organizationRole: 'Role',
  siteRole: 'Role everywhere:',
};
const STANDINGS: Readonly<Record<Standing, string>> = {
  there: 'in Coder',
  coming: 'on its way',
  held: 'waits for approval',
  failed: 'Coder did not take it',
  absent: 'not given; your administrator sees why',
};

function factsTable(facts: readonly FollowingFact[]): readonly Html[] {
  const rows = facts.slice(0, MOST_ROWS).map(
    ({ kind, name, organization, because, standing }) =>
      markup`<tr>
        <th>${KINDS[kind]} ${cut(name, LONGEST_NAME)}${placeText(organization)}</th>
        <td class="standing">${STANDINGS[standing]}</td>
        <td>${cut(because, LONGEST_REASON)}</td>
      </tr>`,
  );
  const hidden = facts.slice(MOST_ROWS);
  const there = hidden.filter(({ standing }) => standing === 'there').length;
  return [
    markup`<table id="following">
      ${rows}
    </table>`,
    ...(hidden.length === 0
      ? []
      : [markup`<p id="more">${hidden.length} more are not shown. Of those, ${there} are in Coder.</p>`]),
  ];
}

const PARTS: Readonly<Record<FollowingNothing['of'], string>> = {
  organizations: 'Organizations',
  groups: 'Groups',
  organizationRoles: 'Roles',
  siteRoles: 'Roles everywhere',
};

function nothingPart(nothing: readonly FollowingNothing[], more: number): Html {
  const rows = nothing.slice(0, MOST_ROWS).map(
    ({ of, organization, value, why }) =>
      markup`<tr>
        <th>${value === null ? '' : `${cut(value, LONGEST_NAME)}: `}${PARTS[of]}${placeText(organization)}</th>
        <td>${cut(why, LONGEST_REASON)}</td>
      </tr>`,
  );
  const hidden = more + Math.max(0, nothing.length - MOST_ROWS);
  return markup`<h2>What came to nothing</h2>
    <table id="nothing">
      ${rows}
    </table>
    ${hidden > 0 ? [markup`<p>${hidden} more are not shown.</p>`] : []}`;
}

/** Not "in": an organization may be called Coder. */
function placeText(organization: string | null): string {
  return organization === null ? '' : ` (organization ${cut(organization, LONGEST_NAME)})`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** The status link's time is over. */
export function endedPage(): Page {
  return {
    title: 'Whether it is in Coder',
    inside: true,
    body: markup`<p id="status" role="status">Log in again to see whether it is in Coder.</p>`,
  };
}
