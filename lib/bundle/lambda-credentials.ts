/*
 * Stands in for @aws-sdk/credential-provider-node inside the bundles. That package also knows profiles, SSO, web identity
 * and the instance metadata service, with four more AWS clients behind them: a third of a bundle that a function never
 * runs, because Lambda hands out its role's credentials in the environment (AWS "Lambda environment variables, defined
 * runtime environment variables").
 */

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Same call as the original: a provider the SDK asks once per client. Rejects when the variables are missing. */
export function defaultProvider(): () => Promise<Credentials> {
  return () => {
    const {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    } = process.env;
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      return Promise.reject(new Error('AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set'));
    }
    return Promise.resolve({
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
  };
}
