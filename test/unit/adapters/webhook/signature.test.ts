import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { signatureHeaders } from '../../../../src/adapters/webhook/signature.ts';

test('signatureHeaders() gives the signature that Standard Webhooks publishes', () => {
  // https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/index.test.ts
  const headers = signatureHeaders(
    ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    1_614_265_330_999,
    '{"test": 2432232314}',
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('signatureHeaders() signs with each secret, the body in UTF-8, and not at all without any', () => {
  const keys = [Buffer.alloc(24, 1), Buffer.alloc(64, 2)];
  const headers = signatureHeaders(
    keys.map((key) => `whsec_${key.toString('base64')}`),
    'id',
    5000,
    '{"é":"😀"}',
  );
  const expected = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(Buffer.from('id.5.{"é":"😀"}')).digest('base64')}`,
  );
  expect(headers['webhook-signature']).toBe(expected.join(' '));
  expect(signatureHeaders([], 'id', 5000, '{}')).not.toHaveProperty('webhook-signature');
});
