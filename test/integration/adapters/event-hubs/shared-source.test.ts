import { afterAll, beforeAll } from 'vitest';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { sharedSourceLaws } from '../../../contract/shared-source.ts';
import { sharedRig } from '../../../support/shared-source-rig.ts';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

sharedSourceLaws('Event Hubs', () => sharedRig(azurite.connectionString));
