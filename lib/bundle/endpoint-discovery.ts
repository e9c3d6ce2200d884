/*
 * Stands in for @aws-sdk/middleware-endpoint-discovery inside the bundles. No operation of DynamoDB that a function calls asks
 * for another endpoint, and yet its client brings a cache of endpoints, with an LRU map and an iterator library behind it.
 */

/** As the SDK's configuration loader expects it: nothing is read, and it is off. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: (): undefined => undefined,
  configFileSelector: (): undefined => undefined,
  default: false,
} as const;

export function resolveEndpointDiscoveryConfig<Config extends object>(config: Config): Config {
  return Object.assign(config, { endpointDiscoveryEnabled: () => Promise.resolve(false) });
}
