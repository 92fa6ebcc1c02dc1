import { describe, expect, it } from 'vitest';
import { displayNameFor, fullNameFor } from './index.js';

describe('texts for Coder', () => {
  it('are trimmed of every blank that Coder would refuse at the edges', () => {
    expect(displayNameFor(' \t\u00a0Platform & Tools\u0085\u3000\n')).toBe('Platform & Tools');
    expect(fullNameFor('  Ann Lee ')).toBe('Ann Lee');
  });

  it('lie on one line', () => {
    expect(displayNameFor('Platform\r\nTools\u2028EU')).toBe('Platform Tools EU');
  });

  it('are cut by bytes, as Coder counts them', () => {
    expect(displayNameFor('a'.repeat(80))).toBe('a'.repeat(64));
    expect(displayNameFor('é'.repeat(64))).toBe('é'.repeat(32));
    expect(fullNameFor('b'.repeat(200))).toBe('b'.repeat(128));
  });

  it('are never cut through a character', () => {
    expect(displayNameFor(`${'a'.repeat(62)}🚀`)).toBe('a'.repeat(62));
    expect(displayNameFor('🚀'.repeat(20))).toBe('🚀'.repeat(16));
  });

  it('hold no blank where they were cut', () => {
    expect(displayNameFor(`${'a'.repeat(63)} b`)).toBe('a'.repeat(63));
  });

  it('hold no half of a surrogate pair', () => {
    expect(displayNameFor('a\ud800b')).toBe('a\ufffdb');
  });

  it('stay empty when empty', () => {
    expect(displayNameFor('   ')).toBe('');
    expect(fullNameFor('')).toBe('');
  });
});
