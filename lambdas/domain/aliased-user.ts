/**
 * Whose room `user_<id>` is: the name that one of the documents (fama) has for the room that another (notifications) calls by
 * the user's id alone. Undefined for any other name. An issuer's ids may begin so themselves: a name is never only an alias.
 */
export function aliasedUser(room: string): string | undefined {
  return /^user_(.+)$/s.exec(room)?.[1];
}
