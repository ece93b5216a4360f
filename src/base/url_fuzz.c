/* A URL. Its parts lie within it and make it up again, and an authority reads alike by itself. */
#include "base/must_fuzz.h"
#include "base/url.h"

static void look_at(struct slice text, const struct url *url)
{
	struct slice host;
	uint16_t port;

	must(url->scheme.len > 0 && url->host.len > 0 && url->host.len <= URL_HOST_MAX);
	must_lie_in(url->host, url->authority);
	must_lie_in(url->authority, url->origin);
	must(url->scheme.data == text.data && url->origin.data == text.data);
	must(url->scheme.len + 3 + url->authority.len == url->origin.len);
	must(url->origin.len + url->rest.len == text.len);
	must(url->rest.len == 0 || memchr("/?#", url->rest.data[0], 3) != NULL);
	for (size_t i = 0; i < url->authority.len; i++)
		must(memchr("/?#@\\% ", url->authority.data[i], 7) == NULL);
	must(url_split_authority(url->authority, &host, &port));
	must(slice_equal(host, url->host) && port == url->port);
	must(slice_equal(url_origin(text), url->origin));
	must(slice_equal(url_origin(url->origin), url->origin));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size), host;
	struct url url;
	uint16_t port;

	if (url_split(text, &url))
		look_at(text, &url);
	else
		must(url.scheme.len == 0 && url.host.len == 0 && url_origin(text).len == 0);
	must(url_split_authority(text, &host, &port) == (host.len > 0));
	must_lie_in(host, text);
	return 0;
}
