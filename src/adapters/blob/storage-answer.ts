import { StorageSharedKeyCredential, type ContainerClient } from '@azure/storage-blob';
import { StateStoreError } from '../../core/ports.ts';

/** What the storage answered to a request that failed; null and "" where there was no answer. */
export interface StorageAnswer {
  readonly statusCode: number | null;
  /** Like BlobNotFound: learn.microsoft.com/rest/api/storageservices/blob-service-error-codes. */
  readonly code: string;
}

/** Reads the answer off an error of @azure/storage-blob. An answer to HEAD has its code in a header alone. */
export function answerOf(error: unknown): StorageAnswer {
  const { statusCode, code, details } = (error ?? {}) as {
    statusCode?: unknown;
    code?: unknown;
    details?: { errorCode?: unknown };
  };
  const told = [code, details?.errorCode].find((text) => typeof text === 'string' && text !== '');
  return { statusCode: typeof statusCode === 'number' ? statusCode : null, code: typeof told === 'string' ? told : '' };
}

const identityErrors =
  /^(AuthenticationError|AggregateAuthenticationError|AuthenticationRequired|CredentialUnavailable)/;

/** Whether the credentials were refused, by the storage or by whoever gives out tokens. */
export function isRefusal(error: unknown): boolean {
  const { statusCode } = answerOf(error);
  return statusCode === 401 || statusCode === 403 || (error instanceof Error && identityErrors.test(error.name));
}

/** The storage's text: its first line, as the others name the request, with status and code. */
export function textOf(error: unknown): string {
  const { statusCode, code } = answerOf(error);
  const message = error instanceof Error ? (error.message.split('\n')[0]?.trim() ?? '') : String(error);
  return [statusCode, code, message].filter((part) => part !== null && part !== '').join(' ');
}

/** The option that says how the account of a container is reached. */
function accessOption({ credential }: ContainerClient): string {
  return credential instanceof StorageSharedKeyCredential || !('getToken' in credential)
    ? 'STORAGE_CONNECTION_STRING'
    : 'STORAGE_ACCOUNT_URL';
}

/** 507 is WebDAV's "insufficient storage", which object stores behind the same API use. */
function isFull(error: unknown): boolean {
  const { statusCode, code } = answerOf(error);
  return statusCode === 507 || /quota|capacity|insufficientstorage/i.test(code);
}

/** What a failed request means to whoever keeps state; `action` continues "Cannot". */
export function stateStoreError(error: unknown, action: string, container: ContainerClient): StateStoreError {
  if (error instanceof StateStoreError) return error;
  const option = accessOption(container);
  const text = textOf(error);
  const { statusCode, code } = answerOf(error);
  if (isFull(error)) {
    return new StateStoreError('full', `Cannot ${action} as the storage is full; the storage said: ${text}`, error);
  }
  if (isRefusal(error)) {
    const message = `Cannot ${action} as the storage refused the credentials: check ${option}; the storage said: ${text}`;
    return new StateStoreError('unauthorized', message, error);
  }
  if (code.startsWith('Container')) {
    const message = `Cannot ${action} as the storage cannot use container ${container.containerName}: check STORAGE_CONTAINER; the storage said: ${text}`;
    return new StateStoreError('unavailable', message, error);
  }
  if (statusCode === null || statusCode === 429 || statusCode >= 500) {
    const message = `Cannot ${action} as the storage did not answer: check ${option}; the client said: ${text}`;
    return new StateStoreError('unavailable', message, error);
  }
  return new StateStoreError('unknown', `Cannot ${action}; the storage said: ${text}`, error);
}
