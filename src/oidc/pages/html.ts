import { createHash } from 'node:crypto';

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[];

/** HTML of a template, whose values are escaped unless they are HTML. */
export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, n) => text + render(parts[n])).join(''));
}

function render(part: Part | undefined): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return escape(String(part));
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
body.inside { margin: 0; padding: 0; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid #8884; overflow-wrap: anywhere; }
th { width: 30%; font-weight: 600; }
td { white-space: pre-wrap; }
td.standing { width: 22%; }
body.inside h2 { font-size: 1rem; margin-top: 1rem; }
iframe { border: 0; width: 100%; height: 24rem; color-scheme: light dark; }
`;

/** What a page is. */
export interface Page {
  readonly title: string;
  readonly body: Html;
  /** It stands inside another page of the bridge, and no other site's. */
  readonly inside?: boolean;
  /** Seconds after which the browser asks again. */
  readonly refresh?: number;
}

/** The page as text. */
export function textOf({ title, body, inside = false, refresh }: Page): string {
  const again = refresh === undefined ? [] : [markup`<meta http-equiv="refresh" content="${refresh}" />`];
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
${again}
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body class="${inside ? 'inside' : 'page'}">
${body}
</body>
</html>
`;
  return page.text;
}

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Headers of a page: no script, nothing of anybody else, kept by nobody, and its URL told to nobody. */
export function headersOf({ inside = false }: Page): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${STYLE_HASH}'`,
    ...(inside ? [] : ["frame-src 'self'"]),
    `frame-ancestors ${inside ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
