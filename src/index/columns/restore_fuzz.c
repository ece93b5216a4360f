/* A saved index, written by whoever knows how its sum is made. Input: the file without its sum; its
 * magic number, version and program are put right. It is refused, or it is an index that holds
 * together: it can be searched, saved, restored as it is, and emptied. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/must_fuzz.h"
#include "index/columns/saved.h"
#include "index/groups/groups.h"
#include "index/index.h"

#define NOW INT64_C(1800000000)

static int empty_file(void)
{
	int fd = memfd_create("index", MFD_CLOEXEC);

	must(fd >= 0);
	return fd;
}

static int file_of(const uint8_t *data, size_t size)
{
	struct saved_head head = {0};
	XXH64_state_t *sum = saved_sum_begin();
	BUFFER_AUTO struct buffer file = {0};
	int fd = empty_file();

	buffer_append(&file, data, size);
	if (size >= sizeof(head)) {
		memcpy(&head, data, sizeof(head));
		head.magic = SAVED_MAGIC;
		head.version = SAVED_VERSION;
		memset(head.program, 0, sizeof(head.program));
		snprintf(head.program, sizeof(head.program), "%s", POSTROOM_VERSION);
		memcpy(file.data, &head, sizeof(head));
	}
	XXH64_update(sum, file.len > 0 ? file.data : "", file.len);
	buffer_put_u64(&file, XXH64_digest(sum));
	XXH64_freeState(sum);
	must(pwrite(fd, file.data, file.len, 0) == (ssize_t)file.len);
	return fd;
}

static void search(struct index *ix)
{
	static const enum group_key keys[] = {GROUP_RECIPIENT_DOMAIN, GROUP_REASON};
	struct filter *filter = filter_parse(SLICE("full or old or client:test"), NULL);
	uint32_t rows[INDEX_PAGE_MAX];
	struct index_match match;
	struct groups groups;

	index_page(ix, filter, (struct index_sort){INDEX_SORT_SENDER, false}, SLICE(""),
	    INDEX_PAGE_MAX, NOW, rows, &match, NULL, NULL);
	filter_free(filter);
	groups_count(ix, NULL, keys, 2, 10, NOW, &groups);
	groups_free(&groups);
	while (index_settle(ix, 10))
		;
}

static void check_row(struct index *ix, uint32_t row)
{
	struct index_recipient recipient;
	struct index_row r;

	must(index_row(ix, row, &r) && index_find(ix, slice_of(r.id)) == row);
	for (uint32_t n = 0; index_recipient(ix, row, n, &recipient); n++)
		must(recipient.address.len == 0 || recipient.address.data != NULL);
	index_diagnosis(ix, row);
}

/* What is saved of it is read again as the same. */
static void save_and_restore(struct index *ix)
{
	struct index *again = index_create();
	struct index_status before, after;
	int fd = empty_file();
	off_t size;

	must(saved_write(ix, fd));
	size = lseek(fd, 0, SEEK_CUR);
	must(lseek(fd, 0, SEEK_SET) == 0 && saved_read(again, fd, (uint64_t)size));
	index_status(ix, &before);
	index_status(again, &after);
	must(before.messages == after.messages && before.bytes == after.bytes);
	must(memcmp(before.counts, after.counts, sizeof(before.counts)) == 0);
	index_free(again);
	close(fd);
}

static void empty(struct index *ix)
{
	struct index_status status;

	for (uint32_t row = 0; row < ix->rows; row++) {
		struct index_row r;

		if (!index_live(ix, row))
			continue;
		must(index_row(ix, row, &r) && index_remove(ix, slice_of(r.id)));
	}
	index_status(ix, &status);
	must(status.messages == 0 && status.bytes == 0);
	must(ix->slots.used + ix->addresses.slots.used + ix->senders.slots.used == 0);
	must(ix->reasons.slots.used + ix->classes.slots.used + ix->domains.slots.used == 0);
	must(ix->origins.slots.used + ix->logins.slots.used + ix->subjects.slots.used == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct index *ix = index_create();
	int fd = file_of(data, size);

	if (saved_read(ix, fd, size + sizeof(uint64_t))) {
		for (uint32_t row = 0; row < ix->rows; row++)
			if (index_live(ix, row))
				check_row(ix, row);
		save_and_restore(ix);
		search(ix);
		save_and_restore(ix);
		empty(ix);
	}
	index_free(ix);
	close(fd);
	return 0;
}
