import type { AwsResponse } from '../types.ts';

/** What a service handler may add to its answer for the meter. */
export interface MeteredResponse extends AwsResponse {
  readonly readUnits?: number;
  readonly writeUnits?: number;
}
