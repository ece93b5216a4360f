/* What postconf prints. Whatever it is, the roles accept the configuration that it goes into. */
#include "base/must_fuzz.h"
#include "supervisor/facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ROLE_CONFIG_AUTO struct role_config config = {0}, decoded = {0};
	BUFFER_AUTO struct buffer packet = {0}, again = {0};
	struct frame frame;
	const char *name;

	facts_parse(&config, slice_make(data, size));
	role_config_encode(&packet, &config);
	must(packet.len <= WIRE_FRAME_MAX && frame_parse(packet.data, packet.len, &frame));
	must(role_config_decode(&frame, &decoded));
	for (size_t i = 0; (name = role_config_fact_name(i)) != NULL; i++)
		must(
		    strcmp(role_config_fact(&config, name), role_config_fact(&decoded, name)) == 0);
	role_config_encode(&again, &decoded);
	must(slice_equal(buffer_slice(&packet), buffer_slice(&again)));
	return 0;
}
