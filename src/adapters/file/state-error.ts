import { StateStoreError } from '../../core/ports.ts';
import { hasCode } from './durable-file.ts';

/** What an error of the file system means to whoever keeps state in a folder; `action` continues "Cannot". */
export function stateFolderError(error: unknown, action: string, folder: string): StateStoreError {
  if (error instanceof StateStoreError) return error;
  const text = error instanceof Error ? error.message : String(error);
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) {
    return new StateStoreError('full', `Cannot ${action} as folder ${folder} is full: ${text}`, error);
  }
  if (hasCode(error, 'EACCES', 'EPERM', 'EROFS')) {
    const message = `Cannot ${action} as folder ${folder} may not be written: check STATE and the rights of the folder; ${text}`;
    return new StateStoreError('unauthorized', message, error);
  }
  const message = `Cannot ${action} in folder ${folder}: check STATE; ${text}`;
  return new StateStoreError('unavailable', message, error);
}
