import { createAsyncInvoke, createLambdaClient } from '../adapters/lambda/invoke-async.ts';
import type { Postman } from '../ports/mail.ts';
import { encodeRepeat } from '../wire/mailing.ts';
import { fanOutDirect, fanOutFunction } from './environment.ts';
import { send } from './fan-out/send.ts';

/** For functions that tell clients something; call it at module scope. AWS: lambda:InvokeFunction on `fan-out`. */
export function composePostman(): Postman {
  const invoke = createAsyncInvoke(createLambdaClient(), fanOutFunction());
  return {
    direct: fanOutDirect(),
    send: (mailing) => send(invoke, mailing),
    lookAgain: (repeat) => invoke(encodeRepeat(repeat)),
  };
}
