#include "base/must_fuzz.h"
#include "postfix/blocklist.h"

/* What is found is an address or a name, and nothing that could be something else in a question. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice reply = slice_make(data, size);
	struct blocklist_words words;

	blocklist_find(reply, &words);
	must(words.zone_count <= BLOCKLIST_ZONES_MAX);
	must_lie_in(words.address, reply);
	must(words.address.len < 46);
	for (size_t i = 0; i < words.zone_count; i++) {
		must(words.zones[i].len > 2 && words.zones[i].len <= 253);
		must(slice_find_char(words.zones[i], '.') >= 0);
		must(slice_find_char(words.zones[i], '\n') < 0);
	}
	return 0;
}
