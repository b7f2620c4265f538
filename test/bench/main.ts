import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { intel } from './intel.ts';
import { restart } from './restart.ts';
import { scale } from './scale.ts';

/** Every bench by its name: `node test/bench/main.ts [--small] [--repetitions N] [name…]`. */
const benches = { restart, intel, scale };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { small: { type: 'boolean', default: false }, repetitions: { type: 'string', default: '5' } },
});
const options = {
  isSmall: values.small,
  addresses: values.small ? 20_000 : 1_000_000,
  repetitions: Number(values.repetitions),
};

console.log(
  `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${process.platform}`,
);
for (const name of positionals.length === 0 ? Object.keys(benches) : positionals) {
  if (!(name in benches)) throw new Error(`Cannot run ${name}: expected one of ${Object.keys(benches).join(', ')}`);
  console.log(`\n${name}\n`);
  console.log(await benches[name as keyof typeof benches](options));
}
