/* The list of hosts: whatever is accepted is whole, and what is refused leaves nothing behind. */
#include <string.h>

#include "base/must_fuzz.h"
#include "cli/hosts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hosts hosts;
	struct error err = {"", ""};

	if (!hosts_parse(slice_make(data, size), &hosts, &err)) {
		must(hosts.count == 0);
		must(strncmp(err.text, "line ", 5) == 0);
		return 0;
	}
	for (size_t i = 0; i < hosts.count; i++) {
		must(hosts.list[i].name[0] != '\0');
		must((hosts.list[i].url != NULL) != (hosts.list[i].socket != NULL));
		must(hosts_find(&hosts, hosts.list[i].name) == &hosts.list[i]);
	}
	hosts_free(&hosts);
	return 0;
}
