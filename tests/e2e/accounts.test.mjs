// Accounts on the page: managed by an admin, one's own sessions, tokens and one-time password; the three roles with and without a part of
// the queue; the audit; and a page whose account is taken away while it is open.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits, mark, rowOf } from './browser.mjs';

const readQr = createRequire(import.meta.url)('jsqr');
const PASSWORD = 'correct horse battery';
const CUSTOMER = 'domain:=customer.example';
const PHONE = [360, 740];

let postfix, postroom, browser, inside, outside, both;

before(async () => {
	postfix = await Postfix.start();
	[inside, outside, both] = await postfix.injectMany(3, (i) => ({
		from: 'shop@office.example',
		to: [['anna@customer.example'], ['bert@other.example'], ['anna@customer.example', 'bert@other.example']][i],
	}));
	postroom = await Postroom.start(postfix, { set: { 'access.otp': 'optional' } });
	for (const id of [inside, outside, both])
		await postroom.untilMessage(id, ({ queue }) => queue === 'deferred');
	browser = await Browser.start(postroom);
});
after(() => browser?.close());

const account = async (name) => (await postroom.api('GET', `/users/${name}`)).body;
const add = (name, more = {}) => postroom.post('/users', { name, role: 'operator', password: PASSWORD, ...more });
const menu = async (page) => {
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	return page.locator('.top .menu[open] .menu-list');
};

test('an account is added with a part of the queue, changed, locked, given a password and ended', async () => {
	const page = await browser.open('/');
	await (await menu(page)).getByRole('link', { name: 'Accounts', exact: true }).click();
	await page.getByText('There is no account yet.').waitFor();
	const form = page.getByRole('form', { name: 'Add an account' });
	await form.getByLabel('Name', { exact: true }).fill('berta');
	await form.getByLabel('First password').fill('password1234');
	await form.getByLabel('A part of the queue').check();
	const part = form.getByRole('combobox', { name: 'Only what this filter matches' });
	await part.fill('domain:=');
	// The filter is the one of the queue: with what could come next, what it means, and what it matches now.
	await page.getByRole('option', { name: /customer\.example/ }).click();
	await form.getByText('It matches 2 of 3 messages now.').waitFor();
	await form.getByRole('button', { name: 'Add', exact: true }).click();
	await form.getByText(/one of the commonest passwords/).waitFor();
	await form.getByLabel('First password').fill(PASSWORD);
	await form.getByRole('button', { name: 'Add', exact: true }).click();
	const row = page.getByRole('row', { name: /berta/ });
	await row.getByText('may sign in').waitFor();
	await row.getByText(CUSTOMER).waitFor();
	assert.equal((await account('berta')).scope, CUSTOMER);
	await assertAccessible(page, 'accounts');

	await row.getByRole('link', { name: 'berta' }).click();
	const allowed = page.getByRole('form', { name: 'What it may do and see' });
	assert.equal(await allowed.getByRole('button', { name: 'Save' }).isDisabled(), true, 'nothing is changed yet');
	await allowed.getByLabel('Everything').check();
	await allowed.getByLabel(/read mail/).uncheck();
	await allowed.getByLabel(/read the audit/).check();
	await allowed.getByText(/signed out everywhere at once/).waitFor();
	await assertAccessible(page, 'account');
	await allowed.getByRole('button', { name: 'Save' }).click();
	await page.getByText('berta is changed.').waitFor();
	const { scope, given, taken } = await account('berta');
	assert.deepEqual({ scope, given, taken }, { scope: null, given: ['audit'], taken: ['content'] });

	// Nothing happens before it is confirmed; Cancel has the focus.
	const ask = async (button) => {
		await page.getByRole('button', { name: button, exact: true }).first().click();
		return page.getByRole('dialog');
	};
	await (await ask('Lock')).getByText(/signed out everywhere at once/).waitFor();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	assert.equal((await account('berta')).locked, false);
	await (await ask('Lock')).getByRole('button', { name: 'Lock' }).click();
	await page.getByText('locked', { exact: true }).waitFor();
	await (await ask('Unlock')).getByRole('button', { name: 'Unlock' }).click();
	await page.getByText('may sign in', { exact: true }).waitFor();
	const password = await ask('New password');
	await password.getByLabel('New password').fill('another long password');
	await password.getByRole('button', { name: 'Set the password' }).click();
	await page.getByText('berta has a new password.').waitFor();
	await (await ask('Delete')).getByRole('button', { name: 'Delete the account' }).click();
	await page.getByText('There is no account yet.').waitFor();
	assert.equal((await account('berta')).code, 'user_not_found');
	await browser.assertClean();
});

test('the last administrator stays, and that is said; on a phone it fits', async () => {
	await add('chief', { role: 'admin' });
	const page = await browser.open('/?page=accounts&id=chief', { size: PHONE });
	await page.getByRole('button', { name: 'Delete', exact: true }).click();
	await page.getByRole('button', { name: 'Delete the account' }).click();
	await page.getByRole('dialog').getByText(/last account that may sign in as administrator stays/).waitFor();
	await page.getByRole('button', { name: 'Cancel', exact: true }).click();
	await assertFits(page, 'account');
	await page.getByRole('link', { name: 'All accounts' }).click();
	await page.getByRole('row', { name: /chief/ }).waitFor();
	await assertFits(page, 'accounts');
	await browser.assertClean();
});

// What each may do and see, by what the page offers and by what it says when it is gone to by its address.
const ROLES = {
	viewer: { acts: false, reads: false, pauses: false, manages: false },
	operator: { acts: true, reads: true, pauses: true, manages: false },
	admin: { acts: true, reads: true, pauses: true, manages: true },
};
const visible = (locator) => locator.first().isVisible();

for (const [role, may] of Object.entries(ROLES))
	for (const scope of [null, CUSTOMER])
		test(`${role}${scope ? ', who sees a part' : ''}: nothing is offered that is not allowed, and an address says why`, async () => {
			const name = `${role}${scope ? '-part' : ''}`;
			await add(name, { role, scope });
			const page = await browser.signIn(name, PASSWORD, { path: `/?filter=${encodeURIComponent('from:office.example')}` });
			const refused = [];
			page.on('response', (response) => { if (response.status() === 403) refused.push(response.url()); });
			await rowOf(page, inside).waitFor();
			await rowOf(page, both).waitFor();
			assert.equal(await rowOf(page, outside).count(), scope ? 0 : 1);
			assert.equal(await visible(page.getByText('You see only mail to customer.example')), scope !== null);
			assert.equal((await page.locator('body').innerText()).includes('other.example'), scope === null, 'what is outside is nowhere');
			const list = await menu(page);
			await list.getByText(new RegExp(`^Signed in as ${name} \\(${role === 'admin' ? 'administrator' : role}\\)$`)).waitFor();
			const manages = may.manages && !scope;
			assert.equal(await visible(list.getByRole('link', { name: 'Accounts', exact: true })), manages);
			assert.equal(await visible(list.getByRole('link', { name: 'Audit', exact: true })), manages);
			await page.keyboard.press('Escape');
			await page.locator('.toolbar summary[aria-label="More"]').click();
			assert.equal(await visible(page.getByRole('button', { name: /postqueue -f/ })), may.acts && !scope, 'flush');

			await page.goto(`${postroom.url}/?page=message&id=${inside}`);
			await page.getByRole('heading', { level: 1 }).waitFor();
			await page.getByRole('button', { name: 'Hold', exact: true }).or(page.getByText('You may look, but not act.')).first().waitFor();
			assert.equal(await visible(page.getByRole('button', { name: 'Hold', exact: true })), may.acts);
			assert.equal(await visible(page.getByRole('button', { name: /Hold back/ })), may.pauses && !scope);
			await page.getByText('Reading mail is a right of its own').or(page.getByRole('tab', { name: 'Text' })).first().waitFor();
			assert.equal(await visible(page.getByRole('tab', { name: 'Text' })), may.reads);
			for (const [address, says] of [['accounts', /manage accounts, which your account does not have/], ['audit', /read the audit, which your account does not have/]]) {
				await page.goto(`${postroom.url}/?page=${address}`);
				await page.getByText(says).or(page.getByRole('table')).first().waitFor();
				assert.equal(await visible(page.getByText(says)), !manages);
				assert.equal(await visible(page.getByText('Whoever manages the accounts of this Postroom can change that.')), !manages);
			}
			await page.goto(`${postroom.url}/?page=settings`);
			await page.getByRole('cell', { name: /maximal_queue_lifetime/ }).or(page.getByText('maximal_queue_lifetime')).first().waitFor();
			assert.equal(await visible(page.getByText('Changing them is about all of the queue')), scope !== null);
			await page.goto(`${postroom.url}/?page=alerts`);
			await page.getByText('what concerns all of it is not for such an account').or(page.getByText('Nobody is called yet')).first().waitFor();
			assert.equal(await page.getByRole('navigation').getByRole('link', { name: 'Alerts' }).count(), scope ? 0 : 1);
			await page.goto(`${postroom.url}/`);
			await rowOf(page, inside).waitFor();
			await page.locator('.rates.host').waitFor(); /* the figures come by themselves */
			assert.equal(await page.locator('.rates').getByText('received').count(), scope ? 0 : 1, 'rates are of the whole host');
			assert.equal(await page.locator('.strip').count(), scope ? 0 : 1, 'so is the depth over time');
			assert.deepEqual(refused, [], 'the page asks for nothing that this account is refused');
			if (scope)
				await assertAccessible(page, `${role} with a part`);
			await browser.assertClean();
			await page.context().close();
		});

test('who sees a part is told why nothing is done to a message that also goes to others', async () => {
	await add('desk', { scope: CUSTOMER });
	const page = await browser.signIn('desk', PASSWORD, { path: `/?filter=${encodeURIComponent('from:office.example')}` });
	await mark(page, [both]);
	await page.keyboard.press('h');
	const dialog = page.getByRole('dialog');
	await dialog.getByText('1 also goes to recipients outside of what you see: nothing is done to it.').waitFor();
	assert.equal(await dialog.getByText('in the queue any more').count(), 0, 'it is in the queue');
	assert.equal(await dialog.getByRole('button', { name: /^Hold/ }).isDisabled(), true);
	await browser.assertClean();
	await page.context().close();
});

// The code that an authenticator app shows (RFC 6238), `steps` of 30 s from now.
function codeOf(secret, steps = 0) {
	const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
	const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
	const mac = createHmac('sha1', key).update(counter).digest();
	return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

// What a camera would read: the picture as it stands on the page.
async function readPicture(page, locator) {
	const picture = (await locator.screenshot()).toString('base64');
	const { width, height, data } = await page.evaluate(async (text) => {
		const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], { type: 'image/png' }));
		const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
		canvas.drawImage(bitmap, 0, 0);
		return { width: bitmap.width, height: bitmap.height, data: [...canvas.getImageData(0, 0, bitmap.width, bitmap.height).data] };
	}, picture);
	return readQr(Uint8ClampedArray.from(data), width, height)?.data;
}

test('a one-time password is set up by a picture, asked for at the next sign-in, and taken off', async () => {
	await add('otto');
	const page = await browser.signIn('otto', PASSWORD, { path: '/?page=account' });
	await page.getByRole('button', { name: 'Set it up' }).click();
	const first = page.getByRole('form', { name: 'One-time password' });
	await first.getByLabel('Your present password').fill('a guess of the thief');
	await first.getByRole('button', { name: 'Go on' }).click();
	await first.getByText('That is not your present password.').waitFor();
	await first.getByLabel('Your present password').fill(PASSWORD);
	await first.getByRole('button', { name: 'Go on' }).click();
	const picture = page.getByRole('img', { name: /QR code/ });
	await picture.waitFor();
	await assertAccessible(page, 'setting up a one-time password');
	const address = new URL(await readPicture(page, picture));
	assert.equal(address.protocol, 'otpauth:');
	const secret = address.searchParams.get('secret');
	assert.equal((await page.locator('.secret-key').innerText()).replaceAll(' ', ''), secret);
	const form = page.getByRole('form', { name: 'One-time password' });
	await form.getByRole('textbox', { name: 'Code' }).fill('000000');
	await form.getByRole('button', { name: 'Confirm' }).click();
	await form.getByText(/not what the app shows now/).waitFor();
	await form.getByRole('textbox', { name: 'Code' }).fill(codeOf(secret));
	await form.getByRole('button', { name: 'Confirm' }).click();
	await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
	const codes = await page.locator('.codes li').allInnerTexts();
	assert.equal(codes.length, 10);
	await page.getByRole('button', { name: 'I have kept them' }).click();
	await page.getByText('10 recovery codes are left.').waitFor();

	const other = await browser.signIn('otto', PASSWORD, { code: '000000', path: '/?page=account' });
	await other.getByText('This code is not right now.').waitFor();
	await assertAccessible(other, 'the second step');
	await other.getByRole('textbox', { name: 'Code' }).fill(codes[3]);
	await other.getByRole('button', { name: 'Sign in' }).click();
	await other.getByText('9 recovery codes are left.').waitFor();
	await other.getByRole('button', { name: 'Take it off …' }).click();
	await other.getByRole('dialog').getByLabel('Your present password').fill(PASSWORD);
	await other.getByRole('dialog').getByRole('textbox', { name: 'Code' }).fill(codes[5]);
	await other.getByRole('dialog').getByRole('button', { name: 'Take it off' }).click();
	await other.getByText('Your one-time password is taken off.').waitFor();
	await browser.assertClean();
	await Promise.all([page, other].map((each) => each.context().close()));
});

test('my account: other sessions are signed out at once, a token is shown once and ended', async () => {
	await add('mona');
	const [page, other] = [await browser.signIn('mona', PASSWORD), await browser.signIn('mona', PASSWORD, { size: PHONE })];
	await page.goto(`${postroom.url}/?page=account`);
	const sessions = page.getByRole('region', { name: 'Sessions' });
	await sessions.getByText('this one').waitFor();
	assert.equal(await sessions.getByRole('row').count(), 3);
	await assertAccessible(page, 'my account');
	await sessions.getByRole('button', { name: /^Sign out: Chrome \d+, Linux, 127\.0\.0\.1/ }).click();
	await other.getByText('Your session has ended.').waitFor();
	await page.getByText('1 session has ended.').waitFor();

	const form = page.getByRole('form', { name: 'New token' });
	await form.getByLabel('What it is for').fill('monitoring');
	await form.getByRole('button', { name: 'Make it' }).click();
	const made = page.getByRole('dialog', { name: 'The token for “monitoring”' });
	const token = await made.locator('.made-token code').innerText();
	await assertAccessible(page, 'a new token');
	assert.equal((await postroom.api('GET', '/queue', undefined, { token })).status, 200);
	await made.getByRole('button', { name: 'I have copied it' }).click();
	await page.getByRole('button', { name: 'End the token: monitoring' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
	await page.getByText('The token “monitoring” has ended.').waitFor();
	assert.equal((await postroom.api('GET', '/queue', undefined, { token })).status, 401);
	await page.setViewportSize({ width: PHONE[0], height: PHONE[1] });
	await assertFits(page, 'my account');
	await browser.assertClean();
	await Promise.all([page, other].map((each) => each.context().close()));
});

test('one\'s own password is changed by the present one; who came by a link has none', async () => {
	const NEXT = 'another long password';
	await add('petra');
	const [page, other] = [await browser.signIn('petra', PASSWORD), await browser.signIn('petra', PASSWORD, { size: PHONE })];
	await page.goto(`${postroom.url}/?page=account`);
	await page.getByText('by password', { exact: true }).first().waitFor();
	await page.getByRole('button', { name: 'Change it …' }).click();
	const form = page.getByRole('form', { name: 'Password' });
	const fill = async (present, next, again = next) => {
		await form.getByLabel('Your present password').fill(present);
		await form.getByLabel('New password').fill(next);
		await form.getByLabel('The new one again').fill(again);
		await form.getByRole('button', { name: 'Change the password' }).click();
	};
	await fill(PASSWORD, NEXT, `${NEXT}s`);
	await form.getByText('The two are not the same.').waitFor();
	await fill('not the one it is', NEXT);
	await form.getByText('That is not your present password.').waitFor();
	await assertAccessible(page, 'a wrong present password');
	await fill(PASSWORD, 'petra and her friends');
	await form.getByText('a password must not contain the name').waitFor();
	await fill(PASSWORD, NEXT);
	await page.getByText('Your password is changed, and 1 other session has ended.').waitFor();
	await other.getByText('Your session has ended.').waitFor();
	/* The list is read anew meanwhile. */
	await until('one session beside the head', async () => (await page.getByRole('region', { name: 'Sessions' }).getByRole('row').count()) === 2);
	await Promise.all([page, other].map((each) => each.context().close()));
	await (await browser.signIn('petra', NEXT)).context().close();
	const link = await browser.open('/?page=account', { size: PHONE });
	await link.getByText('You came by a sign-in link and have no password here.').waitFor();
	await link.getByText('by a sign-in link', { exact: true }).first().waitFor();
	await assertFits(link, 'my account, by a link');
	await browser.assertClean();
	await link.context().close();
});

test('a token is offered what its owner has, and no more', async () => {
	await add('tina', { scope: CUSTOMER, taken: ['content'] });
	const page = await browser.signIn('tina', PASSWORD, { path: '/?page=account' });
	await page.getByText('mail to customer.example').nth(1).waitFor();
	const form = page.getByRole('form', { name: 'New token' });
	await form.waitFor(); /* it comes with the tokens */
	assert.deepEqual(await form.getByLabel('Role').locator('option').allInnerTexts(), ['viewer', 'operator']);
	await form.getByLabel('Role').selectOption('operator');
	await form.getByText('All that you see').waitFor();
	await form.getByLabel('What it is for').fill('script');
	await form.getByLabel('A part of the queue').check();
	await form.getByRole('combobox', { name: 'Only what this filter matches' }).fill('from:office.example');
	await form.getByText(/It matches \d of \d messages? now/).waitFor();
	assert.equal(await form.getByRole('checkbox').count(), 0, 'neither to read mail nor to hold it back');
	await form.getByRole('button', { name: 'Make it' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'I have copied it' }).click();
	const row = page.getByRole('region', { name: 'Tokens' }).getByRole('row', { name: /script/ });
	await row.getByText('not: read mail').waitFor();
	await row.getByText('from:office.example').waitFor();
	await browser.assertClean();
	await page.context().close();
});

// How fast it is, tests/bench/access measures. Here: only by being told can these pages know, and nothing is answered to them afterwards.
test('whose account is locked loses the open page at once, all of it, and is told so', async () => {
	await add('leaver');
	const page = await browser.signIn('leaver', PASSWORD);
	/* Nothing that asks again and again: a page that nobody told would stay open for ever. */
	await page.context().addInitScript(() => { globalThis.setInterval = () => 0; });
	await page.reload();
	await rowOf(page, inside).waitFor();
	const second = await page.context().newPage();
	browser.watch(second);
	await second.goto(`${postroom.url}/?page=message&id=${inside}`);
	await second.getByRole('button', { name: 'Hold', exact: true }).waitFor();
	/* What was answered, and what of it to questions that were asked when it was over. */
	const answers = new Map([[page, []], [second, []]]);
	const [late, answered] = [new Set(), []];
	let over = false;
	const isTheirs = (request) => /\/(api\/v1\/(?!login\/)|print)/.test(request.url());
	for (const [each, all] of answers) {
		each.on('request', (request) => { if (over) late.add(request); });
		each.on('response', (response) => {
			if (isTheirs(response.request()))
				all.push(response.status());
			if (isTheirs(response.request()) && late.has(response.request()))
				answered.push(`${response.status()} ${response.url()}`);
		});
	}
	await postroom.put('/users/leaver', { locked: true });
	over = true;
	for (const each of [page, second]) {
		await each.getByText('Your session has ended.').waitFor();
		assert.equal(await each.locator('.shell').count(), 0);
		assert.equal((await each.locator('body').innerText()).includes(inside), false);
		assert.ok(answers.get(each).includes(401), `it asked, and was refused: ${answers.get(each)}`);
		/* Whatever else he tries in that window. */
		assert.equal(await each.evaluate(async (id) => {
			const reply = await fetch(`api/v1/messages/${id}`);
			await reply.text();
			return reply.status;
		}, inside), 401);
	}
	assert.deepEqual(answered.filter((each) => !each.startsWith('401 ')), []);
	assert.ok(answered.length >= 2);
	await browser.assertClean();
	await page.context().close();
});

test('the audit: who did what, found again by person, message and job, with filters in the address', async () => {
	await add('worker');
	const worker = await browser.signIn('worker', PASSWORD, { path: `/?page=message&id=${outside}` });
	await worker.getByRole('button', { name: 'Hold', exact: true }).click();
	await postroom.untilMessage(outside, ({ queue }) => queue === 'hold');
	await worker.context().close();
	const page = await browser.open(`/?page=message&id=${outside}`);
	await page.getByRole('link', { name: 'Who did what with it' }).click();
	const list = page.getByRole('region', { name: 'Records' });
	const row = list.getByRole('row', { name: /worker.*started a job/ });
	await row.waitFor();
	assert.match(new URL(page.url()).search, new RegExp(`message=${outside}`));
	await page.getByText('whole, not sealed yet').waitFor();
	await assertAccessible(page, 'the audit');
	await row.getByRole('button', { name: 'worker' }).click();
	await until('the person in the address', () => new URL(page.url()).searchParams.get('who') === 'worker');
	await page.getByRole('textbox', { name: 'Message' }).fill('');
	await list.getByRole('row', { name: /worker.*signed in/ }).waitFor();
	await page.getByRole('combobox', { name: 'What' }).selectOption('sign_in');
	await list.getByRole('row', { name: /started a job/ }).waitFor({ state: 'detached' });
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export as CSV' }).click()]);
	assert.match(download.suggestedFilename(), /\.csv$/);
	await page.getByRole('textbox', { name: 'Who' }).fill('');
	await page.getByRole('combobox', { name: 'What' }).selectOption('refused');
	/* Each browser that asked before its sign-in; not the service. */
	await list.getByRole('row', { name: /nobody known from \S+ was refused \d+ \(\d+ with 401/ }).first().waitFor();
	await page.setViewportSize({ width: PHONE[0], height: PHONE[1] });
	await assertFits(page, 'the audit');
	await browser.assertClean();
});

test('where a one-time password is required, nothing else is shown before it is set up', async () => {
	postroom.keys['access.otp'] = 'required';
	postroom.writeConfig();
	await postroom.stop();
	await postroom.up();
	await add('late');
	const page = await browser.signIn('late', PASSWORD, { until: '.must', size: PHONE });
	assert.equal(await page.locator('.shell').count(), 0);
	await page.getByLabel('Your present password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Go on' }).click();
	await page.locator('.secret-key').waitFor();
	await assertAccessible(page, 'a required one-time password');
	await assertFits(page, 'a required one-time password');
	await page.getByRole('textbox', { name: 'Code' }).fill(codeOf((await page.locator('.secret-key').innerText()).replaceAll(' ', '')));
	await page.getByRole('button', { name: 'Confirm' }).click();
	await page.getByRole('button', { name: 'I have kept them' }).click();
	await rowOf(page, inside).waitFor();
	await browser.assertClean();
});
