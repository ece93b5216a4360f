/* flush(8)'s answer, as it comes in: once there is a status it stays, and it is one of those that
 * helper_proto.h names. */
#include "base/must_fuzz.h"
#include "helper/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int before = -1;

	for (size_t len = 0; len <= size; len++) {
		int status = retry_parse_answer(slice_make(data, len));

		must(before < 0 || status == before);
		must(status == -1 || status == HELPER_RETRY_OK || status == HELPER_RETRY_BAD ||
		     status == HELPER_RETRY_DENIED || status == HELPER_RETRY_FAILED);
		before = status;
	}
	return 0;
}
