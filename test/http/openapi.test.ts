import * as v from 'valibot';
import { describe, expect, test } from 'vitest';

import { STATUS } from '../../lambdas/http/errors.ts';
import { OPERATIONS } from '../../lambdas/http/operations.ts';
import { problem } from '../../lambdas/http/schemas/problem.ts';
import { createInMemory } from '../support/in-memory.ts';
import { call } from './rest.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Record<string, unknown>;
}
interface Media {
  readonly schema: Record<string, unknown>;
  readonly example?: unknown;
  readonly examples?: Record<string, { readonly value: unknown }>;
}
interface Documented {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, Media> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, Media> }
  >;
}
type Document = Record<string, unknown> & {
  readonly paths: Record<string, Record<string, Documented>>;
  readonly components: {
    readonly schemas: Record<string, unknown>;
    readonly securitySchemes: Record<string, unknown>;
  };
};

const document: Document = (await call(createInMemory(), '/openapi.json')).body;
const documented = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ method, path, operation })),
);
const json = ({ content }: { content?: Record<string, Media> }): Media | undefined =>
  content?.['application/json'];

test('the document is OpenAPI 3.1 with everything the specification requires', () => {
  expect(document).toMatchObject({
    openapi: expect.stringMatching(/^3\.1\.\d$/) as string,
    info: { title: expect.any(String) as string, version: expect.any(String) as string },
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  });
  const ids = documented.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(document.components.schemas).toSorted()).toEqual(
    [
      'Message',
      'Notification',
      'Participant',
      'Person',
      'Problem',
      'Room',
      'RoomSummary',
      'Session',
      'User',
    ].toSorted(),
  );
});

test('the AsyncAPI document of the sockets stands beside it', async () => {
  const asyncApi = () => ({ asyncapi: '3.0.0', channels: { chat: {} } });
  for (const path of ['/asyncapi.json', '/api/asyncapi.json'])
    expect((await call(createInMemory({ asyncApi }), path)).body).toEqual(asyncApi());
});

test('every route that is served is documented, at the root and below /api, and nothing else is', () => {
  const served = createInMemory().rest.routes.filter(({ path, method }) => path !== '/*' && method !== 'ALL');
  const described = documented.flatMap(({ method, path }) => {
    const route = `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    return [route, route.replace(' ', ' /api')];
  });
  expect(served.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(described.toSorted());
});

describe.each(documented)('$method $path', ({ operation, path, method }) => {
  test('has a summary, a tag and the parameters of its path', () => {
    expect(operation.summary).not.toBe('');
    expect(operation.tags).toHaveLength(1);
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(
      operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name),
    ).toEqual(inPath);
    for (const { required, in: place, schema } of operation.parameters) {
      expect(required).toBe(place === 'path');
      expect(schema['type']).toMatch(/^(string|integer|boolean)$/);
    }
  });

  test('documents its refusals, with the codes of each status', () => {
    const statuses = Object.keys(operation.responses).filter((status) => Number(status) >= 400);
    expect(statuses).toEqual(expect.arrayContaining(['500', '503']));
    expect(statuses.includes('401')).toBe(
      operation.security === undefined || operation.operationId === 'login',
    );
    if (operation.requestBody !== undefined) expect(statuses).toEqual(expect.arrayContaining(['400', '413']));
    for (const status of statuses) {
      const response = operation.responses[status];
      expect(json(response ?? {})?.schema).toEqual({ $ref: '#/components/schemas/Problem' });
      const codes = response?.description.split(', ') ?? [];
      expect(codes.map((code) => STATUS[code as keyof typeof STATUS])).toEqual(
        codes.map(() => Number(status)),
      );
      for (const [code, { value }] of Object.entries(json(response ?? {})?.examples ?? {})) {
        expect(v.parse(problem, value)).toMatchObject({ error: { code } });
      }
    }
  });

  test('its examples are what its own schemas accept', () => {
    const source = OPERATIONS.find((one) => one.path === path && one.method === method);
    if (source?.body !== undefined)
      expect(v.safeParse(source.body, source.bodyExample).issues).toBeUndefined();
    const { schema, example, status } = source?.success ?? {};
    expect(schema === undefined).toBe(status === 204);
    if (schema !== undefined && example !== undefined) expect(v.parse(schema, example)).toEqual(example);
  });
});

test('every schema says something, and every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
    ([, reference]) => reference,
  );
  expect(references.length).toBeGreaterThan(20);
  for (const reference of references) {
    const name = reference?.replace('#/components/schemas/', '') ?? '';
    expect(document.components.schemas).toHaveProperty([name]);
  }
  const bodies = documented.flatMap(({ operation }) =>
    operation.requestBody === undefined ? [] : [json(operation.requestBody)],
  );
  const properties = [
    ...Object.values(document.components.schemas),
    ...bodies.map((body) => body?.schema),
  ].flatMap((schema) =>
    Object.entries((schema as { properties: Record<string, Record<string, unknown>> }).properties),
  );
  expect(properties.length).toBeGreaterThan(40);
  for (const [name, property] of properties) {
    expect(
      Object.keys(property).some((key) => ['type', '$ref', 'enum', 'const'].includes(key)),
      name,
    ).toBe(true);
  }
});

test('limits stand in the document as they are enforced', () => {
  const body = (id: string) =>
    json(documented.find(({ operation }) => operation.operationId === id)?.operation.requestBody ?? {})
      ?.schema;
  expect(body('postMessage')).toMatchObject({
    required: ['content'],
    properties: {
      content: { type: 'string', minLength: 1, maxLength: 10_000 },
      messageType: { enum: ['text', 'image', 'file'], default: 'text' },
    },
  });
  expect(body('register')).toMatchObject({
    required: ['email', 'password', 'username'],
    properties: { email: { format: 'email' }, password: { minLength: 8, maxLength: 256 } },
  });
  const limit = documented
    .find(({ operation }) => operation.operationId === 'listMessages')
    ?.operation.parameters.find(({ name }) => name === 'limit');
  expect(limit?.schema).toEqual({ type: 'integer', minimum: 1, maximum: 100, default: 50 });
});
