/** POSIX classes of RE2, as they stand inside of brackets. */
const POSIX: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** ASCII's only, and no vertical tab, unlike JavaScript's. */
const SPACE = '\\t\\n\\f\\r\\x20';
const NO_SPACE = '\\0-\\x08\\x0b\\x0e-\\x1f!-\\u{10ffff}';

/** No claim's value is longer; what is cut off cannot match. */
const LONGEST_VALUE = 1024;
const LONGEST_PATTERN = 1024;

/**
 * A pattern of Go's RE2, as an unanchored test. What RE2 does not know (lookaround, backreferences) is refused although
 * JavaScript's engine could do it. Flags are understood at the beginning only.
 * @throws SyntaxError for what RE2 refuses
 */
export function re2(pattern: string): (text: string) => boolean {
  if (pattern.length > LONGEST_PATTERN) throw new SyntaxError('expression is too long');
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const stated = flags?.[1] ?? '';
  const body = translate(pattern.slice(flags?.[0].length ?? 0), stated);
  const expression = new RegExp(body, stated.includes('i') ? 'iu' : 'u');
  return (text) => expression.test(text.slice(0, LONGEST_VALUE));
}

function translate(pattern: string, flags: string): string {
  let result = '';
  let brackets = false;
  for (let i = 0; i < pattern.length; i += 1) {
    const rest = pattern.slice(i);
    const [piece, length] = brackets ? inBrackets(rest) : outside(rest, flags);
    if (!brackets && piece.startsWith('[')) brackets = true;
    else if (brackets && piece === ']') brackets = false;
    result += piece;
    i += length - 1;
  }
  return result;
}

type Piece = readonly [text: string, length: number];

function outside(rest: string, flags: string): Piece {
  if (/^\(\?(?:[=!]|<[=!]|>)/.test(rest)) throw new SyntaxError('invalid or unsupported Perl syntax');
  if (rest.startsWith('(?P<')) return ['(?<', 4];
  const repeat = /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
  if (repeat) {
    if (Number(repeat[1]) > 1000 || Number(repeat[2] ?? 0) > 1000)
      throw new SyntaxError('invalid repeat count');
    return [repeat[0], repeat[0].length];
  }
  if (rest.startsWith('[]')) return ['[\\]', 2];
  if (rest.startsWith('[^]')) return ['[^\\]', 3];
  // A brace that repeats nothing stands for itself.
  if (rest.startsWith('{') || rest.startsWith('}') || rest.startsWith(']')) return [`\\${rest.charAt(0)}`, 1];
  if (rest.startsWith('.')) return [flags.includes('s') ? '(?:[^])' : '(?:[^\\n])', 1];
  return assertion(rest, flags) ?? (rest.startsWith('\\') ? escape(rest) : [rest.charAt(0), 1]);
}

/** In a group, as RE2 lets them be repeated. Lines end at \n alone. */
function assertion(rest: string, flags: string): Piece | null {
  const lines = flags.includes('m');
  if (rest.startsWith('^')) return [lines ? '(?:(?<=^|\\n))' : '(?:^)', 1];
  if (rest.startsWith('$')) return [lines ? '(?:(?=$|\\n))' : '(?:$)', 1];
  const known: Readonly<Record<string, string>> = { A: '^', z: '$', b: '\\b', B: '\\B' };
  const found = rest.startsWith('\\') ? known[rest.charAt(1)] : undefined;
  return found === undefined ? null : [`(?:${found})`, 2];
}

function inBrackets(rest: string): Piece {
  const posix = /^\[:(\^?)([a-z]+):\]/.exec(rest);
  if (posix) {
    const set = POSIX[posix[2] ?? ''];
    if (set === undefined || posix[1]) throw new SyntaxError('invalid character class range');
    return [set, posix[0].length];
  }
  if (rest.startsWith('[')) return ['\\[', 1];
  if (rest.startsWith('\\s')) return [SPACE, 2];
  if (rest.startsWith('\\S')) return [NO_SPACE, 2];
  return rest.startsWith('\\') ? escape(rest) : [rest.charAt(0), 1];
}

function escape(rest: string): Piece {
  const next = rest.charAt(1);
  if (next === 's') return [`(?:[${SPACE}])`, 2];
  if (next === 'S') return [`(?:[^${SPACE}])`, 2];
  if (next === 'a') return ['\\x07', 2];
  if (next === 'p' || next === 'P') return unicodeClass(rest);
  if (/[1-9k]/.test(next)) throw new SyntaxError('invalid escape sequence');
  if (/[a-zA-Z0-9]/.test(next)) return [rest.slice(0, 2), 2];
  if (next === '') throw new SyntaxError('trailing backslash at end of expression');
  if (next > '\x7f') throw new SyntaxError('invalid escape sequence');
  return [`\\x${next.charCodeAt(0).toString(16).padStart(2, '0')}`, 2];
}

function unicodeClass(rest: string): Piece {
  const named = /^\\([pP])\{(\^?)([A-Za-z_]+)\}/.exec(rest);
  if (named) {
    const [whole, letter = 'p', not, name = ''] = named;
    const sign = not === '^' ? (letter === 'p' ? 'P' : 'p') : letter;
    // A longer name is a script's.
    return [`\\${sign}{${name.length > 2 ? 'Script=' : ''}${name}}`, whole.length];
  }
  return [`\\${rest.charAt(1)}{${rest.charAt(2)}}`, 3];
}
