// What a caller can get wrong about lists, groups and views: each is refused with its reason, and every
// reply is checked against api/openapi.yaml.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Postfix, Postroom, plant, queueFile, until } from '../harness/index.mjs';

let postfix, postroom;

before(async () => {
	postfix = await Postfix.start();
	await postfix.injectDeferred({ from: 'news@shop.example', to: ['a@full.example', 'b@other.example'] });
	await postfix.injectDeferred({ from: '', to: ['c@full.example'] });
	postroom = await Postroom.start(postfix);
});

after(async () => {
	await postroom?.stop();
	await postfix?.stop();
});

async function refused(method, path, body, status, code) {
	const reply = await postroom.api(method, path, body);
	assert.equal(reply.status, status, `${method} ${path}: ${JSON.stringify(reply.body)}`);
	assert.equal(reply.body.code, code);
	return reply.body;
}

const q = encodeURIComponent;

test('a wrong filter is answered with its column and what was expected, everywhere', async () => {
	const cases = [['form:x', 1, /a field/], ['a (b', 3, /closing \)/], ['é size>10q', 8, /a size/], ['from:', 6, /a text/],
		['a or', 5, /a term/], ['"', 1, /closing "/], [`${'('.repeat(100)}a`, 65, /parentheses/]];
	for (const [filter, column, expected] of cases)
		for (const [method, path, body] of [['GET', `/messages?filter=${q(filter)}`], ['GET', `/groups?by=queue&filter=${q(filter)}`], ['POST', '/views', { filter }]]) {
			const problem = await refused(method, path, body, 400, 'invalid_filter');
			assert.equal(problem.column, column, filter);
			assert.match(problem.expected, expected);
		}
});

test('a filter of 4,096 characters is read in an address, one of 65,536 bytes in a body', async () => {
	assert.equal((await postroom.get(`/messages?filter=${'x'.repeat(4096)}`)).matched, 0);
	assert.equal((await refused('GET', `/messages?filter=${'x'.repeat(4097)}`, undefined, 400, 'invalid_filter')).column, 4097);
	assert.equal((await postroom.api('POST', '/views', { filter: 'é'.repeat(32768) })).status, 201);
	await refused('POST', '/views', { filter: `${'é'.repeat(32768)}x` }, 400, 'invalid_value');
	assert.equal((await refused('POST', '/views', { filter: `${'a '.repeat(10000)}b` }, 400, 'invalid_filter')).column, 20001);
});

test('bounds, orders and keys are checked', async () => {
	for (const query of ['limit=0', 'limit=1001', 'limit=x', 'limit=-1', 'sort=color', 'sort=--size'])
		await refused('GET', `/messages?${query}`, undefined, 400, 'invalid_value');
	for (const key of ['x', 'a-0.0.', 'a-zz.0.AAAAA1', '../../etc'])
		await refused('GET', `/messages?after=${q(key)}`, undefined, 400, 'invalid_cursor');
	await refused('GET', '/messages?after=%00', undefined, 400, 'bad_request');
	// The key of one order is none of another.
	const { body } = await postroom.api('GET', '/messages?limit=1&sort=size');
	assert.ok(body.next);
	await refused('GET', `/messages?sort=-size&after=${q(body.next)}`, undefined, 400, 'invalid_cursor');
	await refused('GET', '/groups?by=color', undefined, 400, 'invalid_value');
	await refused('GET', '/groups', undefined, 400, 'invalid_value');
	for (const by of ['age,', ',age', 'age,age', 'age,color', 'age,queue,login', 'age;queue'])
		await refused('GET', `/groups?by=${q(by)}`, undefined, 400, 'invalid_value');
	for (const more of ['limit=1001', 'columns=0', 'columns=51', 'filter=form:x'])
		await refused('GET', `/groups?by=age,queue&${more}`, undefined, 400, more.startsWith('filter') ? 'invalid_filter' : 'invalid_value');
	await refused('GET', '/messages?colour=red', undefined, 400, 'unknown_parameter');
	await refused('POST', '/views', { filter: '', order: 'size' }, 400, 'unknown_member');
	await refused('POST', '/groups', {}, 400, 'missing_member');
	for (const body of [{ by: 'color' }, { by: 'age', limit: 0 }, { by: 'age', columns: 51 }, { by: 'x'.repeat(81) }])
		await refused('POST', '/groups', body, 400, 'invalid_value');
	assert.deepEqual((await postroom.api('POST', '/groups', { by: 'queue,age', filter: 'from:<>' })).body, await postroom.get(`/groups?by=queue,age&filter=${q('from:<>')}`));
	await refused('POST', '/views', { filter: 7 }, 400, 'invalid_value');
});

test('an ID that is none, and one that is in no queue', async () => {
	for (const id of ['ALL', '-', 'a;b', 'AAAAA1\n', 'A'.repeat(500)])
		await refused('GET', `/messages/${q(id)}`, undefined, 400, 'invalid_id');
	await refused('GET', '/messages/%00', undefined, 400, 'bad_request');
	await refused('GET', '/messages/AAAAAA1', undefined, 404, 'message_not_found');
});

test('a view that is gone says so', async () => {
	const { body: view } = await postroom.api('POST', '/views', { filter: 'domain:full.example', sort: 'sender' });
	assert.equal(view.matched, 2);
	const { body } = await postroom.api('GET', `/views/${view.id}/rows?offset=1&limit=10`);
	assert.deepEqual(body.rows.map((row) => row.message.sender), ['news@shop.example']);
	const around = await postroom.api('GET', `/views/${view.id}/rows?limit=1&around=${body.rows[0].id}`);
	assert.equal(around.body.offset, 1);
	await refused('GET', `/views/${view.id}/rows?around=AAAAAA1`, undefined, 404, 'message_not_found');
	assert.equal((await postroom.api('DELETE', `/views/${view.id}`)).status, 204);
	assert.equal((await postroom.api('DELETE', `/views/${view.id}`)).status, 204);
	await refused('GET', `/views/${view.id}`, undefined, 410, 'view_expired');
	await refused('GET', `/views/${view.id}/rows`, undefined, 410, 'view_expired');
	await refused('GET', `//print?view=${view.id}`, undefined, 410, 'view_expired');
});

test('the filter of each group selects that group', async () => {
	for (const by of ['queue', 'recipient_domain', 'sender', 'sender_domain', 'reason', 'cause', 'diagnosis', 'remote_host', 'remote_domain', 'age', 'client', 'login']) {
		const { body } = await postroom.api('GET', `/groups?by=${by}`);
		assert.ok(body.groups.length > 0, by);
		for (const group of body.groups.filter((g) => g.filter !== null)) {
			const { body: page } = await postroom.api('GET', `/messages?filter=${q(group.filter)}`);
			assert.equal(page.matched, group.messages, `${by}: ${group.filter}`);
			const { body: rest } = await postroom.api('GET', `/messages?filter=${q(`-${group.filter}`)}`);
			assert.equal(rest.matched, 2 - group.messages, `${by}: not ${group.filter}`);
		}
	}
});

test('ages are counted in the steps of qshape, and each is one term', async () => {
	const minutes = [7, 15, 30, 60, 120, 200, 600, 1279, 1281];
	for (const [i, age] of minutes.entries())
		plant(postfix, 'hold', `ABCDE${i}`, queueFile({ arrival: Math.floor(Date.now() / 1000) - age * 60 + 30 }));
	await until('all to be seen', async () => (await postroom.get('/queue')).messages === 2 + minutes.length);
	const { groups } = await postroom.get('/groups?by=age');
	assert.deepEqual(Object.fromEntries(groups.map((g) => [g.key, g.messages])),
		{ 5: 2, 10: 1, 20: 1, 40: 1, 80: 1, 160: 1, 320: 1, 640: 1, 1280: 1, '1280+': 1 });
	for (const group of groups) {
		assert.equal((await postroom.get(`/messages?filter=${q(group.filter)}`)).matched, group.messages, group.filter);
		assert.equal((await postroom.get(`/messages?filter=${q(`-${group.filter}`)}`)).matched, 11 - group.messages, group.filter);
	}
	const { stdout } = await postroom.cli('groups', '--by', 'age');
	assert.match(stdout, /age<5m/);
	assert.match(stdout, /\(age>=640m age<1280m\)/);
	assert.match(stdout, /age>=1280m/);
});
