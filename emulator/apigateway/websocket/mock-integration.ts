import type { Resource, Stack } from '../../types.ts';
import { UnsupportedResource } from '../template-error.ts';
import type { IntegrationProperties, IntegrationResponseProperties } from '../template-properties.ts';

/** MOCK: API Gateway answers by itself. Templates are static here, so the answer is known at the start. */
export interface MockIntegration {
  readonly kind: 'mock';
  readonly logicalId: string;
  /** `statusCode` of the selected request template; undefined when nothing is selected or it gives no integer. */
  readonly status?: number;
  /** What a two-way route sends back, maybe nothing (''); undefined without an integration response. */
  readonly response?: string;
}

/** API Gateway's own words in the execution log of such a request. */
export const MOCK_PROBLEM =
  'Execution failed due to configuration error: statusCode should be an integer which defined in request template';

/** AWS: "Set up a WebSocket API integration request", MOCK. Throws UnsupportedResource for templates with logic. */
export function readMock(stack: Stack, resource: Resource<IntegrationProperties>): MockIntegration {
  const { RequestTemplates, TemplateSelectionExpression } = resource.properties;
  const request = select(RequestTemplates, TemplateSelectionExpression, resource);
  const status = statusIn(request);
  const response = responseOf(stack, resource);
  return {
    kind: 'mock',
    logicalId: resource.logicalId,
    ...(status !== undefined && { status }),
    ...(response !== undefined && { response }),
  };
}

function responseOf(stack: Stack, integration: Resource<IntegrationProperties>): string | undefined {
  const responses = stack
    .ofType<IntegrationResponseProperties>('AWS::ApiGatewayV2::IntegrationResponse')
    .filter(({ properties }) => properties.IntegrationId === integration.ref);
  // A key is `$default` or a regular expression over the status, `/200/`; the only status there is is the template's.
  const chosen =
    responses.find(({ properties }) => properties.IntegrationResponseKey !== '$default') ?? responses[0];
  if (!chosen) return undefined;
  const { ResponseTemplates, TemplateSelectionExpression } = chosen.properties;
  return select(ResponseTemplates, TemplateSelectionExpression, chosen) ?? '';
}

/** "Template selection expressions": a static key, written `200` or `\$default`. Without one nothing is selected. */
function select(
  templates: Readonly<Record<string, string>> | undefined,
  expression: string | undefined,
  resource: Resource<object>,
): string | undefined {
  if (expression === undefined) return undefined;
  const key = expression.replace(/^\\/, '');
  if (expression.includes('$') && key !== '$default') {
    throw new UnsupportedResource(
      resource,
      `TemplateSelectionExpression "${expression}" isn't emulated; use a static one such as "\\$default".`,
    );
  }
  const template = templates?.[key];
  if (template !== undefined && /[$#]/.test(template))
    throw new UnsupportedResource(
      resource,
      "its mapping template has logic (VTL), which isn't emulated; write plain text.",
    );
  return template;
}

function statusIn(template: string | undefined): number | undefined {
  try {
    const { statusCode } = JSON.parse(template ?? '') as { statusCode?: unknown };
    return Number.isInteger(statusCode) ? (statusCode as number) : undefined;
  } catch {
    return undefined;
  }
}
