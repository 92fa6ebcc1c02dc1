/**
 * The cookie that binds a login to the browser where it began. `SameSite=Lax`: the provider sends the browser back from
 * another site, by GET. `__Host-`: no other host of the domain, and nobody without TLS, can put one in its place.
 */
export class LoginCookie {
  private readonly name: string;
  private readonly attributes: string;

  constructor(connection: string, publicUrl: string) {
    const secure = publicUrl.startsWith('https:');
    this.name = `${secure ? '__Host-' : ''}idp-bridge-login-${connection}`;
    this.attributes = `; Path=/; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
  }

  /** The header that sets it. */
  set(value: string, seconds: number): string {
    return `${this.name}=${value}; Max-Age=${seconds}${this.attributes}`;
  }

  /** The header that ends it. */
  get end(): string {
    return this.set('', 0);
  }

  /** Its value in a request's header. */
  valueIn(header: string | undefined): string | undefined {
    const pairs = (header ?? '').split(';').map((pair) => pair.trim());
    const found = pairs.find((pair) => pair.startsWith(`${this.name}=`));
    return found?.slice(this.name.length + 1) || undefined;
  }
}
