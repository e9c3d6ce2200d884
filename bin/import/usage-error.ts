/** What whoever runs the command can mend; shown without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
