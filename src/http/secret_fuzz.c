/* A Cookie or Authorization header. What is found lies in it, behind its name; and a cookie that is
 * put into it in the way of a browser is found. */
#include "base/buffer.h"
#include "base/must_fuzz.h"
#include "http/secret.h"

#define NAME SLICE("__Host-postroom")

static void check_cookie(struct slice header)
{
	struct slice value, before;

	if (!secret_cookie(header, NAME, &value))
		return;
	must_lie_in(value, header);
	must(slice_find_char(value, ';') < 0);
	before = slice_first(header, (size_t)(value.data - header.data));
	must(slice_ends_with(before, "__Host-postroom="));
}

/* Behind any other cookies, unless one of them has its name. */
static void check_found(struct slice others, struct slice value)
{
	BUFFER_AUTO struct buffer header = {0};
	BUFFER_AUTO struct buffer wanted = {0};
	struct slice found, first;
	bool had = secret_cookie(others, NAME, &first);

	buffer_append_slice(&header, others);
	buffer_printf(&header, "; __Host-postroom=");
	buffer_append_slice(&header, value);
	must(secret_cookie(buffer_slice(&header), NAME, &found));
	buffer_append_char(&wanted, '=');
	buffer_append_slice(&wanted, value);
	must(slice_equal(found, had ? first : slice_from(slice_trim(buffer_slice(&wanted)), 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice header = slice_make(data, size), token, value = {"", 0};

	check_cookie(header);
	if (secret_bearer(header, &token)) {
		must_lie_in(token, header);
		must(slice_equal(slice_trim(token), token));
		must(slice_equal_nocase(slice_first(header, 7), SLICE("Bearer ")));
	}
	/* The first value, then the other cookies. */
	slice_split(&header, ';', &value);
	if (header.data != NULL)
		check_found(header, value);
	return 0;
}
