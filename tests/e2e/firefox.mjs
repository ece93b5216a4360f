// Debian's Firefox on the page of a running Postroom, over WebDriver BiDi. Whatever the page does wrong on the way
// fails the test: an error, a console message, a breach of the page's policy.
//
//   const firefox = await Firefox.start(postroom);
//   const page = await firefox.open('/');
//   await click(page, 'button', 'Sign in');
//   ...
//   await firefox.close();
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import puppeteer from 'puppeteer-core';
import { register, temporaryDirectory, until } from '../harness/index.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const EXECUTABLE = '/usr/bin/firefox-esr';
/* Generous: it costs time only when something is wrong, and a machine under load is not wrong. */
const TIMEOUT_MS = 60000;
const SETTINGS = {
	'layout.css.prefers-color-scheme.content-override': 1, /* light, whatever the machine likes */
};

export class Firefox {
	// A profile and a home of its own, as Firefox refuses root in the home of somebody else.
	static async start(postroom) {
		const firefox = new Firefox(postroom);
		firefox.browser = await puppeteer.launch({
			browser: 'firefox', executablePath: EXECUTABLE, headless: true, extraPrefsFirefox: SETTINGS,
			env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: temporaryDirectory('firefox') }, timeout: TIMEOUT_MS, protocolTimeout: TIMEOUT_MS,
		});
		register(() => firefox.browser.process()?.kill('SIGKILL'));
		return firefox;
	}

	// What went wrong on the pages so far.
	wrong = [];

	constructor(postroom) {
		this.postroom = postroom;
	}

	async open(path, { size = [1280, 860] } = {}) {
		const page = await this.browser.newPage();
		await page.setViewport({ width: size[0], height: size[1] });
		// Firefox tells a breach of the policy as an error of the page.
		page.on('pageerror', (error) => this.wrong.push(`page error: ${error.stack ?? error}`));
		page.on('console', (message) => {
			if (['error', 'warn'].includes(message.type()))
				this.wrong.push(`console: ${message.text()}`);
		});
		await page.goto(`${this.postroom.url}${path}`);
		return page;
	}

	// Fails when a page did anything wrong since the last look.
	assertClean() {
		assert.deepEqual(this.wrong.splice(0), []);
	}

	async close() {
		this.assertClean();
		await this.browser.close();
	}
}

// Waits for what has this role and name, as Firefox tells them to a screen reader.
export const find = (page, role, name) => until(`${role} "${name}"`, () => page.$(`::-p-aria([name="${name}"][role="${role}"])`));

// The pointer goes there and presses, until what it was meant for has heard it: what is drawn anew or moves meanwhile, and what is
// switched off, hears nothing.
export async function press(page, selector) {
	await until(`a click on ${selector}`, async () => {
		const found = await page.$(selector);
		const heard = await found?.evaluateHandle((element) => {
			const state = { heard: false };
			element.addEventListener('click', () => { state.heard = true; }, { once: true, capture: true });
			return state;
		});
		// A page that it leaves has heard it.
		return heard !== undefined && found.click().then(() => heard.evaluate((state) => state.heard).catch(() => true), () => false);
	});
}

// The same of what has this role and name; `within`: where there are several, as a selector.
export const click = (page, role, name, within = '') => press(page, `${within} ::-p-aria([name="${name}"][role="${role}"])`.trim());

// Waits until an element that the selector finds has such a text.
export const text = (page, selector, pattern) => until(`${pattern} in ${selector}`, async () => {
	const all = await page.$$eval(selector, (elements) => elements.map((element) => element.textContent));
	if (all.some((one) => pattern.test(one)))
		return true;
	throw new Error(`there is ${JSON.stringify(all.slice(0, 5))}`);
});

// Fails when axe finds what WCAG 2.2 AA forbids, or the page is wider than the window.
export async function assertGood(page, what) {
	await page.evaluate(`${AXE}; 0`);
	const found = await page.evaluate(async () => {
		const { violations } = await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
		const over = document.documentElement.scrollWidth - innerWidth;
		return [...violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`), ...(over > 0 ? [`${over} px too wide`] : [])];
	});
	assert.deepEqual(found, [], what);
}
