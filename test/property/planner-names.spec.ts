import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deriveUsername,
  displayNameFor,
  freeUsername,
  fullNameFor,
  groupNameCandidates,
  groupSlug,
  isGroupNameFor,
  isUsernameFor,
  usernameCandidates,
} from '../../src/policy/index.js';

const NAME = /^[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*$/;

/** Anything, and things that look like names. */
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({
    unit: fc.constantFrom('a', 'Z', '7', '-', '.', '@', ' ', 'é', '🚀', '\ud800'),
    maxLength: 300,
  }),
  fc.emailAddress(),
);

function firstOf(names: Generator<string>, count: number): string[] {
  return Array.from({ length: count }, () => String(names.next().value));
}

/** Coder's own derivation, where it does not fall back to random words. */
function coders(userName: string): string | null {
  const valid = (name: string): boolean =>
    name.length <= 32 && name !== 'new' && name !== 'create' && NAME.test(name);
  if (valid(userName)) return userName;
  const at = userName.lastIndexOf('@');
  const name = userName.slice(0, at >= 0 ? at : userName.length).replaceAll(/[^a-zA-Z0-9-]/g, '');
  return valid(name) ? name : null;
}

describe('names, whatever the input', () => {
  it('a username and all its candidates are valid, and no two are the same', () => {
    fc.assert(
      fc.property(texts, fc.uuid(), (userName, id) => {
        const names = firstOf(usernameCandidates(userName, id), 12);
        for (const name of names) {
          expect(name).toMatch(NAME);
          expect(name.length).toBeLessThanOrEqual(32);
          expect(['new', 'create']).not.toContain(name);
          expect(isUsernameFor(name, userName, id)).toBe(true);
        }
        expect(new Set(names).size).toBe(names.length);
        expect(freeUsername(userName, id, (name) => name !== names[7]?.toLowerCase())).toBe(names[7]);
      }),
    );
  });

  it("a username is the one that Coder's own provisioning would choose, where that is not random", () => {
    fc.assert(
      fc.property(texts, fc.uuid(), (userName, id) => {
        const theirs = coders(userName);
        fc.pre(theirs !== null);
        expect(deriveUsername(userName, id)).toBe(theirs);
      }),
    );
  });

  it('a slug and all its candidates are valid group names in lower case', () => {
    fc.assert(
      fc.property(texts, fc.uuid(), (displayName, id) => {
        const names = firstOf(groupNameCandidates(displayName, id), 12);
        for (const name of names) {
          expect(name).toMatch(NAME);
          expect(name).toBe(name.toLowerCase());
          expect(name.length).toBeLessThanOrEqual(255);
          expect(['new', 'create', 'everyone']).not.toContain(name);
          expect(isGroupNameFor(name, displayName, id)).toBe(true);
        }
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });

  it('a slug of a slug is the slug', () => {
    fc.assert(
      fc.property(texts, fc.uuid(), (displayName, id) => {
        const slug = groupSlug(displayName, id);
        expect(groupSlug(slug, id)).toBe(slug);
      }),
    );
  });

  it('texts are within the limit, trimmed, on one line, well-formed, and stay as they are the second time', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const [shorten, limit] of [
          [displayNameFor, 64],
          [fullNameFor, 128],
        ] as const) {
          const short = shorten(text);
          expect(Buffer.byteLength(short)).toBeLessThanOrEqual(limit);
          expect(short).toBe(short.trim());
          expect(short).not.toMatch(/[\p{Cc}\p{Cs}]/u);
          expect(shorten(short)).toBe(short);
        }
      }),
    );
  });
});
