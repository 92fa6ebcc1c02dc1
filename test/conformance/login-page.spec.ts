import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestBridge, type TestBridge } from '../support/bridge.js';
import { freePort } from '../support/free-port.js';
import { CLIENT, OpenIdProvider } from '../support/openid-provider.js';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

describe('the login in Chromium', () => {
  let provider: OpenIdProvider;
  let bridge: TestBridge;
  let chrome: Browser;
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    provider = await OpenIdProvider.start([`${url}/oidc/callback`]);
    bridge = await startTestBridge({
      env: {
        PORT: String(port),
        PUBLIC_URL: url,
        OIDC_ISSUER: provider.issuer,
        OIDC_CLIENT_ID: CLIENT.id,
        OIDC_CLIENT_SECRET: CLIENT.secret,
      },
    });
    bridge.simulator.admin.setGroupSync({ field: 'groups' });
    chrome = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await chrome?.close();
    await bridge?.close();
    await provider?.stop();
  });
  let page: Page;
  /** What the page complained of: a blocked script, style or frame. */
  let complaints: string[];
  beforeEach(async () => {
    page = await chrome.newPage();
    complaints = [];
    page.on('console', (message) => {
      // The provider's own pages complain too.
      if (message.location().url.startsWith(url)) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(() => page.close());

  async function logIn(login: string): Promise<void> {
    await page.goto(`${url}/oidc/login`);
    await page.fill('input[name=login]', login);
    await page.fill('input[name=password]', 'any');
    await page.click('button[type=submit]');
    await page.waitForURL(`${url}/oidc/callback?**`);
  }
  const claims = () =>
    page.$$eval('#claims tr', (rows) =>
      rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent)),
    );

  it('shows a person what was read of them, who they are, and by itself when it is in Coder', async () => {
    await bridge.scim.postUser('ada@corp.example', { externalId: 'ada' });
    await bridge.untilSettled();
    provider.people.set('ada', { name: 'Ada Lovelace', email: 'ada@corp.example', email_verified: true });
    await bridge.admin.post('/api/v1/connections/default/pause');
    await logIn('ada');
    expect(await page.textContent('h1')).toBe('What your identity provider says of you');
    expect(await page.textContent('#tied')).toBe(
      'You are ada@corp.example in the directory, found by your id at the identity provider.',
    );
    expect(await page.textContent('#outcome')).toBe('It is recorded.');
    expect(await claims()).toEqual([
      ['sub', 'ada'],
      ['name', 'Ada Lovelace'],
      ['email', 'ada@corp.example'],
      ['email_verified', 'true'],
    ]);
    const status = page.frameLocator('iframe').locator('#status');
    expect(await status.textContent()).toBe('It is on its way to Coder.');
    await bridge.admin.post('/api/v1/connections/default/resume');
    await status.getByText('It is in Coder.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows what access follows, first on its way and then by itself in Coder', async () => {
    const { admin } = bridge.simulator;
    admin.createGroup({ name: 'eng' });
    await bridge.scim.postUser('bob@corp.example', { externalId: 'bob' });
    await bridge.untilSettled();
    provider.people.set('bob', { groups: ['eng', '<img src=x>'] });
    await bridge.admin.post('/api/v1/connections/default/pause');
    await logIn('bob');
    const frame = page.frameLocator('iframe');
    await frame.locator('#undecided').waitFor();
    await bridge.admin.post('/api/v1/connections/default/resume');
    await frame.getByText('It is in Coder.').waitFor();
    const cells = (table: string) => frame.locator(`#${table} th, #${table} td`).allTextContents();
    expect((await cells('following')).map((cell) => cell.trim())).toEqual([
      expect.stringMatching(/^Group eng \(organization \w+\)$/),
      'in Coder',
      'claim "groups", value "eng": the group of this name',
    ]);
    expect((await cells('nothing')).map((cell) => cell.trim())).toContainEqual(
      expect.stringMatching(/^<img src=x>: Groups \(organization \w+\)$/),
    );
    expect(await frame.locator('img').count()).toBe(0);
    // All of it can be reached in the frame.
    const box = await page.locator('iframe').boundingBox();
    expect(box?.height).toBeGreaterThan(300);
    expect(complaints).toEqual([]);
  });

  it('shows what is hostile as text, and runs nothing of it', async () => {
    const hostile = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    provider.people.set('eve', { name: hostile, preferred_username: '"><iframe srcdoc=x>' });
    await logIn('eve');
    expect(await page.textContent('#tied')).toContain('You are not in the directory yet.');
    expect(await claims()).toEqual([
      ['sub', 'eve'],
      ['name', hostile],
      ['preferred_username', '"><iframe srcdoc=x>'],
    ]);
    expect(await page.$$('iframe, img, script')).toEqual([]);
    expect(await page.title()).toBe('What your identity provider says of you');
    expect(complaints).toEqual([]);
  });

  it('says so when the page is loaded again, and leads to a new login', async () => {
    await logIn('eve');
    await page.reload();
    expect(await page.textContent('#reason')).toContain('did not begin in this browser');
    await page.click('a[href=login]');
    // The provider still knows who it is.
    await page.waitForURL(`${url}/oidc/callback?**`);
    expect(await page.textContent('#outcome')).toMatch(/recorded|the same/);
  });
});
