/* A name that somebody else gives to a person. One that is taken is short, valid, and stays as it
 * is when it is given again: one person has one name. */
#include "access/person_name.h"
#include "base/must_fuzz.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[ACCOUNTS_NAME_MAX + 1], again[ACCOUNTS_NAME_MAX + 1];
	struct error err = {"", ""};

	if (!person_name(slice_make(data, size), name, &err)) {
		must(strcmp(err.code, "bad_name") == 0 && err.text[0] != '\0');
		return 0;
	}
	must(name[0] != '\0' && utf8_valid(slice_of(name)));
	for (const char *c = name; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' && *c != 0x7f && !(*c >= 'A' && *c <= 'Z'));
	must(person_name(slice_of(name), again, &err) && strcmp(name, again) == 0);
	return 0;
}
