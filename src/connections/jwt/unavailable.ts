/** The keys of an issuer cannot be had, so that nobody can say whether its tokens are good. */
export class IssuerUnavailable extends Error {
  constructor(reason: string, cause?: unknown) {
    super(`the issuer's keys cannot be had: ${reason}`, cause === undefined ? {} : { cause });
    this.name = 'IssuerUnavailable';
  }
}
