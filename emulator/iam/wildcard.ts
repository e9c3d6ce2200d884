/** IAM JSON policy elements, "Using wildcards": `*` is any run of characters, `?` exactly one. */
export function wildcard(pattern: string, flags = ''): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, `s${flags}`);
}

/** ArnLike: the six parts of an ARN are compared separately, so a `*` never crosses a colon between the first five. */
export function arnPattern(pattern: string): (arn: string) => boolean {
  const expected = arnParts(pattern).map((part) => wildcard(part));
  return (arn) => {
    const actual = arnParts(arn);
    return (
      expected.length === actual.length && expected.every((part, index) => part.test(actual[index] ?? ''))
    );
  };
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
