// Who may import whom. Every room below `src` may import common, config and telemetry (pure rooms: only what they name)
// and the rooms of its line, all through their index.ts. Specs are free to set up what they need, but for admin and cli.

/** Rooms that do I/O, each with what it may import besides common, config and telemetry. */
const ROOMS = {
  telemetry: [],
  database: [],
  connections: ['database'],
  'request-log': ['database'],
  journal: ['database'],
  queue: ['database'],
  directory: ['database', 'journal', 'queue'],
  coder: [],
  simulator: [],
  doctor: ['coder'],
  oidc: ['directory', 'connections'],
  reconcile: ['policy', 'directory', 'journal', 'queue', 'coder'],
  sync: ['queue', 'reconcile', 'directory', 'journal', 'coder'],
  admin: ['directory', 'connections', 'reconcile', 'journal', 'request-log', 'sync'],
  scim: ['directory', 'connections'],
};

/** Rooms without I/O and framework, each with what it may import, and the packages it may use. */
const PURE = {
  common: { rooms: [], packages: ['uuid'] },
  policy: { rooms: ['common'], packages: ['re2js'] },
  'scim/protocol': { rooms: ['common'], packages: [] },
  'scim/dialects': { rooms: ['common', 'scim/protocol'], packages: [] },
  'reconcile/planner': { rooms: ['common', 'policy'], types: ['coder', 'directory', 'config'], packages: [] },
  'reconcile/safety': {
    rooms: ['common', 'policy', 'reconcile/planner'],
    types: ['coder', 'directory', 'config'],
    packages: [],
  },
};

const SPEC = '\\.spec\\.ts$|/testing/|\\.testing\\.ts$';
const SUBROOMS = '(?:scim/(?:protocol|dialects|http)|reconcile/(?:planner|safety)|[^/]+)';
const inRooms = (rooms) => (rooms.length === 0 ? [] : [`^src/(?:${rooms.join('|')})/`]);
const inPackages = (packages) => packages.map((name) => `(?:^|/)node_modules/${name}/`);
/** A room's own files, without those of the pure rooms inside it. */
const within = (room) => ({
  path: `^src/${room}/`,
  pathNot: [SPEC, ...inRooms(Object.keys(PURE).filter((p) => p.startsWith(`${room}/`)))],
});

const roomRules = Object.entries(ROOMS).map(([room, allowed]) => ({
  name: `room-${room.replace('/', '-')}`,
  comment: `src/${room} may import ${['common', 'config', 'telemetry', ...allowed].join(', ')}.`,
  severity: 'error',
  from: within(room),
  to: {
    path: '^src/',
    pathNot: inRooms([room, 'common', 'config', 'telemetry', ...allowed]).concat(
      room === 'simulator' ? '^src/coder/' : [],
    ),
  },
}));

const pureRules = Object.entries(PURE).flatMap(([room, { rooms, types = [], packages }]) => {
  const name = `pure-${room.replace('/', '-')}`;
  const from = { path: `^src/${room}/`, pathNot: SPEC };
  return [
    {
      name,
      comment: `src/${room} is pure: it may import ${rooms.join(', ') || 'nothing'}${types.length > 0 ? `, and types of ${types.join(', ')}` : ''}.`,
      severity: 'error',
      from,
      to: { path: '^src/', pathNot: inRooms([room, ...rooms, ...types]) },
    },
    ...(types.length === 0
      ? []
      : [
          {
            name: `${name}-types`,
            comment: `src/${room} may take types, and nothing that runs, from ${types.join(', ')}.`,
            severity: 'error',
            from,
            to: { path: inRooms(types), dependencyTypesNot: ['type-only'] },
          },
        ]),
    {
      name: `${name}-packages`,
      comment: `src/${room} is pure: no framework and no library but ${packages.join(', ') || 'none'}.`,
      severity: 'error',
      from,
      to: {
        dependencyTypes: [
          'npm',
          'npm-dev',
          'npm-optional',
          'npm-peer',
          'npm-no-pkg',
          'npm-unknown',
          'npm-bundled',
        ],
        pathNot: inPackages(packages),
      },
    },
    {
      name: `${name}-io`,
      comment: `src/${room} is pure: of Node it may use the hashes of node:crypto only.`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'], pathNot: '^(?:node:)?crypto$' },
    },
  ];
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycle', comment: 'No import cycles.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-a-dependency',
      comment: 'The program uses what package.json names under dependencies, and no development tools.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'type-only'],
      },
    },
    {
      name: 'config-imports-common-only',
      comment: 'src/config may import common.',
      severity: 'error',
      from: { path: '^src/config/', pathNot: SPEC },
      to: { path: '^src/', pathNot: '^src/(?:config|common)/' },
    },
    ...roomRules,
    {
      name: 'simulator-takes-types-of-coder',
      comment: 'The simulator is a second opinion: it shares shapes with the client, and no code.',
      severity: 'error',
      from: { path: '^src/simulator/', pathNot: SPEC },
      to: { path: '^src/coder/', dependencyTypesNot: ['type-only'] },
    },
    ...pureRules,
    {
      name: 'through-the-index',
      comment: 'Another room is imported through its index.ts, so that its inside can change.',
      severity: 'error',
      from: { path: `^src/(${SUBROOMS})/`, pathNot: SPEC },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '/index\\.ts$'] },
    },
    ...['admin', 'cli'].map((room) => ({
      name: `nobody-imports-${room}`,
      comment: `src/${room} stands at the end: nothing builds on it but the start of the program.`,
      severity: 'error',
      from: {
        path: '^(?:src|bench)/',
        pathNot: ['^src/(?:main|app\\.module)\\.ts$|^src/bootstrap/', `^src/${room}/`],
      },
      to: { path: `^src/${room}/` },
    })),
    ...[
      { from: 'src', comment: 'Nothing but tests builds on tests.' },
      {
        from: 'bench',
        comment: 'The benchmark shares with the tests what starts a PostgreSQL or a Redis, and nothing else.',
        pathNot: '^test/support/(?:postgres|redis)\\.ts$',
      },
    ].map(({ from, comment, pathNot = [] }) => ({
      name: 'nobody-imports-test',
      comment,
      severity: 'error',
      from: { path: `^${from}/`, pathNot: '\\.spec\\.ts$' },
      to: { path: '^test/', pathNot },
    })),
    {
      name: 'nothing-outside-src',
      comment: 'The program does not import benchmarks or tools.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:bench|tools)/' },
    },
    {
      name: 'no-specs',
      comment: 'Specs and their helpers are for specs.',
      severity: 'error',
      from: { path: '^src/', pathNot: SPEC },
      to: { path: SPEC },
    },
    {
      name: 'nest-in-modules-only',
      comment: 'These rooms are plain classes and functions; Nest is for *.module.ts.',
      severity: 'error',
      from: {
        path: '^src/(?:config|database|connections|request-log|journal|queue|directory|coder|doctor|reconcile|simulator)/',
        pathNot: [SPEC, '\\.module\\.ts$'],
      },
      to: { path: '(?:^|/)node_modules/@nestjs/' },
    },
    {
      name: 'process-by-its-global-name',
      comment:
        'The environment is read in src/config only; an import of node:process would hide it from the linter.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/config/' },
      to: { path: '^(?:node:)?process$' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
