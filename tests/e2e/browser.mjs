// A browser on the page of a running Postroom. Whatever the page does wrong on the way fails the test: an
// error, a console message (the policy speaks there), a reply that is not what the contract says.
//
//   const browser = await Browser.start(postroom);
//   const page = await browser.open('/?filter=queue:hold');
//   ...
//   await browser.close();
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { checkReply, register, until } from '../harness/index.mjs';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
export const EXECUTABLE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
export const ARGUMENTS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
	'--disable-component-update', '--disable-sync'];
/* Generous: it costs time only when something is wrong, and a machine under load is not wrong. */
const TIMEOUT_MS = 60000;
/* Within this a page is drawn anew, on a machine under load too. */
export const REDRAWN_MS = 15000;
// The browser reports every reply of 400 and more by itself; those are the server's answers, judged by the tests.
const OF_NO_MATTER = /^Failed to load resource: (the server responded with a status of|net::ERR_)/;

export class Browser {
	// `url`, `base`: where it is behind a proxy, with a certificate of the test's own.
	static async start(postroom, { url = postroom.url, base = '', args = [] } = {}) {
		const browser = new Browser(postroom);
		browser.url = url;
		browser.base = base;
		browser.chromium = await chromium.launch({ executablePath: EXECUTABLE, args: [...ARGUMENTS, ...args] });
		register(() => browser.chromium.process?.()?.kill('SIGKILL'));
		return browser;
	}

	// What went wrong on the pages so far.
	wrong = [];
	// Console messages that a test provokes on purpose.
	allowed = [];
	#checks = [];

	constructor(postroom) {
		this.postroom = postroom;
	}

	// Signs in by a one-time link and opens an address. `size`: [width, height]; `role`: what the account may do; `locale`: the
	// browser's, by which the page chooses its language.
	async open(path = '/', { size = [1280, 860], dark = false, role = 'admin', name = 'tester', locale = 'en-GB' } = {}) {
		const viewport = { width: size[0], height: size[1] };
		const context = await this.chromium.newContext({ viewport, colorScheme: dark ? 'dark' : 'light', acceptDownloads: true, ignoreHTTPSErrors: true, locale });
		context.setDefaultTimeout(TIMEOUT_MS);
		const page = await context.newPage();
		this.watch(page);
		const link = await this.postroom.post('/login-links', { name, role });
		await page.goto(`${this.url}${link.path}`);
		await page.locator('.top nav a').first().waitFor();
		assert.equal(new URL(page.url()).hash, '', 'the secret stays in the address');
		if (path !== '/')
			await page.goto(`${this.url}${this.base}${path}`);
		return page;
	}

	// Signs in as an account, by its password; with `code` by a second step as well, which need not succeed. `until`: what is there then.
	async signIn(name, password, { path = '/', size = [1280, 860], code, until = '.top nav a' } = {}) {
		const context = await this.chromium.newContext({ viewport: { width: size[0], height: size[1] }, acceptDownloads: true, ignoreHTTPSErrors: true, locale: 'en-GB' });
		context.setDefaultTimeout(TIMEOUT_MS);
		const page = await context.newPage();
		this.watch(page);
		await page.goto(`${this.url}${this.base}${path}`);
		await page.getByLabel('Name').fill(name);
		await page.getByLabel('Password').fill(password);
		await page.getByRole('button', { name: 'Sign in' }).click();
		if (code === undefined) {
			await page.locator(until).first().waitFor();
			return page;
		}
		await page.getByRole('textbox', { name: 'Code' }).fill(code);
		await page.getByRole('button', { name: 'Sign in' }).click();
		return page;
	}

	watch(page) {
		page.on('pageerror', (error) => this.wrong.push(`page error: ${error.stack}`));
		page.on('console', (message) => {
			const text = message.text();
			if (['error', 'warning'].includes(message.type()) && !OF_NO_MATTER.test(text) && !this.allowed.some((pattern) => pattern.test(text)))
				this.wrong.push(`console: ${text}`);
		});
		// What is still being read when another document has come may never end: the browser tells nobody.
		let leave;
		let left = new Promise((resolve) => { leave = resolve; });
		page.on('domcontentloaded', () => {
			leave(null);
			left = new Promise((resolve) => { leave = resolve; });
		});
		page.on('response', (response) => this.#checks.push(this.#check(response, left)));
	}

	async #check(response, left) {
		const { pathname: whole, search } = new URL(response.url());
		const pathname = whole.startsWith(`${this.base}/`) ? whole.slice(this.base.length) : whole;
		if (!pathname.startsWith('/api/v1/') || pathname.endsWith('/events'))
			return;
		// A reply whose page has gone on meanwhile has no body any more.
		const body = await Promise.race([response.text().catch(() => null), left]);
		if (body === null)
			return;
		try {
			checkReply(response.request().method(), pathname + search, response.status(), response.headers()['content-type'], body);
		} catch (error) {
			this.wrong.push(error.message);
		}
	}

	// Fails when a page did anything wrong since the last look.
	async assertClean() {
		await Promise.all(this.#checks.splice(0));
		assert.deepEqual(this.wrong.splice(0), []);
	}

	async close() {
		await this.assertClean();
		await this.chromium.close();
	}
}

// Fails when axe finds what WCAG 2.2 AA forbids. axe is run by the debugger, so the page's policy holds meanwhile.
export async function assertAccessible(page, what) {
	await page.evaluate(`${AXE}; 0`);
	const found = await page.evaluate(async () => {
		const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
		return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
	});
	assert.deepEqual(found, [], what);
}

// Fails when the page is wider than the window, and stays so: after a change of width it is drawn anew a moment later.
export const assertFits = (page, what) => until(`${what} to fit`, async () => {
	const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	assert.ok(over <= 0, `${what} is ${over} px too wide`);
	return true;
}, { timeout: REDRAWN_MS });

// The row of a message in the table. The whole ID in its own letters: `hasText` alone would find it in others too.
export const rowOf = (page, id) => page.locator('[role=row]', { has: page.locator('.c-id .id', { hasText: new RegExp(`^${id}$`) }) });

// Marks messages in the table, each seen to be marked before the next: marking is what keeps rows from moving.
export async function mark(page, ids) {
	for (const id of ids) {
		await rowOf(page, id).getByRole('checkbox').click();
		await rowOf(page, id).and(page.locator('.marked')).waitFor();
	}
}

// The pointer presses until what it was meant for has heard it: what moves between the press and the release hears nothing.
export async function hit(locator) {
	await until(`a click on ${locator}`, async () => {
		const heard = await locator.evaluateHandle((element) => {
			const state = { heard: false };
			element.addEventListener('click', () => { state.heard = true; }, { once: true, capture: true });
			return state;
		});
		await locator.click();
		return heard.evaluate((state) => state.heard);
	});
}

// A dialog's button once it may be pressed.
export async function press(dialog, name) {
	await dialog.getByRole('button', { name, exact: true }).click();
}

// The drawer of jobs, by its place in the head: the toast that offers it goes by itself.
export async function openJobs(page) {
	await page.getByRole('navigation', { name: 'Pages', exact: true }).getByRole('button', { name: 'Jobs' }).click();
	return page.getByRole('complementary', { name: 'Jobs' });
}
