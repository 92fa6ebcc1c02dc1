import { describe, expect, it } from 'vitest';
import type { Following, FollowingFact, Standing } from '../../directory/index.js';
import { headersOf, textOf } from './html.js';
import { endedPage, statusPage, type ShownStatus } from './status.js';

const fact = (change: Partial<FollowingFact> = {}): FollowingFact => ({
  kind: 'group',
  name: 'eng',
  organization: 'Main',
  because: 'claim "groups", value "eng": the group of this name',
  standing: 'there',
  ...change,
});
const shown = (change: Partial<Following> = {}, outcome: ShownStatus['outcome'] = 'applied'): string =>
  textOf(
    statusPage({
      outcome,
      following: { isDecided: true, facts: [fact()], nothing: [], moreNothing: 0, ...change },
    }),
  );
const statusOf = (text: string): string | undefined => /<strong>(.*?)<\/strong>/s.exec(text)?.[1];
const standing = (...all: Standing[]): Partial<Following> => ({
  facts: all.map((one, n) => fact({ name: `g${n}`, standing: one })),
});
const cells = (text: string, table: string): string[][] =>
  [
    ...(new RegExp(`<table id="${table}">(.*?)</table>`, 's').exec(text)?.[1] ?? '').matchAll(
      /<tr>(.*?)<\/tr>/gs,
    ),
  ].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => cell.trim()),
  );

describe('the page of a status', () => {
  it('says what follows, why, and whether it is in Coder', () => {
    const facts = [
      fact({ kind: 'organization', name: 'Lab', organization: null, because: 'mapped', standing: 'coming' }),
      fact(),
      fact({ kind: 'organizationRole', name: 'auditor', because: 'r', standing: 'absent' }),
      fact({ kind: 'siteRole', name: 'owner', organization: null, because: 's', standing: 'held' }),
      fact({ name: 'ops', organization: null, because: 'o', standing: 'failed' }),
    ];
    expect(cells(shown({ facts }), 'following')).toEqual([
      ['Organization Lab', 'on its way', 'mapped'],
      [
        'Group eng (organization Main)',
        'in Coder',
        'claim &quot;groups&quot;, value &quot;eng&quot;: the group of this name',
      ],
      ['Role auditor (organization Main)', 'not given; your administrator sees why', 'r'],
      ['Role everywhere: owner', 'waits for approval', 's'],
      ['Group ops', 'Coder did not take it', 'o'],
    ]);
    expect(shown({ facts: [] })).toContain('<p id="none">None.</p>');
  });

  it('says what came to nothing, and why', () => {
    const nothing = [
      { of: 'siteRoles', organization: null, value: null, why: 'the claim is missing' },
      { of: 'groups', organization: 'Main', value: '<b>x</b>', why: 'there is <none>' },
    ] as const;
    const text = shown({ nothing, moreNothing: 7 });
    expect(cells(text, 'nothing')).toEqual([
      ['Roles everywhere', 'the claim is missing'],
      ['&lt;b&gt;x&lt;/b&gt;: Groups (organization Main)', 'there is &lt;none&gt;'],
    ]);
    expect(text).toContain('7 more are not shown.');
    expect(shown()).not.toContain('came to nothing');
  });

  it('is asked for again only while something is on its way, and is done when all of it is there', () => {
    for (const text of [shown({}, 'pending'), shown(standing('there', 'coming'))]) {
      expect(text).toContain('http-equiv="refresh" content="2"');
      expect(statusOf(text)).toBe('It is on its way to Coder.');
    }
    const ends = [
      [shown({ facts: [] }), 'It is in Coder.'],
      [shown(standing('there')), 'It is in Coder.'],
      [shown(standing('there', 'absent')), 'What you may have of it is in Coder.'],
      [shown(standing('absent', 'failed')), /^Coder did not take a part of it\./],
      [shown(standing('failed', 'held')), /^A part of it waits until your administrator approves/],
      [shown(standing('there'), 'failed'), /^Coder did not take it\./],
    ] as const;
    for (const [text, status] of ends) {
      expect(statusOf(text)).toMatch(status);
      expect(text).not.toContain('http-equiv="refresh"');
    }
  });

  it('does not show what followed from older claims', () => {
    const undecided = { isDecided: false, facts: [] };
    expect(shown(undecided, 'pending')).toContain('is being worked out');
    for (const outcome of ['applied', 'failed', 'pending'] as const)
      expect(shown(undecided, outcome)).not.toContain('What access follows');
  });

  it('has bounds on how much it shows of a person in 500 groups with long names', () => {
    const facts = Array.from({ length: 500 }, (_, n) =>
      fact({
        name: `${'&'.repeat(900)}${n}`,
        because: '"'.repeat(9_000),
        standing: n < 480 ? 'there' : 'coming',
      }),
    );
    const text = shown({ facts });
    expect(cells(text, 'following')).toHaveLength(100);
    expect(text).toContain('400 more are not shown. Of those, 380 are in Coder.');
    expect(text.length).toBeLessThan(500_000);
    expect(statusOf(text)).toBe('It is on its way to Coder.');
  });

  it('escapes every name and reason', () => {
    const hostile = '</td><script>alert(1)</script>';
    const facts = [fact({ name: hostile, organization: hostile, because: hostile })];
    const nothing = [{ of: 'groups', organization: hostile, value: hostile, why: hostile }] as const;
    expect(shown({ facts, nothing })).not.toMatch(/<script|<\/td><[^/t]/);
  });

  it('stands in pages of the bridge alone', () => {
    const page = statusPage({
      outcome: 'applied',
      following: { isDecided: true, facts: [], nothing: [], moreNothing: 0 },
    });
    for (const one of [page, endedPage()])
      expect(headersOf(one)['content-security-policy']).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'self'; /,
      );
  });
});
