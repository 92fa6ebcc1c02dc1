import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const lines = readFileSync(resolve(ROOT, 'Dockerfile'), 'utf8').split('\n');
const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
const instruction = (name: string): string | undefined => last.find((line) => line.startsWith(`${name} `));

describe('the image', () => {
  it('is built in stages, and carries neither compiler nor sources', () => {
    expect(lines.filter((line) => line.startsWith('FROM ')).length).toBeGreaterThan(2);
    expect(lines.join('\n')).toContain('npm ci --omit=dev');
    expect(last.filter((line) => line.startsWith('COPY ')).join('\n')).not.toContain('src');
  });

  it('runs as a user that is not root, given by number', () => {
    expect(instruction('USER')).toBe('USER 1000:1000');
  });

  it.each([
    [200, 0],
    [500, 1],
  ])('is healthy by /healthz: %i ends its check with %i', async (status, expected) => {
    const check = JSON.parse(instruction('HEALTHCHECK')?.replace(/^.*CMD /, '') ?? '[]') as string[];
    const server = createServer((request, response) => {
      response.statusCode = request.url === '/healthz' ? status : 404;
      response.end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const env = { PORT: String(port), HOST: '0.0.0.0' };
    const code = await new Promise((ended) => {
      spawn(process.execPath, check.slice(1), { env, stdio: 'ignore' }).on('exit', ended);
    });
    server.close();
    expect([check[0], code]).toEqual(['node', expected]);
  });

  it('leaves out of its context everything but what it is built from', () => {
    const ignored = readFileSync(resolve(ROOT, '.dockerignore'), 'utf8').split('\n');
    const copied = lines
      .filter((line) => /^COPY (?!--from)/.test(line))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(ignored).toContain('*');
    for (const path of copied) expect(ignored).toContain(`!${path.replace('./', '')}`);
    expect(ignored.join('\n')).not.toMatch(/!(data|test|\.env|\.git)/);
  });
});
