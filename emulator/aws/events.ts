/** EventBridge over the AWS JSON 1.1 protocol: PutEvents on the default bus (EventBridge API Reference, "PutEvents"). */
import type { BusEntry, EventBus } from '../events/bus.ts';
import type { Authorize, AwsRequest, AwsResponse, AwsServiceHandler } from '../types.ts';
import { awsError } from './aws-error.ts';

const SERVICE = 'events';
const MOST_ENTRIES = 10;
/** "Maximum size of all entries in a request" (EventBridge quotas): 1 MB since 2026, 256 KB before. */
const MOST_BYTES = 256 * 1024;

interface Entry {
  readonly Source?: string;
  readonly DetailType?: string;
  readonly Detail?: string;
  readonly EventBusName?: string;
  readonly Resources?: readonly string[];
  /** Epoch seconds, in this protocol. */
  readonly Time?: number;
}

type Result = { readonly EventId: string } | { readonly ErrorCode: string; readonly ErrorMessage: string };

export function createEvents(bus: EventBus): AwsServiceHandler {
  return {
    service: SERVICE,
    handle: (request, authorize) => Promise.resolve(handle(request, authorize, bus)),
  };
}

function handle(request: AwsRequest, authorize: Authorize, bus: EventBus): AwsResponse {
  if (request.headers['x-amz-target'] !== 'AWSEvents.PutEvents')
    return awsError(SERVICE, {
      code: 'UnknownOperationException',
      message: `The emulator's EventBridge only has PutEvents, not ${request.headers['x-amz-target']}`,
    });
  const { Entries: entries = [] } = JSON.parse(request.body.toString()) as { Entries?: readonly Entry[] };
  const refusal = refusedEntry(request, authorize, { bus, entries });
  if (refusal !== undefined) return awsError(SERVICE, { code: 'AccessDeniedException', message: refusal });
  const problem = problemOf(entries);
  if (problem !== undefined) return awsError(SERVICE, { code: 'ValidationException', message: problem });
  const results = entries.map((entry) => put(bus, entry));
  const failed = results.filter((result) => 'ErrorCode' in result).length;
  return { status: 200, body: JSON.stringify({ FailedEntryCount: failed, Entries: results }) };
}

/** "Using IAM policy conditions in Amazon EventBridge": every entry must be allowed. */
function refusedEntry(
  request: AwsRequest,
  authorize: Authorize,
  { bus, entries }: { readonly bus: EventBus; readonly entries: readonly Entry[] },
): string | undefined {
  return entries
    .map(({ Source = '', DetailType = '' }) =>
      // oxlint-disable-next-line max-params -- as types.ts, Authorize
      authorize(request, 'events:PutEvents', bus.arn, {
        'events:source': Source,
        'events:detail-type': DetailType,
      }),
    )
    .find((refusal) => refusal !== undefined);
}

function problemOf(entries: readonly Entry[]): string | undefined {
  if (entries.length === 0 || entries.length > MOST_ENTRIES)
    return `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length between 1 and ${MOST_ENTRIES}`;
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  return bytes > MOST_BYTES ? 'Total size of the entries in the request is over the limit.' : undefined;
}

/** "Calculating PutEvents event entry size". */
function sizeOf({ Source = '', DetailType = '', Detail = '', Resources = [], Time }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function put(bus: EventBus, entry: Entry): Result {
  const { Source, DetailType, Detail, EventBusName = 'default', Resources, Time } = entry;
  for (const [name, value] of Object.entries({ Source, DetailType, Detail }))
    if (value === undefined || value === '')
      return failure(
        'InvalidArgument',
        `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      );
  if (Source?.startsWith('aws.') === true)
    return failure('NotAuthorizedForSourceException', 'Not authorized for the source.');
  if (EventBusName !== 'default' && EventBusName !== bus.arn)
    return failure('ResourceNotFoundException', `Event bus ${EventBusName} does not exist.`);
  const detail = parseObject(Detail ?? '');
  if (detail === undefined) return failure('MalformedDetail', 'Detail is malformed.');
  const event: BusEntry = { source: Source ?? '', detailType: DetailType ?? '', detail };
  return {
    EventId: bus.put({
      ...event,
      ...(Resources !== undefined && { resources: Resources }),
      ...(Time !== undefined && { time: Time * 1000 }),
    }),
  };
}

function failure(ErrorCode: string, ErrorMessage: string): Result {
  return { ErrorCode, ErrorMessage };
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
