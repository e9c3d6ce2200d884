/** SQS over the AWS JSON 1.0 protocol: SendMessage, ReceiveMessage, DeleteMessage, GetQueueAttributes (SQS API Reference). */
import type { Received, Queue } from '../sqs/queue.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Authorize, AwsRequest, AwsResponse, AwsServiceHandler } from '../types.ts';
import { awsError } from './aws-error.ts';

const SERVICE = 'sqs';
const NAMESPACE = 'com.amazonaws.sqs';

interface Input {
  readonly QueueUrl?: unknown;
  readonly MessageBody?: unknown;
  readonly DelaySeconds?: unknown;
  readonly MaxNumberOfMessages?: unknown;
  readonly VisibilityTimeout?: unknown;
  readonly ReceiptHandle?: unknown;
  readonly [name: string]: unknown;
}

interface Call {
  readonly queue: Queue;
  readonly input: Input;
  readonly sender: string;
}

type Operation = (call: Call) => object | AwsFailure;

/** A refusal, as clients of the query protocol know it too (header x-amzn-query-error). */
class AwsFailure {
  readonly code: string;
  readonly message: string;
  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  SendMessage: send,
  ReceiveMessage: receive,
  DeleteMessage: remove,
  GetQueueAttributes: ({ queue }) => ({ Attributes: attributesOf(queue) }),
};

/** Members that change what an operation does and are not played. */
const UNSUPPORTED = [
  'MessageAttributes',
  'MessageSystemAttributes',
  'MessageGroupId',
  'MessageDeduplicationId',
];

const MOST_DELAY_SECONDS = 900;

export function createSqs(queues: Queues): AwsServiceHandler {
  return {
    service: SERVICE,
    handle: (request, authorize) => Promise.resolve(handle(request, authorize, queues)),
  };
}

function handle(request: AwsRequest, authorize: Authorize, queues: Queues): AwsResponse {
  const [prefix, name = ''] = (request.headers['x-amz-target'] ?? '').split('.');
  const operation = prefix === 'AmazonSQS' && Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (operation === undefined) {
    const message = `The emulator's SQS has ${Object.keys(OPERATIONS).join(', ')}, not ${name}`;
    return fail(new AwsFailure('UnsupportedOperation', message));
  }
  const input = JSON.parse(request.body.toString()) as Input;
  const queue = queues.byUrl(String(input.QueueUrl));
  if (queue === undefined)
    return fail(new AwsFailure('QueueDoesNotExist', 'The specified queue does not exist.'));
  const refusal = refused(request, authorize, { action: `sqs:${name}`, queue });
  if (refusal !== undefined) return awsError(SERVICE, { code: 'AccessDeniedException', message: refusal });
  const unsupported = UNSUPPORTED.find((member) => input[member] !== undefined);
  const result =
    unsupported === undefined
      ? operation({ queue, input, sender: senderOf(request) })
      : new AwsFailure('UnsupportedOperation', `${unsupported} isn't emulated`);
  return result instanceof AwsFailure ? fail(result) : { status: 200, body: JSON.stringify(result) };
}

/** The role must allow it, and the queue must not deny it. */
function refused(
  request: AwsRequest,
  authorize: Authorize,
  { action, queue }: { readonly action: string; readonly queue: Queue },
): string | undefined {
  const { arn, policy } = queue.definition;
  const refusal = authorize(request, action, arn);
  if (refusal !== undefined) return refusal;
  return policy.refuses({ action, resource: arn, context: {} })
    ? `Access to the resource ${queue.definition.url} is denied by its policy.`
    : undefined;
}

function senderOf({ caller }: AwsRequest): string {
  return caller === undefined ? 'AIDALOCALOPERATOR' : `AROALOCAL:${caller.functionName}`;
}

function send({ queue, input, sender }: Call): object | AwsFailure {
  const { MessageBody: body, DelaySeconds: delay } = input;
  if (typeof body !== 'string' || body === '')
    return new AwsFailure('MissingParameter', 'The request must contain the parameter MessageBody.');
  const { maximumBytes } = queue.definition;
  if (Buffer.byteLength(body) > maximumBytes)
    return invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maximumBytes} bytes.`,
    );
  if (delay !== undefined && !isWhole(delay, 0, MOST_DELAY_SECONDS))
    return invalid(
      `Value ${JSON.stringify(delay)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${MOST_DELAY_SECONDS}.`,
    );
  const draft = { body, senderId: sender };
  const { id, md5 } = queue.send(delay === undefined ? draft : { ...draft, delayMs: delay * 1000 });
  return { MessageId: id, MD5OfMessageBody: md5 };
}

/** Answers at once: a client that waits (WaitTimeSeconds) asks again. */
function receive({ queue, input }: Call): object | AwsFailure {
  const { MaxNumberOfMessages: max = 1, VisibilityTimeout: visibility } = input;
  if (!isWhole(max, 1, 10))
    return invalid(
      `Value ${JSON.stringify(max)} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.`,
    );
  if (visibility !== undefined && !isWhole(visibility, 0, 43_200))
    return invalid(`Value ${JSON.stringify(visibility)} for parameter VisibilityTimeout is invalid.`);
  const messages = queue.receive(max, visibility === undefined ? undefined : visibility * 1000);
  return messages.length === 0 ? {} : { Messages: messages.map(describe) };
}

function describe(message: Received): object {
  const attributes = Object.entries(message.attributes).map(
    ([name, StringValue]) => [name, { DataType: 'String', StringValue }] as const,
  );
  return {
    MessageId: message.id,
    ReceiptHandle: message.receiptHandle,
    Body: message.body,
    MD5OfBody: message.md5,
    Attributes: systemAttributes(message),
    ...(attributes.length > 0 && { MessageAttributes: Object.fromEntries(attributes) }),
  };
}

/** All of them, whichever were asked for. */
export function systemAttributes(message: Received): Readonly<Record<string, string>> {
  return {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(Math.round(message.sentAt)),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(Math.round(message.firstReceivedAt)),
  };
}

function remove({ queue, input }: Call): object {
  queue.delete(String(input.ReceiptHandle));
  return {};
}

function attributesOf(queue: Queue): Readonly<Record<string, string>> {
  const { visible, inFlight, delayed } = queue.counts();
  return {
    QueueArn: queue.definition.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}

function invalid(message: string): AwsFailure {
  return new AwsFailure('InvalidParameterValue', message);
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}

function fail({ code, message }: AwsFailure): AwsResponse {
  const { status, body } = awsError(SERVICE, { code, message, namespace: NAMESPACE });
  const known = code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : code;
  return {
    status,
    headers: { 'x-amzn-query-error': `${known};Sender` },
    ...(body !== undefined && { body }),
  };
}
