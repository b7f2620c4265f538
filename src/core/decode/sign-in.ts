import type { SignInRecord, SignInStream } from '../record.ts';
import { parseEventTime } from './event-time.ts';
import type { Fields } from './fields.ts';
import { objectField, textField } from './fields.ts';

/**
 * Reads a sign-in record of any of the Entra streams. Rows that Log Analytics exports have the same fields as columns
 * of the record itself.
 */
export function readSignIn(record: Fields, stream: SignInStream, category: string, index: number): SignInRecord {
  const properties = objectField(record, 'properties') ?? record;
  const isUser = stream === 'sign_in' || stream === 'non_interactive';
  return {
    stream,
    index,
    category,
    time: parseEventTime(textField(record, 'time', 'TimeGenerated')),
    address: textField(properties, 'ipAddress') || textField(record, 'callerIpAddress'),
    resultType: textField(record, 'resultType') || errorCode(properties),
    id: textField(properties, 'id'),
    principal: textField(properties, isUser ? 'userPrincipalName' : 'servicePrincipalName'),
    objectId: textField(properties, isUser ? 'userId' : 'servicePrincipalId'),
    app: textField(properties, 'appDisplayName', 'appId'),
    risk: textField(properties, 'riskLevelAggregated'),
  };
}

function errorCode(properties: Fields): string {
  const status = objectField(properties, 'status');
  return status === null ? '' : textField(status, 'errorCode');
}
