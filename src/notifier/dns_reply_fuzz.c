#include "base/must_fuzz.h"
#include "notifier/dns_reply.h"

/* Input: u8 which type, then the reply to a question for "shop.example". What is found stays within
 * its bounds, and is a name, or an address of the right length. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum dns_type types[] = {
	    DNS_A, DNS_AAAA, DNS_MX, DNS_PTR, DNS_TXT, DNS_TLSA, DNS_CNAME};
	static struct dns_answer answer;
	enum dns_type type;

	if (size == 0)
		return 0;
	type = types[data[0] % (sizeof(types) / sizeof(types[0]))];
	dns_reply_read(slice_make(data + 1, size - 1), SLICE("shop.example"), type, &answer);
	must(answer.count <= DNS_RECORDS_MAX);
	must((answer.status == DNS_FOUND) == (answer.count > 0));
	must(answer.alias_of[0] == '\0' || dns_name_valid(slice_of(answer.alias_of)));
	for (size_t i = 0; i < answer.count; i++) {
		const struct dns_record *r = &answer.records[i];

		must(r->length <= DNS_DATA_MAX);
		must(type != DNS_A || r->length == 4);
		must(type != DNS_AAAA || r->length == 16);
		must(type != DNS_TLSA || r->length >= 4);
		must(type != DNS_PTR || dns_name_valid(slice_of(r->name)));
		must(type != DNS_MX || r->name[0] == '\0' || dns_name_valid(slice_of(r->name)));
	}
	return 0;
}
