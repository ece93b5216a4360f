// The HTML of a mail in a real browser: it connects to nobody and looks up no name but ours. Counted are the
// connections that arrive and the look-ups that the browser writes down, not requests: a connection alone tells
// the sender who looks, when and from where. Each trick is also shown as it was written, under the same policy:
// where that reaches the trap, the trap is seen to work.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { Postfix, Postroom, Sink, temporaryDirectory, until } from '../harness/index.mjs';
import { ARGUMENTS, EXECUTABLE } from './browser.mjs';

const LONG = { timeout: 240000 };
const POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

// `at` is the sender's host, different for each.
const TRICKS = {
	iframe: (at) => `<iframe src="http://${at}/"></iframe>`,
	'an iframe with srcdoc': (at) => `<iframe srcdoc="<iframe src=http://${at}/></iframe><link rel=preconnect href=http://${at}/>"></iframe>`,
	'a lazy iframe': (at) => `<iframe loading=eager src=//${at}/></iframe>`,
	frameset: (at) => `<html><frameset cols="*"><frame src="http://${at}/"></frameset></html>`,
	object: (at) => `<object data="http://${at}/x.html" type="text/html"></object>`,
	embed: (at) => `<embed src="http://${at}/x.html" type="text/html">`,
	applet: (at) => `<applet archive="http://${at}/x" codebase=http://${at}/ code=x></applet>`,
	'iframe in foreignObject': (at) => `<svg><foreignObject width=9 height=9><iframe xmlns="http://www.w3.org/1999/xhtml" src="http://${at}/"></iframe></foreignObject></svg>`,
	'svg image and use': (at) => `<svg xmlns:xlink="http://www.w3.org/1999/xlink"><image href="http://${at}/i"/><use xlink:href="http://${at}/u#x"/><feImage href="http://${at}/f"/></svg>`,
	'svg set and animate': (at) => `<svg><image><set attributeName=href to=http://${at}/ begin=0s /></image><a><animate attributeName=href values=http://${at}/ /></a></svg>`,
	preconnect: (at) => `<link rel=preconnect href="http://${at}/">`,
	'preconnect in the body': (at) => `<p>x<LiNk/rel="PreConnect"/href=//${at}/ crossorigin>`,
	'dns-prefetch': (at) => `<link rel=dns-prefetch href="//${at}/">`,
	'other links': (at) => ['stylesheet', 'preload as=image', 'prefetch', 'prerender', 'modulepreload', 'icon', 'manifest', 'alternate', 'import'].map((rel) => `<link rel=${rel} href="http://${at}/">`).join(''),
	'meta refresh': (at) => `<meta http-equiv=refresh content="0; url=http://${at}/">`,
	'meta refresh in the body': (at) => `<p>x<meta http-equiv="Refresh" content="0,http://${at}/">`,
	'meta switches prefetching on': (at) => `<meta http-equiv=x-dns-prefetch-control content=on><a href="http://${at}/">x</a>`,
	base: (at) => `<base href="http://${at}/" target=_top><img src=x><a href=y>z</a><link rel=preconnect href=/>`,
	form: (at) => `<form id=f action="http://${at}/" target=_blank><input type=image src="http://${at}/i" autofocus><button formaction="http://${at}/b">x</button></form>`,
	img: (at) => `<img src="http://${at}/i.png" srcset="http://${at}/2 2x" lowsrc="http://${at}/l" dynsrc=http://${at}/d>`,
	picture: (at) => `<picture><source srcset="http://${at}/s"><img src="http://${at}/i"></picture>`,
	media: (at) => `<video src="http://${at}/v" poster="http://${at}/p" autoplay></video><audio src="http://${at}/a" autoplay></audio><video autoplay><source src="http://${at}/s"><track default src="http://${at}/t"></video><bgsound src=http://${at}/b>`,
	backgrounds: (at) => `<body background="http://${at}/b"><table background="http://${at}/t"><tr><td background="http://${at}/d">x</table>`,
	'style attribute': (at) => `<p style="background:url(http://${at}/u);list-style:url('http://${at}/l');cursor:url(http://${at}/c),auto;content:url(http://${at}/n)">x</p>`,
	'style with escapes': (at) => `<p style="background:\\75rl(http://${at}/);background-image:u\\72 l(//${at}/);background:image-set('http://${at}/' 1x);background:-webkit-image-set(url(//${at}/) 1x)">x</p>`,
	'style with quotes and comments': (at) => `<p style="font-family:'a;background:url(//${at}/)';color:red/*;*/;background/**/:url(//${at}/);--a:url(//${at}/);background:var(--a)">x</p>`,
	'style element': (at) => `<style>@import "http://${at}/i";@import url(//${at}/j);@font-face{font-family:f;src:url(http://${at}/f)}body{font-family:f;background:url(http://${at}/b)}p:after{content:url(//${at}/c)}</style><p>x`,
	'style in svg': (at) => `<svg><style><img src="</style><iframe src=http://${at}/>"></style></svg>`,
	math: (at) => `<math><mtext><iframe src="http://${at}/"></iframe></mtext><annotation-xml encoding="text/html"><iframe src=http://${at}/></annotation-xml></math>`,
	template: (at) => `<template><iframe src="http://${at}/"></iframe></template><div><template shadowrootmode=open><iframe src=http://${at}/></iframe></template></div>`,
	noscript: (at) => `<noscript><iframe src="http://${at}/"></iframe><link rel=preconnect href=http://${at}/></noscript>`,
	'noscript and an attribute': (at) => `<noscript><p title="</noscript><iframe src=http://${at}/>">`,
	'mutation by math and style': (at) => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;iframe src=http://${at}/&gt;">`,
	'mutation by form and svg': (at) => `<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><iframe src=http://${at}/>">`,
	'mutation by select and textarea': (at) => `<select><textarea></select><p title="</textarea><iframe src=http://${at}/>"></textarea><xmp><p title="</xmp><iframe src=http://${at}/>"></xmp>`,
	'text that is none': (at) => `<title><p title="</title><iframe src=http://${at}/>"></title><noembed><p title="</noembed><iframe src=http://${at}/>">`,
	plaintext: (at) => `<plaintext><p></plaintext><iframe src=http://${at}/>`,
	'malformed tags': (at) => `<iframe/src=http://${at}/><<iframe src=http://${at}/ <p><iframe\fsrc='http://${at}/'<iframe x="'src=http://${at}/"></iframe//><img src="x\`\`src=http://${at}/">`,
	'attributes twice': (at) => `<a href=mailto:x@y.example href=http://${at}/ ping=http://${at}/p>x</a><img src=data:image/png;base64,AA src=http://${at}/>`,
	'comments that end early': (at) => `<!--><iframe src=http://${at}/>--><!---!><iframe src=http://${at}/>--!><iframe src=http://${at}/>--><!-x><iframe src=http://${at}/>`,
	'declarations': (at) => `<!DOCTYPE html [<!ENTITY x SYSTEM "http://${at}/">]>&x;<?xml-stylesheet href="http://${at}/"?><![CDATA[<iframe src=http://${at}/>]]>`,
	'a thousand levels': (at) => `${'<div>'.repeat(1000)}<iframe src=http://${at}/></iframe>`,
	'600 levels of formatting': (at) => `${'<b><i>'.repeat(300)}<table><iframe src=http://${at}/></iframe>`,
	'NUL and controls': (at) => `<i\0frame src=http://${at}/><iframe\0 src=http://${at}/><\0iframe src=http://${at}/><iframe src\0=http://${at}/></iframe>`,
	'utf-7': (at) => ({ charset: 'utf-7', text: `+ADw-iframe src=http://${at}/+AD4-+ADw-link rel=preconnect href=http://${at}/+AD4-` }),
	'utf-7 by meta': (at) => `<meta charset=utf-7>+ADw-iframe src=http://${at}/+AD4-`,
	'utf-16': (at) => ({ charset: 'utf-16', bytes: Buffer.from(`\ufeff<iframe src=http://${at}/></iframe><link rel=preconnect href=http://${at}/>`, 'utf16le') }),
	'iso-2022-jp': (at) => ({ charset: 'iso-2022-jp', text: `<p title="\x1b$B">\x1b(B<iframe src=http://${at}/></iframe>` }),
	'link to hover and press': (at) => `<a id=a href="http://${at}/" target=_self style="font-size:40px">press here</a>`,
	'speculation rules': (at) => `<script type=speculationrules>{"prerender":[{"source":"list","urls":["http://${at}/"]}]}</script>`,
	portal: (at) => `<portal src=http://${at}/></portal><webview src=http://${at}/></webview><fencedframe src=http://${at}/></fencedframe>`,
};
const NAMES = Object.keys(TRICKS);
// Each name leads to an address of its own on the loopback net.
const nameOf = (i) => `t${i}.sender.example`;
const addressOf = (i) => `127.77.${i}.1`;
// Of these it is known that a browser reaches out where the policy alone stands before it.
const REACHES = ['iframe', 'frameset', 'iframe in foreignObject', 'preconnect', 'dns-prefetch', 'link to hover and press'];

let sink, postfix, postroom, directory, trap, plain;
const ids = [];
const reached = new Set();
const documents = new Map();

function mail(made) {
	const { charset = 'utf-8', text, bytes = Buffer.from(text, 'utf8') } = typeof made === 'string' ? { text: made } : made;
	return ['From: x@sender.example', 'Subject: x', 'MIME-Version: 1.0', `Content-Type: text/html; charset=${charset}`, 'Content-Transfer-Encoding: base64', '',
		bytes.toString('base64').replace(/(.{76})/g, '$1\r\n'), ''].join('\r\n');
}

before(async () => {
	sink = await Sink.start({ rcpt: () => '452 4.2.2 Mailbox full' });
	postfix = await Postfix.start({ sink, main: { enable_long_queue_ids: 'yes' } });
	directory = temporaryDirectory('html');
	// Every address of the loopback net but the first: whoever comes is seen by the address that he came to.
	trap = createServer((socket) => {
		reached.add(Number(socket.localAddress.split('.').at(-2)));
		socket.on('error', () => {});
		socket.end('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n');
	});
	await new Promise((resolve) => { trap.listen(0, '0.0.0.0', resolve); });
	plain = createHttp((request, reply) => {
		const document = documents.get(request.url);
		reply.writeHead(document ? 200 : 404, { 'Content-Type': `text/html; charset=${document?.charset ?? 'utf-8'}`, 'Content-Security-Policy': POLICY });
		reply.end(document?.bytes);
	});
	await new Promise((resolve) => { plain.listen(0, '127.0.0.1', resolve); });
	const port = trap.address().port;
	for (const [i, name] of NAMES.entries()) {
		const made = TRICKS[name](`${nameOf(i)}:${port}`);
		documents.set(`/${i}`, { charset: made.charset, bytes: made.bytes ?? Buffer.from(made.text ?? made, 'utf8') });
		ids.push(await postfix.injectDeferred({ from: 'x@sender.example', message: mail(made) }));
	}
	postroom = await Postroom.start(postfix);
	for (const id of ids)
		await postroom.untilMessage(id);
});

after(async () => {
	trap?.close();
	plain?.close();
	plain?.closeAllConnections();
	await postroom?.stop();
	postfix?.remove();
	sink?.stop();
});

// Opens each address, then goes to a host of its own: what was begun before it has arrived when that has.
// Gives the numbers of the tricks that were looked up or connected to.
async function reachedBy(name, addresses, prepare = async () => {}) {
	const log = join(directory, `${name}.json`);
	/* A profile as people have it: a private window connects to fewer by itself, and writes down less. */
	const browser = await chromium.launchPersistentContext(join(directory, name), { executablePath: EXECUTABLE, args: [...ARGUMENTS, `--log-net-log=${log}`, '--net-log-capture-mode=IncludeSensitive',
		`--host-resolver-rules=${[...NAMES.map((_, i) => `MAP ${nameOf(i)} ${addressOf(i)}`), 'MAP last.example 127.77.255.1'].join(', ')}`] });
	reached.clear();
	const page = await browser.newPage();
	page.setDefaultTimeout(60000);
	await prepare(page);
	for (const address of addresses) {
		await page.goto(address, { waitUntil: 'load' }).catch((error) => { assert.match(error.message, /interrupted by another navigation|ERR_|frame was detached/); });
		// The button stays down: a click would be the operator's own wish.
		const link = page.locator('a').filter({ hasText: 'press here' });
		if (await link.count()) {
			await link.hover();
			await page.mouse.down();
		}
	}
	await page.goto(`http://last.example:${trap.address().port}/`).catch(() => {});
	await until('the last host is reached', () => reached.has(255));
	await browser.close();
	const looked = [...readFileSync(log, 'utf8').matchAll(/"host":"(?:https?:\/\/)?127\.77\.(\d+)\.1/g)].map((match) => Number(match[1]));
	assert.ok(looked.includes(255), 'the browser does not write down what it looks up');
	return [...new Set([...reached, ...looked])].filter((i) => i !== 255).sort((a, b) => a - b).map((i) => NAMES[i]);
}

test('the trap sees what a browser does of mail that is shown as it was written', LONG, async () => {
	const seen = await reachedBy('plain', REACHES.map((name) => `http://127.0.0.1:${plain.address().port}/${NAMES.indexOf(name)}`));
	for (const name of REACHES)
		assert.ok(seen.includes(name), `${name} is not seen: ${seen}`);
});

test('HTML of a mail connects to nobody and looks up no name', LONG, async () => {
	const link = await postroom.post('/login-links', { name: 'tester', role: 'admin' });
	const seen = await reachedBy('rewritten', ids.map((id) => `${postroom.url}/api/v1/messages/${id}/parts/0?as=html`), async (page) => {
		await page.goto(`${postroom.url}${link.path}`);
		await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
	});
	assert.deepEqual(seen, []);
});

test('nor does the page that frames it', LONG, async () => {
	const link = await postroom.post('/login-links', { name: 'tester', role: 'admin' });
	const framed = REACHES.map((name) => ids[NAMES.indexOf(name)]);
	const seen = await reachedBy('framed', [], async (page) => {
		await page.goto(`${postroom.url}${link.path}`);
		await page.getByRole('link', { name: 'Queue', exact: true }).waitFor();
		for (const id of framed) {
			await page.goto(`${postroom.url}/?page=message&id=${id}&tab=html`);
			await page.getByRole('button', { name: 'As it would look' }).click();
			const frame = page.frameLocator('iframe');
			await frame.locator('body').waitFor({ state: 'attached' });
		}
	});
	assert.deepEqual(seen, []);
});

test('what is written has only tags and attributes of the list, whatever the mail held', LONG, async () => {
	for (const id of ids) {
		const { status, body, headers } = await postroom.raw('GET', `/api/v1/messages/${id}/parts/0?as=html`);
		assert.equal(status, 200);
		assert.match(headers['content-security-policy'], /^sandbox; default-src 'none'/);
		const inside = body.slice(body.indexOf('<body>') + 6, body.indexOf('</body>'));
		for (const [tag, name] of inside.matchAll(/<\/?([^\s>]*)[^>]*>/g)) {
			assert.match(name, /^(a|abbr|b|body|br|div|font|i|img|p|table|tbody|td|th|tr|span|u)$/, tag);
			assert.doesNotMatch(tag, /\s(on\w+|srcset|background|ping|action|poster|href|id|name)=/i);
			assert.doesNotMatch(tag, /\ssrc="(?!data:image\/)/);
		}
	}
});
