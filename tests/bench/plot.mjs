// Latency and memory against the size of the queue, as an SVG with both axes logarithmic.
const WIDTH = 860, HEIGHT = 460, LEFT = 70, RIGHT = 230, TOP = 30, BOTTOM = 50;
const COLOURS = ['#0b6bcb', '#b3261e', '#1a7f37', '#8250df', '#9a6700', '#57606a', '#0e7490'];

const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const powers = (from, to) => Array.from({ length: Math.floor(to - from + 1e-9) + 1 }, (_, i) => 10 ** (from + i));
const short = (n) => n >= 1e6 ? `${n / 1e6} M` : n >= 1000 ? `${n / 1000} k` : String(n);

function text(x, y, words, anchor = 'start', fill = 'currentColor') {
	return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${fill}">${escape(words)}</text>`;
}

// figures: Map of size -> {name: milliseconds; 'memory a message': bytes}
export function plot(figures) {
	const sizes = [...figures.keys()].sort((a, b) => a - b);
	const names = [...new Set(sizes.flatMap((size) => Object.keys(figures.get(size))))];
	const values = sizes.flatMap((size) => Object.values(figures.get(size)));
	const [x0, x1] = [Math.log10(sizes[0]), Math.log10(sizes[sizes.length - 1])];
	const [y0, y1] = [Math.floor(Math.log10(Math.min(...values))), Math.ceil(Math.log10(Math.max(...values)))];
	const x = (n) => LEFT + (Math.log10(n) - x0) / Math.max(x1 - x0, 1e-9) * (WIDTH - LEFT - RIGHT);
	const y = (n) => HEIGHT - BOTTOM - (Math.log10(n) - y0) / Math.max(y1 - y0, 1e-9) * (HEIGHT - TOP - BOTTOM);
	const out = [`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" color="#57606a">`,
		`<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`];
	for (const power of powers(y0, y1))
		out.push(`<path d="M${LEFT} ${y(power).toFixed(1)}H${WIDTH - RIGHT}" stroke="#d8dee4"/>`, text(LEFT - 8, y(power) + 4, short(power), 'end'));
	for (const size of sizes)
		out.push(`<path d="M${x(size).toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#eaeef2"/>`, text(x(size), HEIGHT - BOTTOM + 18, short(size), 'middle'));
	out.push(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, 'messages in the queue', 'middle'), text(LEFT, TOP - 12, 'ms (p99; first view: whole), bytes for memory'));
	const ends = [];
	names.forEach((name, i) => {
		const points = sizes.filter((size) => figures.get(size)[name] > 0).map((size) => [x(size), y(figures.get(size)[name])]);
		const colour = COLOURS[i % COLOURS.length];
		const [lastX, lastY] = points[points.length - 1];
		out.push(`<polyline fill="none" stroke="${colour}" stroke-width="2"${name.startsWith('memory') ? ' stroke-dasharray="6 4"' : ''} points="${points.map((p) => p.map((v) => v.toFixed(1)).join(',')).join(' ')}"/>`);
		out.push(...points.map(([px, py]) => `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="3" fill="${colour}"/>`));
		ends.push({ name, colour, at: lastY, x: lastX, last: figures.get(sizes.filter((size) => figures.get(size)[name] > 0).pop())[name] });
	});
	// Names stand at the ends of their lines, moved apart where they would touch.
	ends.sort((a, b) => a.at - b.at);
	ends.reduce((above, end) => { end.label = Math.max(end.at, above + 16); return end.label; }, -Infinity);
	for (const end of ends)
		out.push(text(end.x + 10, end.label + 4, `${end.name}: ${Number(end.last.toPrecision(3))}`, 'start', end.colour));
	return `${out.join('\n')}\n</svg>\n`;
}
