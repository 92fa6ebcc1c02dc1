// Adds to package-lock.json the optional platform packages (native bindings for other systems) that its packages name
// and it lacks. A registry mirror that does not carry them makes `npm install` leave them out silently, and `npm ci`
// then refuses the file on every machine. Run it after `npm install`; `--check` only says what is missing.
import { readFileSync, writeFileSync } from 'node:fs';

const PATH = new URL('../package-lock.json', import.meta.url);
const SYSTEMS = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

const lock = JSON.parse(readFileSync(PATH, 'utf8'));
const missing = [];
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!(`node_modules/${name}` in lock.packages))
      missing.push([`node_modules/${name}`, platformPackage(name, version, entry)]);
  }
}

if (missing.length === 0) process.exit(0);
for (const [path] of missing) console.log(`package-lock.json lacks ${path}`);
if (process.argv.includes('--check')) process.exit(1);
for (const [path, entry] of missing) lock.packages[path] = entry;
const sorted = Object.entries(lock.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(sorted);
writeFileSync(PATH, `${JSON.stringify(lock, null, 2)}\n`);

function platformPackage(name, version, owner) {
  const parts = name.split(/[/-]/);
  const os = SYSTEMS.filter((system) => parts.includes(system));
  const cpu = PROCESSORS.filter((processor) => parts.includes(processor));
  if (os.length === 0 || cpu.length === 0 || !/^\d/.test(version))
    throw new Error(`not a platform package: ${name}@${version}`);
  const libc = parts.some((part) => part.startsWith('gnu'))
    ? ['glibc']
    : parts.some((part) => part.startsWith('musl'))
      ? ['musl']
      : [];
  return {
    version,
    cpu,
    ...(owner.dev ? { dev: true } : {}),
    ...(os[0] === 'linux' && libc.length > 0 ? { libc } : {}),
    license: owner.license,
    optional: true,
    os,
  };
}
