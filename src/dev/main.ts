import { demo } from './demo.ts';
import { writeDocs } from './docs/main.ts';
import { takePictures } from './pictures.ts';
import { stack } from './stack.ts';
import { traffic } from './traffic-command.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  demo,
  stack,
  traffic,
  pictures: takePictures,
  docs: async () => {
    await writeDocs(process.cwd());
  },
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  process.stderr.write(`Cannot run ${JSON.stringify(name)}: choose one of ${Object.keys(commands).join(', ')}\n`);
  process.exitCode = 64;
} else {
  await command(args);
  // A closed producer of @azure/event-hubs 6.0.4 leaves a timer that keeps the process for minutes.
  process.exit();
}
