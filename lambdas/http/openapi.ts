import type { JsonSchema } from '@valibot/to-json-schema';
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';

import type { ErrorCode } from '../domain/errors.ts';
import { STATUS } from './errors.ts';
import type { Operation } from './operation.ts';
import { message } from './schemas/messages.ts';
import { notification } from './schemas/notifications.ts';
import { person, session, user } from './schemas/people.ts';
import { PROBLEM_EXAMPLES, problem } from './schemas/problem.ts';
import { participant, room, roomSummary } from './schemas/rooms.ts';

/** Shapes with a name of their own; wherever one of these very schemas stands, the document refers to it. */
const NAMED = {
  Person: person,
  User: user,
  Session: session,
  Message: message,
  Participant: participant,
  RoomSummary: roomSummary,
  Room: room,
  Notification: notification,
  Problem: problem,
} as const;

/** The OpenAPI 3.1 document of these operations. Pure: the same operations give the same document. */
export function openApiDocument(operations: readonly Operation[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Causeway REST API',
      version: '1.0.0',
      description: 'Accounts, rooms, messages and notifications. Every path answers below /api too.',
    },
    servers: [{ url: '/' }, { url: '/api' }],
    security: [{ bearer: [] }],
    tags: [...new Set(operations.map((operation) => operation.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(NAMED).map(([name, schema]) => [name, convert(schema, name)]),
      ),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The token of POST /auth/login; the same as for sockets.',
        },
      },
    },
  };
}

function describe(operation: Operation) {
  const { success } = operation;
  const answer =
    success.schema === undefined
      ? { description: success.description }
      : { description: success.description, content: json(success.schema, success.example) };
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    tags: [operation.tag],
    ...(operation.access === 'public' ? { security: [] } : {}),
    parameters: [...parameters('path', operation.params), ...parameters('query', operation.query)],
    ...(operation.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(operation.body, operation.bodyExample) } }),
    responses: { [success.status]: answer, ...problems(operation) },
  };
}

function parameters(place: 'path' | 'query', schema: v.GenericSchema | undefined) {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = convert(schema);
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

/** Refusals by status: what the operation names, and what reading its input and its token can answer. */
function problems(operation: Operation) {
  const codes = new Set<ErrorCode>(operation.errors);
  if (operation.body !== undefined) add(codes, ['invalid_json', 'invalid_field', 'too_large']);
  if (operation.params !== undefined || operation.query !== undefined) add(codes, ['invalid_field']);
  if (operation.access === 'bearer')
    add(codes, ['token_missing', 'token_invalid', 'token_expired', 'rate_limited']);
  add(codes, ['internal', 'unavailable']);
  const statuses = new Set([...codes].map((code) => STATUS[code]));
  return Object.fromEntries(
    [...statuses].map((status) => [status, refusal([...codes].filter((code) => STATUS[code] === status))]),
  );
}

function add(codes: Set<ErrorCode>, more: readonly ErrorCode[]): void {
  for (const code of more) codes.add(code);
}

function refusal(codes: readonly ErrorCode[]) {
  const examples = codes.map((code) => [code, { value: { error: { code, ...PROBLEM_EXAMPLES[code] } } }]);
  return {
    description: codes.join(', '),
    ...(codes.includes('rate_limited') ? { headers: { 'Retry-After': RETRY_AFTER } } : {}),
    content: {
      'application/json': {
        schema: { $ref: '#/components/schemas/Problem' },
        examples: Object.fromEntries(examples),
      },
    },
  };
}

const RETRY_AFTER = { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } } as const;

function json(schema: v.GenericSchema, example: unknown) {
  return { 'application/json': { schema: convert(schema), ...(example === undefined ? {} : { example }) } };
}

/** `self` is the name being defined: its own schema must not become a reference to itself. */
function convert(schema: v.GenericSchema, self?: string): JsonSchema {
  const definitions = Object.fromEntries(Object.entries(NAMED).filter(([name]) => name !== self));
  const converted = toJsonSchema(schema, {
    target: 'draft-2020-12',
    typeMode: 'input',
    // Checks, trims and the like have no words in JSON Schema; they only narrow what the schema says.
    errorMode: 'ignore',
    definitions,
    overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
  });
  const { $schema: _dialect, $defs: _definitions, ...rest } = converted;
  return rest;
}
