// Accounts on the page: added, changed, locked and ended by an admin; what the others see.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Postfix, Postroom, until } from '../harness/index.mjs';
import { Browser, assertAccessible, assertFits } from './browser.mjs';

const PASSWORD = 'correct horse battery';

let postfix, postroom, browser;

before(async () => {
	postfix = await Postfix.start();
	postroom = await Postroom.start(postfix);
	browser = await Browser.start(postroom);
});
after(() => browser?.close());

const account = async (name) => (await postroom.api('GET', `/users/${name}`)).body;

test('an account is added, changed, locked, given a password and ended; a weak password is refused with the reason', async () => {
	const page = await browser.open('/');
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	await page.getByRole('link', { name: 'Accounts …' }).click();
	await page.getByText('There is no account yet.').waitFor();
	const form = page.getByRole('form', { name: 'Add an account' });
	await form.getByLabel('Name', { exact: true }).fill('berta');
	await form.getByLabel('First password').fill('password1234');
	await form.getByRole('button', { name: 'Add', exact: true }).click();
	await form.getByText(/one of the commonest passwords/).waitFor();
	await form.getByLabel('First password').fill(PASSWORD);
	await form.getByRole('button', { name: 'Add', exact: true }).click();
	const row = page.getByRole('row', { name: /berta/ });
	await row.getByText('may sign in').waitFor();
	assert.equal((await account('berta')).role, 'operator');
	await assertAccessible(page, 'accounts');

	// Nothing happens before it is confirmed; Cancel has the focus.
	await row.getByLabel('Role of berta').selectOption('viewer');
	await page.getByRole('dialog').getByText(/signed out everywhere at once/).waitFor();
	await page.keyboard.press('Enter');
	await page.getByRole('dialog').waitFor({ state: 'detached' });
	assert.equal((await account('berta')).role, 'operator');
	assert.equal(await row.getByLabel('Role of berta').inputValue(), 'operator');
	await row.getByLabel('Role of berta').selectOption('viewer');
	await page.getByRole('button', { name: 'Change the role' }).click();
	await until('the role to be changed', async () => (await account('berta')).role === 'viewer');

	await row.getByRole('button', { name: 'Lock: berta' }).click();
	await assertAccessible(page, 'account question');
	await page.getByRole('dialog').getByRole('button', { name: 'Lock', exact: true }).click();
	await row.getByText('locked', { exact: true }).waitFor();
	await row.getByRole('button', { name: 'Unlock: berta' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Unlock', exact: true }).click();
	await row.getByText('may sign in').waitFor();
	await row.getByRole('button', { name: 'New password: berta' }).click();
	await page.getByRole('dialog').getByLabel('New password').fill('another long password');
	await page.getByRole('button', { name: 'Set the password' }).click();
	await page.getByText('berta has a new password.').waitFor();
	await row.getByRole('button', { name: 'Delete: berta' }).click();
	await page.getByRole('button', { name: 'Delete the account' }).click();
	await page.getByText('There is no account yet.').waitFor();
	assert.equal((await account('berta')).code, 'user_not_found');
	await browser.assertClean();
});

test('the last administrator stays, and that is said; on a phone it fits', async () => {
	await postroom.post('/users', { name: 'chief', role: 'admin', password: PASSWORD });
	const page = await browser.open('/?page=accounts', { size: [320, 640] });
	await page.getByRole('button', { name: 'Delete: chief' }).click();
	await page.getByRole('button', { name: 'Delete the account' }).click();
	await page.getByRole('dialog').getByText(/last account that may sign in as administrator stays/).waitFor();
	await page.getByRole('button', { name: 'Cancel', exact: true }).click();
	await assertFits(page, 'accounts');
	await browser.assertClean();
});

test('others see neither accounts nor the way to them', async () => {
	const page = await browser.open('/?page=accounts', { role: 'operator', name: 'worker' });
	await page.getByText('Only an administrator may see and change accounts.').waitFor();
	await page.locator('.top .menu summary', { hasText: 'Account' }).click();
	assert.equal(await page.getByRole('link', { name: 'Accounts …' }).count(), 0);
	await browser.assertClean();
});
