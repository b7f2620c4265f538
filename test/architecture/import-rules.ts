import type { IFlattenedRuleSet } from 'dependency-cruiser';

export type Rule = NonNullable<IFlattenedRuleSet['forbidden']>[number];

/** Packages that core may use: pure, and given by the design. */
const corePackages = ['lru-cache', 'ipaddr.js'];

/** What an adapter may know of the pipeline: the port it drives, as types. */
const views = '^src/pipeline/(views|silence-views|health-report)\\.ts$';

/** Where each vendor package may be imported: outside its adapters only the local stack may. */
const vendors = [
  {
    name: 'event-hubs',
    packages: '@azure/(event-hubs|eventhubs-checkpointstore-blob|core-amqp)|rhea(-promise)?',
    adapters: 'event-hubs',
  },
  { name: 'blob', packages: '@azure/storage-blob', adapters: 'blob|event-hubs' },
  { name: 'http', packages: 'fastify', adapters: 'http' },
  { name: 'prometheus', packages: 'prom-client', adapters: 'prometheus' },
  { name: 'log', packages: 'pino', adapters: 'log' },
] as const;

/** Each rule names what it is about in `from`; a rule whose `from` matches no file has lost its meaning and fails. */
export const importRules: readonly Rule[] = [
  {
    name: 'no-cycles',
    comment: 'files that need each other are one file or three',
    severity: 'error',
    from: { path: '^src' },
    to: { circular: true },
  },
  {
    name: 'core-imports-only-core',
    comment: 'core is pure: no layer above it',
    severity: 'error',
    from: { path: '^src/core' },
    to: { path: '^src/', pathNot: '^src/core/' },
  },
  {
    name: 'core-uses-no-package',
    comment: `core uses only ${corePackages.join(' and ')}: no node:, no SDK`,
    severity: 'error',
    from: { path: '^src/core' },
    to: { dependencyTypesNot: ['local'], pathNot: corePackages.map((name) => `node_modules/${name}/`) },
  },
  {
    name: 'pipeline-imports-core-and-telemetry',
    comment: 'pipeline knows ports and no vendor',
    severity: 'error',
    from: { path: '^src/pipeline' },
    to: { path: '^src/', pathNot: '^src/(pipeline|core|telemetry)/' },
  },
  {
    name: 'pipeline-uses-no-package',
    comment: 'pipeline knows no vendor; of Node only hashing',
    severity: 'error',
    from: { path: '^src/pipeline' },
    to: { dependencyTypesNot: ['local'], pathNot: '^(node:)?crypto$' },
  },
  {
    name: 'telemetry-imports-core',
    comment: 'telemetry declares metrics; an adapter keeps them',
    severity: 'error',
    from: { path: '^src/telemetry' },
    to: { pathNot: '^src/(telemetry|core)/' },
  },
  {
    name: 'config-stands-alone',
    comment: 'the table of options is read by everybody and reads nobody above core',
    severity: 'error',
    from: { path: '^src/config' },
    to: { path: '^src/', pathNot: '^src/(config|core)/' },
  },
  {
    name: 'adapter-imports-no-other-adapter',
    comment: 'an adapter speaks to one outside system',
    severity: 'error',
    from: { path: '^src/adapters/([^/]+)/' },
    to: { path: '^src/adapters/', pathNot: '^src/adapters/$1/' },
  },
  {
    name: 'adapter-imports-core-types',
    comment: 'an adapter implements ports of core, metrics of telemetry, and may know the views it shows',
    severity: 'error',
    from: { path: '^src/adapters' },
    to: { path: '^src/', pathNot: ['^src/(adapters|core|telemetry)/', views] },
  },
  {
    name: 'only-app-knows-adapters',
    comment: 'app.ts and app-*.ts are the composition root',
    severity: 'error',
    from: {
      path: '^src',
      pathNot: '^src/(adapters|dev)/|^src/app(-connections|-intel|-replay|-sharded|-silences|-sinks|-storage)?\\.ts$',
    },
    to: { path: '^src/adapters/' },
  },
  {
    name: 'nothing-imports-dev',
    comment: 'production never imports the local stack',
    severity: 'error',
    from: { path: '^src', pathNot: '^src/dev/' },
    to: { path: '^src/dev/' },
  },
  {
    name: 'sources-import-no-tests',
    comment: 'tests would ship in the image',
    severity: 'error',
    from: { path: '^src' },
    to: { path: '^test/' },
  },
  {
    name: 'production-uses-no-development-package',
    comment: 'what the service imports is installed with it',
    severity: 'error',
    from: { path: '^src', pathNot: '^src/dev/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'every-import-resolves',
    comment: 'an import that finds nothing hides from every other rule',
    severity: 'error',
    from: { path: '^src' },
    to: { couldNotResolve: true },
  },
  ...vendors.map(({ name, packages, adapters }): Rule => ({
    name: `vendor-${name}`,
    comment: 'one folder knows a vendor, so that it can be replaced',
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/(dev|adapters/(${adapters}))/` },
    to: { path: `node_modules/(${packages})/` },
  })),
];
