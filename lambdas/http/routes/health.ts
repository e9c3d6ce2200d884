import * as v from 'valibot';

import { publicOperation } from '../operation.ts';

export const healthOperation = publicOperation({
  method: 'get',
  path: '/health',
  operationId: 'health',
  summary: 'Whether the API answers; touches nothing behind it',
  tag: 'service',
  success: {
    status: 200,
    description: 'It does.',
    schema: v.object({ status: v.literal('ok') }),
    example: { status: 'ok' },
  },
  errors: [],
  handle: () => Promise.resolve({ status: 'ok' as const }),
});
