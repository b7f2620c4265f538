import { FeedError } from '../../core/feed-error.ts';
import type { FeedErrorCode } from '../../core/ports.ts';

const codes: Readonly<Record<string, FeedErrorCode>> = {
  ENOENT: 'not_found',
  ENOTDIR: 'not_found',
  EACCES: 'unauthorized',
  EPERM: 'unauthorized',
};

/** Turns a failure of the file system into the error that names the file and the setting that mends it. */
export function fileError(feed: string, path: string, cause: unknown): FeedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const systemCode = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = `Cannot read feed ${feed} from ${path}: ${reason}: check path of feed ${feed} in TI_FEEDS`;
  return new FeedError(codes[systemCode] ?? 'unreachable', message, { cause });
}
