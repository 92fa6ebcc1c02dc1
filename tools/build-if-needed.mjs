// Builds when dist/ is missing or older than the sources, so that `npm start` works on a fresh clone and starts at once
// when there is nothing to build. Without the compiler (an image with runtime packages only) a present dist/ is used as it is.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';

const STAMP = 'dist/.built';
const INPUTS = [
  'src',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
];

process.chdir(new URL('..', import.meta.url).pathname);
const built = existsSync('dist/main.js');
const canBuild = existsSync('node_modules/typescript');
if (canBuild && (!built || newest(INPUTS) > modified(STAMP))) {
  console.error('Building ...');
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
  writeFileSync(STAMP, '');
} else if (!built) {
  console.error('There is no dist/main.js, and the compiler is not installed: run `npm ci` first.');
  process.exit(1);
}

function newest(paths) {
  return Math.max(
    0,
    ...paths
      .filter((path) => existsSync(path))
      .flatMap((path) => walk(path))
      .map(modified),
  );
}

function walk(path) {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true }).map((name) => `${path}/${name}`);
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0;
}
