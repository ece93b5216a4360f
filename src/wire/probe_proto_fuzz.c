#include "base/must_fuzz.h"
#include "wire/probe_proto.h"

/* Every body as each of the messages: what decodes is encoded to the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer out = {0};
	struct slice body = slice_make(data, size);
	struct probe_question question;
	struct probe_step step;
	struct probe_end end;
	struct cursor c = cursor_init(data, size);

	if (probe_get_question(&c, &question)) {
		must(probe_kind_name(question.kind)[0] != '\0');
		must(probe_tls_name(question.tls)[0] != '\0');
		probe_put_question(&out, &question);
		must(slice_equal(buffer_slice(&out), body));
	}
	buffer_clear(&out);
	c = cursor_init(data, size);
	if (probe_get_step(&c, &step)) {
		must(probe_step_name(step.name)[0] != '\0');
		must(probe_outcome_name(step.outcome)[0] != '\0');
		probe_put_step(&out, &step);
		must(slice_equal(buffer_slice(&out), body));
	}
	buffer_clear(&out);
	c = cursor_init(data, size);
	if (probe_get_end(&c, &end)) {
		probe_put_end(&out, &end);
		must(slice_equal(buffer_slice(&out), body));
	}
	return 0;
}
