import type { Alert, CloseReason } from '../alert.ts';

const closings: Readonly<Record<CloseReason, string>> = {
  'window-empty': 'the activity has left the window',
  'indicator-revoked': 'the indicator was revoked',
  'indicator-expired': 'the indicator has expired',
  'indicator-lowered': 'the confidence of the indicator fell below the floor',
  'indicator-deleted': 'the feed no longer names the indicator',
  'allow-listed': 'an allow list that drops matches covers the address',
};

/** An alert in one sentence for people, without a full stop. */
export function summaryOf({ activity, closeReason, caller, ip, row }: Alert): string {
  const who = caller === '' ? 'An unnamed caller' : caller;
  const operations = row.OperationCount === 1 ? '1 operation' : `${row.OperationCount} operations`;
  const what = `${who} made ${operations} from ${ip}, which threat intelligence names`;
  return activity === 'close' && closeReason !== undefined ? `Closed, as ${closings[closeReason]}: ${what}` : what;
}

/** The members that the sentence is made of, for the mapping page. */
export const summarySources = ['activity', 'closeReason', 'caller', 'ip', 'row.OperationCount'] as const;
