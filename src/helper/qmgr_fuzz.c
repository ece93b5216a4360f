/* The text of /proc/PID/stat, where the name is whatever the program calls itself. */
#include "base/buffer.h"
#include "base/must_fuzz.h"
#include "helper/qmgr.h"

/* The name may hold what separates fields: the numbers behind it are found all the same. */
static void check_name(struct slice name)
{
	BUFFER_AUTO struct buffer text = {0};
	struct qmgr_stat stat = {.parent = 0};

	buffer_printf(&text, "4711 (");
	buffer_append_slice(&text, name);
	buffer_printf(&text, ") S 17 4711 4711 0 -1 4194560 1 0 0 0 3 4 0 0 20 0 1 0 123456 1 2\n");
	must(qmgr_parse_stat(buffer_slice(&text), &stat));
	must(slice_equal(stat.name, name) && stat.parent == 17 && !stat.dead);
	must(stat.start_ticks == 123456);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct qmgr_stat stat = {.parent = 0};

	if (qmgr_parse_stat(text, &stat))
		must_lie_in(stat.name, text);
	check_name(text);
	return 0;
}
