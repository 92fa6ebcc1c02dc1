import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../common/index.js';
import { headersOf, textOf } from './html.js';
import { refusedPage, resultPage, type ShownLogin } from './pages.js';

const shown = (change: Partial<ShownLogin> = {}): string =>
  textOf(
    resultPage({
      stated: { outcome: 'recorded', userId: 'u', tiedBy: 'email', version: 1 },
      userName: 'ada',
      claims: {},
      unreadable: {},
      statusUrl: 'status?of=x',
      ...change,
    }),
  );
const claimsTable = (claims: JsonObject): string =>
  /<table id="claims">(.*?)<\/table>/s.exec(shown({ claims }))?.[1] ?? '';

describe('the page after a login', () => {
  it('says by what the person was found, and what their statement changed', () => {
    expect(shown()).toContain(
      'You are <strong>ada</strong> in the directory, found by your verified email address.',
    );
    expect(shown({ stated: { outcome: 'older', userId: 'u', tiedBy: 'email', version: 1 } })).toContain(
      'Something newer is recorded',
    );
    expect(shown({ userName: null, statusUrl: null })).not.toContain('<iframe');
  });

  it('says what could not be read, apart from what was', () => {
    const text = shown({ unreadable: { groups: 'too many & <more>' } });
    expect(text).toContain('What could not be read');
    expect(text).toContain('too many &amp; &lt;more&gt;');
    expect(shown()).not.toContain('What could not be read');
  });

  it('escapes names and values of claims', () => {
    const rows = claimsTable({ '<i>': `"'&<>`, nested: { '<b>': ['</td>'] } });
    expect(rows).toContain('&lt;i&gt;');
    expect(rows).toContain('&quot;&#39;&amp;&lt;&gt;');
    expect(rows).not.toMatch(/<[ib]>/);
    expect(rows.match(/<\/td>/g)).toHaveLength(2);
  });

  it('has a line for each text of a list, and bounds on how many and how long', () => {
    expect(claimsTable({ groups: ['a', 'b, c'], none: [], mixed: ['a', 1], no: null })).toMatch(
      /a\nb, c.*\[\].*\[&quot;a&quot;,1\].*null/s,
    );
    const long = claimsTable({ long: 'x'.repeat(10_000) });
    expect(long.length).toBeLessThan(4_200);
    const many = Object.fromEntries(Array.from({ length: 250 }, (_, n) => [`claim-${n}`, n]));
    expect(claimsTable(many).match(/<tr>/g)).toHaveLength(200);
    expect(shown({ claims: many })).toContain('50 more are not shown.');
  });
});

describe('the page of a refusal', () => {
  it('leads to a new login where there can be one', () => {
    expect(textOf(refusedPage('the <code> is bad', true))).toMatch(
      /The &lt;code&gt; is bad\.<\/p>.*href="login"/s,
    );
    expect(textOf(refusedPage('nothing here', false))).not.toContain('href');
    expect(headersOf(refusedPage('x', true))['content-security-policy']).toContain("frame-ancestors 'none'");
  });
});
