#!/usr/bin/env node
// From the table of metrics (src/watch/metrics/metric_table.c): the reference in docs/metrics.md, and the Grafana board packaging/grafana/postroom.json.
//   tools/metrics.js    writes both; tools/check says when one is not current
'use strict';
const fs = require('fs');
const path = require('path');
const { ROWS } = require('./metrics-board.js');

const TABLE = 'src/watch/metrics/metric_table.c';
const DOCUMENT = 'docs/metrics.md';
const BOARD = 'packaging/grafana/postroom.json';
const RULES = 'packaging/prometheus/postroom.rules.yml';
const BEGIN = '<!-- Made from the table in the code by tools/metrics.js: do not edit below. -->';
const SUFFIXES = { METRIC_COUNTER: '_total', METRIC_INFORMATION: '_info' };
const TYPES = { METRIC_GAUGE: 'gauge', METRIC_COUNTER: 'counter', METRIC_HISTOGRAM: 'histogram', METRIC_INFORMATION: 'gauge' };
// Grafana counts its columns so.
const WIDTH = 24;
const HEIGHT = 8;

// The rows of the table: {name (with its suffix), family, type, unit, labels, values, help, from}.
function table(read) {
	const text = read(TABLE).replace(/\\\n/g, ' ');
	const macros = new Map([...text.matchAll(/^#define (\w+)\s+((?:"[^"]*"\s*)+)$/gm)].map((m) => [m[1], strings(m[2])]));
	const body = /metric_row rows\[METRICS\] = \{\n([^]*?)\n\};/.exec(text)[1];
	return body.split(/^\s*\[(METRIC_\w+)\] = \{/m).slice(1).reduce((rows, part, i, parts) => {
		if (i % 2 === 0)
			rows.push(row(part, parts[i + 1], macros));
		return rows;
	}, []);
}

// What C makes of adjacent strings.
const strings = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((m) => m[1].replace(/\\(.)/g, '$1')).join('');

// The fields of one row, at the commas that are in no string.
function row(number, text, macros) {
	const fields = [...text.replace(/\}\s*,?\s*$/, '').matchAll(/(?:"(?:[^"\\]|\\.)*"|[^",])+/g)].map((m) => m[0].trim());
	const value = (field) => (field.startsWith('"') ? strings(field) : macros.get(field) ?? null);
	const [name, type, unit, labels, values, , help, from] = fields;
	if (fields.length !== 8 || !TYPES[type])
		throw new Error(`${TABLE}: the row of ${number} cannot be read`);
	return { number, family: value(name), name: value(name) + (SUFFIXES[type] ?? ''), type: TYPES[type], unit: value(unit), labels: value(labels).split(' ').filter(Boolean),
		values: value(values)?.split(' ') ?? null, help: value(help), from: value(from) };
}

function reference(rows) {
	const lines = ['| metric | type | labels | what it tells | from |', '|---|---|---|---|---|'];
	for (const r of rows) {
		const labels = r.labels.map((label) => `\`${label}\``).join(', ') + (r.values && r.labels[0] !== 'route' ? `: ${r.values.join(', ')}` : '');
		lines.push(`| \`${r.name}\` | ${r.type} | ${labels} | ${r.help}. | ${r.from} |`);
	}
	return `${lines.join('\n')}\n`;
}

function makeDocument(read) {
	const text = read(DOCUMENT);
	if (!text.includes(BEGIN))
		throw new Error(`${DOCUMENT}: the line that begins the reference is missing`);
	return `${text.slice(0, text.indexOf(BEGIN))}${BEGIN}\n\n${reference(table(read))}`;
}

// ---- The board ----

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

function target(query, i) {
	const [expr, legend] = query;
	return { refId: String.fromCharCode(65 + i), datasource: DATASOURCE, expr, legendFormat: legend, editorMode: 'code', range: true };
}

// The help of what a panel shows is its description.
function describe(panel, rows) {
	const used = rows.filter((r) => panel.queries.some(([expr]) => names(expr).some((name) => base(name, rows) === r)));
	return used.map((r) => `${r.name}: ${r.help}.`).join('\n\n');
}

function makePanel(panel, id, place, rows) {
	return {
		id, type: panel.type ?? 'timeseries', title: panel.title, description: describe(panel, rows), datasource: DATASOURCE, gridPos: place,
		fieldConfig: { defaults: { unit: panel.unit ?? 'short', min: panel.min ?? 0, custom: panel.type ? {} : { fillOpacity: panel.stack ? 30 : 0, stacking: { mode: panel.stack ? 'normal' : 'none' }, showPoints: 'never' } }, overrides: [] },
		options: panel.type ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value' } : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
		targets: panel.queries.map(target),
	};
}

const variable = (name, label, more) => ({ name, label, type: 'query', datasource: DATASOURCE, refresh: 2, includeAll: true, multi: true, current: { text: 'All', value: '$__all' }, ...more });

function makeBoard(read) {
	const rows = table(read);
	const panels = [];
	let id = 1;
	let y = 0;
	for (const { title, panels: inRow } of ROWS) {
		panels.push({ id: id++, type: 'row', title, collapsed: false, gridPos: { h: 1, w: WIDTH, x: 0, y: y++ }, panels: [] });
		const width = Math.floor(WIDTH / inRow.length);
		inRow.forEach((panel, i) => panels.push(makePanel(panel, id++, { h: HEIGHT, w: width, x: i * width, y }, rows)));
		y += HEIGHT;
	}
	const board = {
		uid: 'postroom', title: 'Postroom: the mail queue', tags: ['postfix', 'postroom'], schemaVersion: 38, version: 1, editable: true, refresh: '1m', timezone: 'browser',
		time: { from: 'now-24h', to: 'now' },
		templating: { list: [
			{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', refresh: 1, current: {} },
			variable('instance', 'Host', { query: { query: 'label_values(postroom_build_info, instance)', refId: 'instance' }, definition: 'label_values(postroom_build_info, instance)' }),
		] },
		panels,
	};
	return `${JSON.stringify(board, null, '\t')}\n`;
}

// ---- Checking ----

// The metrics that an expression names.
const names = (expr) => expr.match(/\b(?:postfix|postroom|process)_[a-z0-9_]+/g) ?? [];
const base = (name, rows) => rows.find((r) => r.name === name || (r.type === 'histogram' && new RegExp(`^${r.name}_(bucket|sum|count)$`).test(name)));

function unknownNames(where, text, rows) {
	return names(text).filter((name) => !base(name, rows)).map((name) => `${where}: there is no metric ${name}`);
}

// Each rule says what to do, in a runbook that exists.
function checkRules(read, exists, rows) {
	const text = read(RULES);
	const wrong = [...text.matchAll(/^ *expr: (?:\|-?\n((?: {10,}.*\n)+)|(.*))/gm)].flatMap((m) => unknownNames(RULES, m[1] ?? m[2], rows));
	for (const rule of text.split(/^ *- alert: /m).slice(1)) {
		const [name] = rule.split('\n');
		const runbook = /^ *runbook_url: docs\/runbooks\/([a-z-]+)\.md$/m.exec(rule)?.[1];
		if (!runbook || !exists(`docs/runbooks/${runbook}.md`))
			wrong.push(`${RULES}: ${name} has no runbook in docs/runbooks (runbook_url)`);
		if (!/^ *summary: /m.test(rule) || !/^ *severity: (act|watch)$/m.test(rule))
			wrong.push(`${RULES}: ${name} has no summary, or no severity act or watch`);
	}
	return wrong;
}

function checkMetrics(read, exists) {
	const wrong = [];
	for (const [file, make] of [[DOCUMENT, makeDocument], [BOARD, makeBoard]])
		if (!exists(file) || read(file) !== make(read))
			wrong.push(`${file}: not current (tools/metrics.js)`);
	const rows = table(read);
	const queries = ROWS.flatMap((row) => row.panels.flatMap((panel) => panel.queries.map(([expr]) => expr)));
	for (const expr of queries)
		wrong.push(...unknownNames('tools/metrics-board.js', expr, rows));
	const shown = new Set(queries.flatMap(names).map((name) => base(name, rows)));
	for (const r of rows)
		if (!shown.has(r))
			wrong.push(`tools/metrics-board.js: no panel shows ${r.name}`);
	return [...wrong, ...checkRules(read, exists, rows)];
}

module.exports = { checkMetrics, ROWS };

if (require.main === module) {
	const root = path.join(__dirname, '..');
	const read = (file) => fs.readFileSync(path.join(root, file), 'utf8');
	for (const [file, make] of [[DOCUMENT, makeDocument], [BOARD, makeBoard]]) {
		fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
		fs.writeFileSync(path.join(root, file), make(read));
	}
}
