/*
 * Postroom's page inside Cockpit. The page is the same as everywhere; what differs is its way to the server. Here it
 * is Cockpit's bridge, which connects to the Unix socket as whoever has signed in to Cockpit: root, or a member of
 * http.socket_group. So there is no second sign-in, and nobody gets a right that he has not on the command line.
 *
 * This file comes before the page's own script. It asks who the server takes one for, and then takes the place of
 * fetch and EventSource; what the browser gets by itself (frames, downloads, printing) goes by an address of Cockpit's.
 */
(() => {
	'use strict';

	const socket = cockpit.manifests.postroom?.config?.socket ?? '/run/postroom/postroom.sock';
	/* As root where "Administrative access" is on, else as oneself. */
	const privilege = 'try';
	/* The bridge would send the socket's path, which is no host. And whoever has signed in to Cockpit means his own rights. */
	const always = { Host: 'localhost', 'Keep-Alive': 'postroom' };
	const http = cockpit.http(socket, { superuser: privilege, headers: always });
	/* What the page puts before the server's paths: the directory that it lies in. */
	const directory = location.pathname.replace(/\/[^/]*$/, '');
	const ours = (address) => address.slice(directory.length);

	globalThis.fetch = (address, { method = 'GET', headers = {}, body = null, signal = null } = {}) =>
		new Promise((resolve, reject) => {
			const asked = http.request({ method, path: ours(address), headers, body: body ?? '' });
			const reply = { status: 0, headers: {} };
			const give = (text) => resolve(new Response(reply.status === 204 ? null : text, reply));
			asked.response((status, fields) => Object.assign(reply, { status, headers: fields }));
			signal?.addEventListener('abort', () => {
				reject(new DOMException('The request was given up.', 'AbortError'));
				asked.close('cancelled');
			});
			/* A refusal of the server is an answer like any other; only what never arrived there is a failure. */
			asked.then(give, (problem, text) => (reply.status > 0 ? give(text) : reject(new TypeError(problem.message))));
		});

	/* As the page uses it: closed for good at its end, after which the page opens another. */
	globalThis.EventSource = class extends EventTarget {
		static CONNECTING = 0;
		static OPEN = 1;
		static CLOSED = 2;
		readyState = 0;
		onopen = null;
		onerror = null;
		#asked;
		#rest = '';

		constructor(address) {
			super();
			this.#asked = http.request({ method: 'GET', path: ours(address), headers: { Accept: 'text/event-stream' }, body: '' });
			this.#asked.response((status) => {
				if (status !== 200 || this.readyState !== 0) return;
				this.readyState = 1;
				this.onopen?.(new Event('open'));
			});
			this.#asked.stream((text) => this.#take(text));
			const ended = () => {
				if (this.readyState === 2) return;
				this.readyState = 2;
				this.onerror?.(new Event('error'));
			};
			this.#asked.then(ended, ended);
		}

		#take(text) {
			const blocks = (this.#rest + text).split('\n\n');
			this.#rest = blocks.pop();
			for (const block of blocks) {
				const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)));
				if (fields.event && this.readyState === 1) this.dispatchEvent(new MessageEvent(fields.event, { data: fields.data }));
			}
		}

		close() {
			this.readyState = 2;
			this.#asked.close('cancelled');
		}
	};

	globalThis.postroomHost = {
		/* What the browser keeps for the page, by the host that it is about: the path has a checksum in it. */
		name: `cockpit ${cockpit.transport.host}`,
		resource(address) {
			const channel = { payload: 'http-stream2', unix: socket, method: 'GET', path: ours(address), headers: always, binary: 'raw', superuser: privilege };
			/* The same host as this page, when Cockpit shows another one. */
			if (cockpit.transport.host !== 'localhost') channel.host = cockpit.transport.host;
			const bytes = new TextEncoder().encode(JSON.stringify(channel));
			const place = new URL(cockpit.transport.uri(`channel/${cockpit.transport.csrf_token}`)).pathname;
			return `${place}?${btoa(String.fromCharCode(...bytes))}`;
		},
	};

	function show(text) {
		const paragraph = document.createElement('p');
		paragraph.className = 'notice error';
		paragraph.setAttribute('role', 'alert');
		const again = document.createElement('button');
		again.type = 'button';
		again.className = 'button small';
		again.textContent = 'Try again';
		again.addEventListener('click', () => location.reload());
		paragraph.append(text, ' ', again);
		document.body.replaceChildren(paragraph);
	}

	async function refused(problem) {
		const { name } = await cockpit.user();
		if (problem.status === 401 || problem.status === 403 || problem.problem === 'access-denied')
			show(`${name} may not use Postroom by ${socket}: root may (with administrative access), and the members of the group postroom-operators.`);
		else if (problem.problem === 'not-found') show(`Nothing answers at ${socket}. Is Postroom running? Its service is postroom.service.`);
		else show(`Postroom does not answer at ${socket}: ${problem.message}`);
	}

	function load() {
		const script = document.createElement('script');
		script.type = 'module';
		script.src = document.querySelector('meta[name="script-of-page"]').content;
		document.head.append(script);
	}

	/* Cockpit knows files alone and no directory's first one; and from there no link leads back into this frame. */
	document.addEventListener('click', (event) => {
		const link = event.target.closest?.('a[href="docs/"]');
		if (link) Object.assign(link, { href: 'docs/index.html', target: '_blank' });
	}, true);

	/* Who gets or gives up administrative access is somebody else for the server from then on. */
	const admin = cockpit.permission({ admin: true });
	let before = admin.allowed;
	admin.addEventListener('changed', () => {
		if (before !== null && admin.allowed !== before) location.reload();
		before = admin.allowed;
	});

	http.get('/api/v1/me').then(load, refused);
})();
