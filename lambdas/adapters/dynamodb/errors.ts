import { translateAwsError } from '../aws-errors.ts';

/** Runs a DynamoDB call; what it throws leaves as a CausewayError (see aws-errors.ts). */
export async function guarded<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw translateAwsError(error);
  }
}

/** As `guarded`, for a write with a condition: a condition that did not hold is an answer, not an error. */
export async function unlessRefused<T>(call: Promise<T>): Promise<T | 'refused'> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return 'refused';
    throw translateAwsError(error);
  }
}
