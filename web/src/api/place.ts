/*
 * Where the page is: at the root of a host, beneath a path that a proxy gives it, or in Cockpit. It is always at one
 * path, and everything else of the server lies beside it, so that the page needs no word of the server's.
 */

/** The page's own path: `/`, `/postroom/`, or that of a file of Cockpit's. */
export const HERE: string = globalThis.location?.pathname.startsWith('/') ? location.pathname : '/';

/** A path of the server, as it is in the API's contract (`/api/v1/queue`), as one of this host. */
export const path = (ours: string): string => HERE.replace(/\/[^/]*$/, '') + ours;

/** An address of the page that the server gave (`/?jobs=12`), as one of this host. */
export const pageAt = (address: string): string => HERE + address.replace(/^\/?/, '').replace(/^\?$/, '');

/* Whatever shows the page where the browser itself cannot reach the server (Cockpit) says how it can. */
declare global {
  var postroomHost: { name: string; resource(address: string): string } | undefined;
}

/** A name in what the browser keeps for all pages of this host. Two Postrooms at two paths must not mix. */
export const ownName = (name: string): string => (HERE === '/' ? name : `${name} ${globalThis.postroomHost?.name ?? HERE}`);

/** The address under which the browser by itself, not a script, gets a path: for a frame, a download, a new window. */
export const resource = (ours: string): string => globalThis.postroomHost?.resource(ours) ?? ours;
