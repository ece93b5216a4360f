/* The cookie of a device. Input: u8 length of the name, the name, then what is sent as its cookie.
 * Nobody has the key, so it is refused; what was made for the name is good, until a bit of it is
 * another, and for no other name. */
#include "access/device.h"
#include "base/must_fuzz.h"

static const unsigned char key[ACCOUNTS_KEY_SIZE] = {1, 2, 3};

static void check_made(struct slice name, uint8_t where)
{
	static const unsigned char other_key[ACCOUNTS_KEY_SIZE] = {1, 2, 4};
	char cookie[DEVICE_COOKIE_SIZE];
	struct slice nonce, whole;

	device_cookie_make(key, name, cookie);
	whole = slice_of(cookie);
	must(device_cookie_good(key, name, whole, &nonce));
	must_lie_in(nonce, whole);
	must(!device_cookie_good(other_key, name, whole, &nonce));
	must(name.len == 0 || !device_cookie_good(key, slice_from(name, 1), whole, &nonce));
	cookie[where % whole.len] ^= (char)(1u << (where % 7));
	must(!device_cookie_good(key, name, whole, &nonce));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice name, rest, nonce;

	if (size == 0)
		return 0;
	rest = slice_make(data + 1, size - 1);
	name = slice_first(rest, data[0] % 64);
	rest = slice_from(rest, name.len);
	must(!device_cookie_good(key, name, rest, &nonce));
	check_made(name, rest.len > 0 ? (uint8_t)rest.data[0] : 0);
	return 0;
}
