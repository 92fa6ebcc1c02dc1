import { describe, expect, it } from 'vitest';
import { acceptsJson } from './media-types.js';

describe('the Accept header', () => {
  it.each([
    undefined,
    '',
    '*/*',
    'application/json',
    'application/scim+json',
    'Application/SCIM+JSON; charset=utf-8',
    'text/html, application/*;q=0.1',
    'text/html,application/xhtml+xml,*/*;q=0.8',
    'application/json;q=0, application/scim+json',
    'application/*+json',
    'text/html;q=1;level=1, */*;q=0.001',
    'json',
    'application/json;q=x',
    'a/b,'.repeat(2_000),
  ])('%j lets JSON be answered', (header) => {
    expect(acceptsJson(header)).toBe(true);
  });

  it.each([
    'text/html',
    'application/xml, text/*',
    'application/json;q=0',
    '*/*;q=0',
    'application/*;q=0, */*',
    'application/json;q=0, application/scim+json;q=0.0, */*',
    'image/png;q=0.5',
  ])('%j excludes it', (header) => {
    expect(acceptsJson(header)).toBe(false);
  });
});
