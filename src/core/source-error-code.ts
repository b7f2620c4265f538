/** Why a hub, a partition or the storage cannot be read or written. Closed: metrics carry it. */
export const sourceErrorCodes = [
  'unauthorized',
  'hub_not_found',
  'consumer_group_not_found',
  'storage_unauthorized',
  'storage_unavailable',
  'position_invalid',
  'hub_reset',
  'events_lost',
  'correlation_changed',
  'unreachable',
  'unknown',
] as const;
export type SourceErrorCode = (typeof sourceErrorCodes)[number];
