// The server's texts (src/base/said_texts.h, src/postfix/diagnoses.ini) against their other languages (web/src/words/LANGUAGE/server): each code has
// a text there, its places in braces are exactly the code's values, and no text is of a code that is gone. And who says a text gives all its values.
'use strict';

const SAID = /^SAID\(([A-Z][A-Z0-9_]*), "((?:[^"\\]|\\.)*)"\)$/gm;
const PLACE = /\{([a-z_]+)(?:[?:][^{}]*)?\}/g;
const STRING = `'(?:[^'\\\\]|\\\\.)*'|"(?:[^"\\\\]|\\\\.)*"|\`(?:[^\`\\\\]|\\\\.)*\``;
const ENTRY = new RegExp(`^  (?:'([^']+)'|([A-Za-z0-9_]+)):\\s*(${STRING}),?$`, 'gm');
const TRIPLE = new RegExp(`^  (?:'([^']+)'|([A-Za-z0-9_]+)): \\[\\s*(${STRING}),\\s*(${STRING}),\\s*(${STRING}),?\\s*\\],?$`, 'gm');

const places = (text) => [...new Set([...text.matchAll(PLACE)].map((m) => m[1]))].sort().join(' ');

// code -> its English
function codesOf(read) {
	const codes = new Map();
	for (const [, name, english] of read('src/base/said_texts.h').matchAll(SAID))
		codes.set(name.toLowerCase(), english);
	for (const [, key] of read('src/postfix/diagnoses.ini').matchAll(/^\[([a-z0-9][a-z0-9-]*)\]$/gm))
		for (const part of ['title', 'cause', 'advice'])
			codes.set(`diagnosis.${key}.${part}`, '');
	return codes;
}

// code -> the text of this language, and where it stands
function textsOf(files, read) {
	const texts = new Map();
	for (const file of files) {
		const source = read(file);
		for (const [, quoted, bare, title, cause, advice] of source.matchAll(TRIPLE))
			for (const [part, text] of Object.entries({ title, cause, advice }))
				texts.set(`diagnosis.${quoted ?? bare}.${part}`, { text: text.slice(1, -1), file });
		for (const [, quoted, bare, text] of source.matchAll(ENTRY))
			texts.set(quoted ?? bare, { text: text.slice(1, -1), file });
	}
	return texts;
}

function checkLanguage(language, codes, texts) {
	const wrong = [];
	for (const [code, english] of codes) {
		const there = texts.get(code);
		if (!there)
			wrong.push(`web/src/words/${language}/server: has no ${code}`);
		else if (places(there.text) !== places(english))
			wrong.push(`${there.file}: ${code} names {${places(there.text)}}, and its English {${places(english)}}`);
	}
	for (const [code, { file }] of texts)
		// How a kind of value is written, for web/src/words/server.ts alone.
		if (!codes.has(code) && !code.startsWith('form.'))
			wrong.push(`${file}: ${code} is no code of the server`);
	return wrong;
}

// What stands from `at` to the bracket that closes the call around it.
function restOfCall(source, at) {
	let depth = 0;
	for (let end = at; end < source.length; end++) {
		if (source[end] === '(')
			depth++;
		else if (source[end] === ')' && --depth < 0)
			return source.slice(at, end);
	}
	return '';
}

// Whoever says it, said_put, error_say or http_reply_said: (..., SAID_X, 2, said_number("count", n), ...) has every value that X names, and as many as
// it says.
function checkCalls(file, source, codes) {
	const wrong = [];
	for (const m of source.matchAll(/\bSAID_([A-Z0-9_]+),\s*(\d+)\b/g)) {
		const english = codes.get(m[1].toLowerCase());
		const given = [...restOfCall(source, m.index + m[0].length).matchAll(/\bsaid_(?:number|text|inner|of_list)(?:_as)?\(\s*"(\w+)"/g)].map((each) => each[1]);
		if (english === undefined || given.length !== Number(m[2]))
			continue;
		for (const place of places(english).split(' ').filter((each) => each && !given.includes(each)))
			wrong.push(`${file}:${source.slice(0, m.index).split('\n').length}: says SAID_${m[1]} without its ${place}`);
	}
	return wrong;
}

// `all`: the files of the whole tree; `read`: a file's text. Gives what is wrong, one line each.
function checkSaid(all, read) {
	const codes = codesOf(read);
	const wrong = [];
	const languages = new Set(all.map((file) => /^web\/src\/words\/(\w+)\/server\//.exec(file)?.[1]).filter(Boolean));
	if (codes.size === 0 || languages.size === 0)
		wrong.push('src/base/said_texts.h or web/src/words: no text is found');
	for (const language of languages)
		wrong.push(...checkLanguage(language, codes, textsOf(all.filter((file) => file.startsWith(`web/src/words/${language}/server/`)), read)));
	let sources = '';
	for (const file of all.filter((each) => /^src\/.*\.c$/.test(each))) {
		const source = read(file);
		sources += source;
		wrong.push(...checkCalls(file, source, codes));
	}
	const used = new Set(sources.match(/\bSAID_[A-Z0-9_]+\b/g));
	for (const code of codes.keys())
		if (!code.includes('.') && !used.has(`SAID_${code.toUpperCase()}`))
			wrong.push(`src/base/said_texts.h: nobody says ${code.toUpperCase()}`);
	return wrong;
}

module.exports = { checkSaid };
