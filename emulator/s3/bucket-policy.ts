import { compileStatements, type ResourceStatement } from '../iam/resource-statements.ts';
import type { Stack } from '../types.ts';

interface BucketPolicyProperties {
  readonly Bucket?: string;
  readonly PolicyDocument?: unknown;
}

/** Who asks for an object: CloudFront in the name of a distribution, or nobody in particular. */
export interface Reader {
  /** `cloudfront.amazonaws.com` when the request is signed by origin access control. */
  readonly service?: string;
  /** ARN of the distribution. */
  readonly sourceArn: string;
}

/** Whether the bucket's policy lets somebody do something with a resource of it. */
export type MayAccess = (reader: Reader, action: string, resource: string) => boolean;

/** Buckets are private: what no statement allows is denied ("Bucket policies for Amazon S3"). */
export function bucketPolicy(stack: Stack, bucketName: string): MayAccess {
  const statements = stack
    .ofType<BucketPolicyProperties>('AWS::S3::BucketPolicy')
    .filter(({ properties }) => properties.Bucket === bucketName)
    .flatMap(({ logicalId, properties }) => compileStatements(properties.PolicyDocument, logicalId));
  return (reader, action, resource) => {
    const context = {
      'aws:SecureTransport': 'true',
      ...(reader.service === undefined ? {} : { 'aws:SourceArn': reader.sourceArn }),
    };
    const applies = (statement: ResourceStatement) =>
      statement.applies({ principal: reader.service, action, resource, context });
    const effects = new Set(statements.filter(applies).map(({ effect }) => effect));
    return effects.has('Allow') && !effects.has('Deny');
  };
}
