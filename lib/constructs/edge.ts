import { fileURLToPath } from 'node:url';

import {
  AllowedMethods,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  PriceClass,
  ViewerProtocolPolicy,
  type AddBehaviorOptions,
  type BehaviorOptions,
  type CfnDistribution,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Duration, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { SOCKETIO } from '../../lambdas/manifest/limits.ts';
import {
  EDGE_KEY_HEADER,
  NATIVE_STAGE,
  REST_PATHS,
  SOCKETIO_PATH,
  SOCKETIO_STAGE,
} from '../../lambdas/manifest/routes.ts';

const VIEWER_REQUEST = fileURLToPath(new URL('../edge/viewer-request.js', import.meta.url));

/** Ids of the origins; edge/viewer-request.js names that of the WebSocket API. */
const ORIGIN = { http: 'http', native: 'native', webSocket: 'socketio' } as const;

/** Longer than a poll is held; the HTTP API ends every request after 30 s. */
const READ_TIMEOUT_SECONDS = SOCKETIO.pollHoldMs / 1000 + 10;

export interface EdgeProps {
  /** Of the deployment. */
  readonly name: string;
  /** The APIs behind it, by their host names. */
  readonly apis: Readonly<Record<'http' | 'native' | 'socketIo', { readonly domainName: string }>>;
  /** What stands at `/` and at every path that nothing else answers. Default: the HTTP API, which answers 404 there. */
  readonly page?: BehaviorOptions | undefined;
  /** Sent with every request, so that the functions know who appended to X-Forwarded-For; see lambdas/domain/viewer-address.ts. */
  readonly key: string;
}

/**
 * One https origin for everything a stock client needs. REST and polling go to the HTTP API, `transport=websocket` to the
 * WebSocket API, which can't share a host name with it, and so does the native protocol at its own path. Only the page may
 * be cached.
 */
export class Edge extends Construct {
  /** https://… without a trailing slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: EdgeProps) {
    super(scope, id);
    const http = new HttpOrigin(props.apis.http.domainName, {
      originId: ORIGIN.http,
      ...HTTPS,
      customHeaders: { [EDGE_KEY_HEADER]: props.key },
      readTimeout: Duration.seconds(READ_TIMEOUT_SECONDS),
    });
    const splitting = { ...PASS_THROUGH, functionAssociations: [this.#split()] };
    // The stage is the path, so that no function has to rewrite it.
    const native = new HttpOrigin(props.apis.native.domainName, { originId: ORIGIN.native, ...HTTPS });
    const rest = props.page === undefined ? [] : REST_PATHS;
    const distribution = new Distribution(this, 'Distribution', {
      comment: `${props.name}: one origin for REST and Socket.IO`,
      // Further edges cost more and the functions stay in one region.
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: props.page ?? { ...PASS_THROUGH, origin: http },
      defaultRootObject: props.page === undefined ? '' : ROOT_OBJECT,
      additionalBehaviors: {
        [SOCKETIO_PATH]: { ...splitting, origin: http },
        [`${SOCKETIO_PATH}/*`]: { ...splitting, origin: http },
        [`/${NATIVE_STAGE}`]: { ...PASS_THROUGH, origin: native },
        ...Object.fromEntries(rest.map((path) => [path, { ...PASS_THROUGH, origin: http }])),
      },
    });
    addOrigin(distribution, props);
    acknowledge(distribution);
    this.url = `https://${distribution.distributionDomainName}`;
  }

  #split() {
    const fn = new EdgeFunction(this, 'ViewerRequest', {
      comment: 'Sends transport=websocket to the WebSocket API',
      code: FunctionCode.fromFile({ filePath: VIEWER_REQUEST }),
      runtime: FunctionRuntime.JS_2_0,
    });
    return { eventType: FunctionEventType.VIEWER_REQUEST, function: fn };
  }
}

const HTTPS = { protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY };

/** What a viewer of `/` gets of the page. */
const ROOT_OBJECT = 'index.html';

const PASS_THROUGH: AddBehaviorOptions = {
  allowedMethods: AllowedMethods.ALLOW_ALL,
  cachePolicy: CachePolicy.CACHING_DISABLED,
  // With the viewer's Host, API Gateway would look for an API of that name and answer 403.
  originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  // Not a redirect: the first request, token and all, would have gone out in the clear.
  viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
  // Without caching CloudFront doesn't compress; say so.
  compress: false,
};

/** An origin that no behaviour names, only the function: the L2 construct knows none (aws/aws-cdk#37652). */
function addOrigin(distribution: Distribution, { apis, key, page }: EdgeProps): void {
  const resource = distribution.node.defaultChild as CfnDistribution;
  const behindBehaviours = page === undefined ? 2 : 3;
  resource.addPropertyOverride(`DistributionConfig.Origins.${behindBehaviours}`, {
    Id: ORIGIN.webSocket,
    DomainName: apis.socketIo.domainName,
    OriginPath: `/${SOCKETIO_STAGE}`,
    OriginCustomHeaders: [{ HeaderName: EDGE_KEY_HEADER, HeaderValue: key }],
    CustomOriginConfig: { OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] },
  });
}

function acknowledge(distribution: Distribution): void {
  const reasons = {
    CFR1: 'Who may use a chat is decided by tokens; a country list is a decision of whoever deploys it.',
    CFR2: 'A web ACL costs a fixed sum a month; the stages throttle, sign-in is throttled, and one can be attached later.',
    CFR3: 'Its log would hold query strings, and so session ids and tokens. Both APIs keep access logs without them.',
    CFR4: 'Without a domain of its own a distribution has the certificate of cloudfront.net, whose minimum cannot be set.',
  };
  for (const [rule, reason] of Object.entries(reasons))
    Validations.of(distribution).acknowledge({ id: `AwsSolutions-${rule}`, reason });
}
