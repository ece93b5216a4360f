/* A line of the audit's files, which somebody may have written himself; and a record of any texts,
 * which must come back as it was written. Input: the line; the same bytes are the texts. */
#include "audit/record.h"
#include "base/must_fuzz.h"

static void check_written(struct slice bytes)
{
	BUFFER_AUTO struct buffer members = {0}, line = {0}, text = {0};
	unsigned char chain[AUDIT_CHAIN_SIZE] = {0}, before[AUDIT_CHAIN_SIZE] = {0};
	struct slice half = slice_first(bytes, bytes.len / 2);
	struct audit_line ends;
	struct audit_parsed r;

	audit_record_members(&members, &(struct audit_entry){.action = AUDIT_JOB,
					   .at_us = 1,
					   .who = bytes,
					   .scope = half,
					   .object = slice_from(bytes, half.len),
					   .text = bytes});
	audit_record_line(&line, 3, buffer_slice(&members), chain);
	must(line.len < AUDIT_LINE_MAX && line.data[line.len - 1] == '\n');
	line.len--;
	must(audit_line_read(buffer_slice(&line), &ends) && ends.n == 3);
	must(audit_line_follows(&ends, before));
	must(audit_record_read(buffer_slice(&line), &text, &r) && r.n == 3);
	/* No byte of a text ends a line. */
	must(slice_find_char(buffer_slice(&line), '\n') < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	BUFFER_AUTO struct buffer text = {0};
	struct slice line = slice_make(data, size);
	struct audit_line ends;
	struct audit_parsed r;

	if (audit_line_read(line, &ends)) {
		must_lie_in(ends.bare, line);
		must(ends.bare.len < line.len);
	}
	(void)audit_record_read(line, &text, &r);
	check_written(line);
	return 0;
}
