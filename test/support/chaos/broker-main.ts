import { systemClock } from '../../../src/adapters/system/clock.ts';
import { Broker } from '../../../src/dev/broker/broker.ts';
import { toldToStop } from '../../../src/dev/stack.ts';
import type { BrokerOptions } from './broker-process.ts';

/** The broker as a process of its own, on a clock and ports that another process may take up again. */
const { speed, originMs, ...options } = JSON.parse(process.argv[2] ?? '{}') as BrokerOptions;
const clock = systemClock({ speed, originMs });
const broker = await Broker.start({ ...options, now: () => Math.round(clock.now()) });
const line = { connectionString: broker.connectionString(), controlUrl: broker.controlUrl };
process.stdout.write(`${JSON.stringify(line)}\n`);
await toldToStop();
await broker.close();
process.exit();
