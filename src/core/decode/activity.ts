import type { ActivityRecord } from '../record.ts';
import { deriveCaller } from './caller.ts';
import { parseEventTime } from './event-time.ts';
import type { Fields } from './fields.ts';
import { objectField, textField } from './fields.ts';

const subscription = /\/subscriptions\/([^/]*)/i;
const group = /\/resourcegroups\/([^/]*)/i;

/**
 * Reads a record of the Activity log. The keys are those of a diagnostic setting; behind them stand those of rows that
 * Log Analytics exports and of the REST shape, which replayed files hold. Log Analytics keeps localised text under
 * `OperationName`, so `OperationNameValue` goes first where there is one.
 */
export function readActivity(record: Fields, category: string, index: number): ActivityRecord {
  const caller = deriveCaller(record);
  const resourceId = textField(record, 'resourceId', '_ResourceId');
  const httpRequest = () => textField(objectField(record, 'httpRequest') ?? {}, 'clientIpAddress');
  return {
    stream: 'activity',
    index,
    category,
    time: parseEventTime(textField(record, 'time', 'TimeGenerated', 'eventTimestamp')),
    address: textField(record, 'callerIpAddress') || httpRequest(),
    resultType: textField(record, 'resultType', 'ActivityStatusValue', 'status'),
    caller: caller.name,
    objectId: caller.objectId,
    operation: textField(record, 'OperationNameValue', 'operationName'),
    resourceId,
    subscriptionId: segment(resourceId, subscription) || textField(record, 'subscriptionId'),
    resourceGroup: segment(resourceId, group) || textField(record, 'resourceGroup', 'resourceGroupName'),
    correlationId: textField(record, 'correlationId'),
  };
}

/** The segment of a resource id that the pattern captures, in the letter case it was delivered in; "" without one. */
function segment(resourceId: string, pattern: RegExp): string {
  return pattern.exec(resourceId)?.[1] ?? '';
}
