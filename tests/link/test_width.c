/* How many parts one pass waits for, by the links that bring them: packet.c is inside. */
#include "engine/link/packet.c"

#include <criterion/criterion.h>

static struct net net;

/* Data centres with so many links down each, and whether parts of them are on their way; -1: no more. */
static uint32_t width(uint32_t kernel, const int links[][2])
{
	net.relay_width = kernel;
	net.centre_count = 0;
	for (; links[net.centre_count][0] >= 0; net.centre_count++) {
		struct lane *down = &net.centres[net.centre_count].lanes[NET_DOWN];

		down->want = (uint32_t)links[net.centre_count][0];
		down->flying_count = (uint32_t)links[net.centre_count][1];
	}
	return pass_width(&net);
}

/* Sixteen at once only where so many can come together, else pairs, each beside the encryption of the one before. */
Test(width, sixteen_where_there_are_sixteen_links)
{
	static const int none[][2] = {{-1, 0}}, four[][2] = {{4, 3}, {-1, 0}}, most[][2] = {{15, 9}, {-1, 0}},
			 all[][2] = {{16, 1}, {-1, 0}}, more[][2] = {{64, 200}, {-1, 0}};

	cr_assert_eq(width(16, none), RELAY_PAIR);
	cr_assert_eq(width(16, four), RELAY_PAIR);
	cr_assert_eq(width(16, most), RELAY_PAIR);
	cr_assert_eq(width(16, all), 16);
	cr_assert_eq(width(16, more), 16);
}

/* Of several data centres the links count together, but not those of one that nobody asks for parts. */
Test(width, links_of_all_that_bring_parts)
{
	static const int both[][2] = {{8, 1}, {8, 1}, {-1, 0}}, one[][2] = {{8, 1}, {8, 0}, {-1, 0}},
			 idle[][2] = {{64, 0}, {8, 5}, {-1, 0}};

	cr_assert_eq(width(16, both), 16);
	cr_assert_eq(width(16, one), RELAY_PAIR);
	cr_assert_eq(width(16, idle), RELAY_PAIR);
}

/* A kernel that takes a pair takes one, however many links there are. */
Test(width, a_pair_stays_one)
{
	static const int one[][2] = {{1, 1}, {-1, 0}}, many[][2] = {{64, 64}, {-1, 0}};

	cr_assert_eq(width(RELAY_PAIR, one), RELAY_PAIR);
	cr_assert_eq(width(RELAY_PAIR, many), RELAY_PAIR);
}
