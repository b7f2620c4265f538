import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient, type StoragePipelineOptions } from '@azure/storage-blob';
import type { Clock, SourceError } from '../../core/ports.ts';
import type { SourceErrorCode } from '../../core/source-error-code.ts';
import { answerOf, isRefusal, textOf } from './storage-answer.ts';

/** How the storage account is reached: by its key, or by its address and an identity. */
export type StorageAccess =
  { readonly connectionString: string } | { readonly accountUrl: string; readonly credential: TokenCredential };

export type { ContainerClient };

export type OpenedContainer =
  { readonly ok: true; readonly container: ContainerClient } | { readonly ok: false; readonly error: SourceError };

/**
 * Few and short attempts: with the defaults a storage that is away holds its caller for 16 s and more (measured with
 * @azure/storage-blob 12.32), where every caller here tries again by itself.
 */
const pipeline: StoragePipelineOptions = {
  retryOptions: { maxTries: 2, tryTimeoutInMs: 2000, retryDelayInMs: 200, maxRetryDelayInMs: 500 },
};

/** Opens a container, creating it if it is absent and that is allowed. Never throws. */
export function openContainer(access: StorageAccess, name: string, clock: Clock): Promise<OpenedContainer> {
  return open(access, name, clock, create);
}

/** Opens a container that has to be there: for whoever only looks at what it holds. Never throws. */
export function openExistingContainer(access: StorageAccess, name: string, clock: Clock): Promise<OpenedContainer> {
  return open(access, name, clock, () => {
    throw new ContainerAbsent();
  });
}

async function open(
  access: StorageAccess,
  name: string,
  clock: Clock,
  whenAbsent: (container: ContainerClient) => Promise<void>,
): Promise<OpenedContainer> {
  try {
    const container = serviceOf(access).getContainerClient(name);
    if (!(await container.exists())) await whenAbsent(container);
    return { ok: true, container };
  } catch (error) {
    return { ok: false, error: { ...explain(error, access, name), at: clock.now() } };
  }
}

function serviceOf(access: StorageAccess): BlobServiceClient {
  return 'connectionString' in access
    ? BlobServiceClient.fromConnectionString(access.connectionString, pipeline)
    : new BlobServiceClient(access.accountUrl, access.credential, pipeline);
}

/** Creates the container, unless another process does at the same moment. */
async function create(container: ContainerClient): Promise<void> {
  try {
    await container.createIfNotExists();
  } catch (error) {
    if (isRefusal(error)) throw new CreationRefused(error);
    throw error;
  }
}

/** The container is absent and may not be created. */
class CreationRefused extends Error {
  constructor(cause: unknown) {
    super(textOf(cause), { cause });
  }
}

/** The container is absent and is not to be created. */
class ContainerAbsent extends Error {}

function explain(error: unknown, access: StorageAccess, name: string): { code: SourceErrorCode; message: string } {
  const option = 'connectionString' in access ? 'STORAGE_CONNECTION_STRING' : 'STORAGE_ACCOUNT_URL';
  const text = textOf(error);
  if (error instanceof ContainerAbsent) {
    const message = `Cannot open container ${name} as it is not there: check STORAGE_CONTAINER and ${option}`;
    return { code: 'storage_unavailable', message };
  }
  if (error instanceof CreationRefused) {
    const message = `Cannot create container ${name} as the credentials do not allow it: create it, name another in STORAGE_CONTAINER, or check ${option}; the storage said: ${text}`;
    return { code: 'storage_unauthorized', message };
  }
  if (isRefusal(error)) {
    const message = `Cannot open container ${name} as the storage refused the credentials: check ${option}; the storage said: ${text}`;
    return { code: 'storage_unauthorized', message };
  }
  if (answerOf(error).statusCode === 400) {
    const message = `Cannot open container ${name} as the storage does not take its name: check STORAGE_CONTAINER; the storage said: ${text}`;
    return { code: 'storage_unavailable', message };
  }
  const message = `Cannot open container ${name} as the storage did not answer: check ${option}; the client said: ${text}`;
  return { code: 'storage_unavailable', message };
}
