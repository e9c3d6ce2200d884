// @ts-check

/**
 * The context object ("Using the Lambda context object to retrieve Node.js function information", Lambda Developer Guide).
 * @param {import('../protocol.ts').InstanceData} data
 * @param {import('../protocol.ts').InvocationMessage} event
 * @param {number} start performance.now() at the start: remaining time is real time, whatever the emulated clock says.
 */
export function invocationContext(data, event, start) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '$LATEST',
    functionName: data.functionName,
    memoryLimitInMB: String(data.memoryMb),
    logGroupName: data.logGroup,
    logStreamName: data.logStream,
    invokedFunctionArn: event.functionArn,
    awsRequestId: event.requestId,
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(event.timeoutMs - (performance.now() - start))),
  };
}
