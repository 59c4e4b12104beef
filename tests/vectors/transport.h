/*
 * Frames of every transport, transport errors, quick acks, obfuscated2. Hex strings in wire
 * order. What a connection sends first (its announcement) is connection_header.
 */
#ifndef TGCLONE_VECTORS_TRANSPORT_H
#define TGCLONE_VECTORS_TRANSPORT_H

#include "tests/vectors/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum vec_transport { VEC_ABRIDGED, VEC_INTERMEDIATE, VEC_PADDED, VEC_FULL };

/* One payload, one frame. */
static const struct vec_frame {
	const char *name;
	enum vec_transport transport;
	const char *connection_header;
	bool quick_ack; /* the frame asks for one */
	bool from_server;
	uint32_t seq; /* full only */
	const char *payload;
	const char *padding; /* padded intermediate: inside the frame, after the payload */
	const char *frame;
} vec_frame[] = {
	{
		.name = "abridged_req_pq_multi_40_bytes",
		.transport = VEC_ABRIDGED,
		.connection_header = "ef",
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.frame =
				"0a00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63"
				"b357977349ee2d8b8e",
	},
	{
		.name = "abridged_504_bytes_last_short_form",
		.transport = VEC_ABRIDGED,
		.connection_header = "ef",
		.payload =
				"6ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ede4d1a342"
				"02875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3decb651f198"
				"cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32de1fd25ae"
				"a46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49e2c5bad5"
				"993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb56af842e"
				"05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d045006190b53be26"
				"9f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94da3e3530e"
				"6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470ccf20990"
				"f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a484ec282"
				"b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ffc86535d8"
				"b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e681169accfbc"
				"596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db58561de6339d"
				"4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4e8b0e140"
				"af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf978873746715"
				"8be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332c9ce635a"
				"cd50bec6bbda78a987596f27c1fc79c65c446046a25c7624",
		.frame =
				"7e6ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ede4d1a3"
				"4202875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3decb651f1"
				"98cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32de1fd25"
				"aea46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49e2c5ba"
				"d5993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb56af84"
				"2e05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d045006190b53be"
				"269f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94da3e353"
				"0e6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470ccf209"
				"90f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a484ec2"
				"82b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ffc86535"
				"d8b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e681169accf"
				"bc596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db58561de633"
				"9d4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4e8b0e1"
				"40af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf9788737467"
				"158be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332c9ce63"
				"5acd50bec6bbda78a987596f27c1fc79c65c446046a25c7624",
	},
	{
		.name = "abridged_508_bytes_first_long_form",
		.transport = VEC_ABRIDGED,
		.connection_header = "ef",
		.payload =
				"6ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ede4d1a342"
				"02875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3decb651f198"
				"cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32de1fd25ae"
				"a46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49e2c5bad5"
				"993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb56af842e"
				"05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d045006190b53be26"
				"9f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94da3e3530e"
				"6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470ccf20990"
				"f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a484ec282"
				"b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ffc86535d8"
				"b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e681169accfbc"
				"596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db58561de6339d"
				"4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4e8b0e140"
				"af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf978873746715"
				"8be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332c9ce635a"
				"cd50bec6bbda78a987596f27c1fc79c65c446046a25c762457d550d2",
		.frame =
				"7f7f00006ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ed"
				"e4d1a34202875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3dec"
				"b651f198cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32d"
				"e1fd25aea46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49"
				"e2c5bad5993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb"
				"56af842e05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d04500619"
				"0b53be269f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94d"
				"a3e3530e6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470"
				"ccf20990f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a"
				"484ec282b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ff"
				"c86535d8b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e6811"
				"69accfbc596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db5856"
				"1de6339d4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4"
				"e8b0e140af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf9788"
				"737467158be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332"
				"c9ce635acd50bec6bbda78a987596f27c1fc79c65c446046a25c762457d550d2",
	},
	{
		.name = "abridged_quick_ack_40_bytes",
		.transport = VEC_ABRIDGED,
		.connection_header = "ef",
		.quick_ack = true,
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.frame =
				"8a00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63"
				"b357977349ee2d8b8e",
	},
	{
		.name = "abridged_quick_ack_508_bytes",
		.transport = VEC_ABRIDGED,
		.connection_header = "ef",
		.quick_ack = true,
		.payload =
				"6ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ede4d1a342"
				"02875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3decb651f198"
				"cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32de1fd25ae"
				"a46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49e2c5bad5"
				"993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb56af842e"
				"05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d045006190b53be26"
				"9f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94da3e3530e"
				"6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470ccf20990"
				"f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a484ec282"
				"b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ffc86535d8"
				"b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e681169accfbc"
				"596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db58561de6339d"
				"4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4e8b0e140"
				"af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf978873746715"
				"8be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332c9ce635a"
				"cd50bec6bbda78a987596f27c1fc79c65c446046a25c762457d550d2",
		.frame =
				"ff7f00006ef4c366fa78f2cda5969bdf7dc2ef208c8db79805e708bfac4e88ed"
				"e4d1a34202875d5e946b3ba4a24ce1c96d5b90f545b2a982757878308e7d3dec"
				"b651f198cd48978d58cc9cab3b6dffdea50a2f703a6bdf7b9bb1286a8e7ca32d"
				"e1fd25aea46487b1eddf752191b756eee34a701df318f3d294b434c8e762cd49"
				"e2c5bad5993059eaca92635dbfdbee9f751d618f88acde6b5130ef9954ea97fb"
				"56af842e05d5763e9307d583000e7248b7ccfda652a3f8cda7580a8d04500619"
				"0b53be269f34ca3cabb39c94d22528caf12f1478e16a2d397aa68aa76a15b94d"
				"a3e3530e6b9624691989d56cdbce013a59472ea8b25dac76f840f6ddac91e470"
				"ccf20990f8900e65aafe355735585f81a21958d0401d0073846a5132f4d26e5a"
				"484ec282b0175e7246a011fd58716c32cb4faf58fa9532ae3ff4c3a6d6c649ff"
				"c86535d8b4cd5462f122addfffea11bf893ab87fa195db1547ae98f4482e6811"
				"69accfbc596abebc42b7200d249c283b1e1fd8ff905370aa78f85d24d2db5856"
				"1de6339d4b277eeee96add5b1c5cf89c2fbd5724a152d5459cd64dbf01d571f4"
				"e8b0e140af69d4494cc5a4c04e02d55c840163aeb8a7cda77a04407deecf9788"
				"737467158be2a6506af03c33f45c9fe13990f754bdeb42a97f40c947a6e08332"
				"c9ce635acd50bec6bbda78a987596f27c1fc79c65c446046a25c762457d550d2",
	},
	{
		.name = "intermediate_req_pq_multi_40_bytes",
		.transport = VEC_INTERMEDIATE,
		.connection_header = "eeeeeeee",
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.frame =
				"2800000000000000000000000000001000b9556914000000f18e7ebec8fd5a42"
				"14ff63b357977349ee2d8b8e",
	},
	{
		.name = "intermediate_quick_ack_40_bytes",
		.transport = VEC_INTERMEDIATE,
		.connection_header = "eeeeeeee",
		.quick_ack = true,
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.frame =
				"2800008000000000000000000000001000b9556914000000f18e7ebec8fd5a42"
				"14ff63b357977349ee2d8b8e",
	},
	/* transport error -404 */
	{
		.name = "intermediate_error_404",
		.transport = VEC_INTERMEDIATE,
		.from_server = true,
		.payload = "6cfeffff",
		.frame = "040000006cfeffff",
	},
	{
		.name = "padded_intermediate_6_bytes_padding",
		.transport = VEC_PADDED,
		.connection_header = "dddddddd",
		.payload = "6cfeffff",
		.padding = "29afd26df40f",
		.frame = "0a0000006cfeffff29afd26df40f",
	},
	/*
	 * 0..15 padding bytes are allowed; the receiver cannot see the boundary in the frame
	 * and must take it from the MTProto layer
	 */
	{
		.name = "padded_intermediate_3_bytes_padding",
		.transport = VEC_PADDED,
		.connection_header = "dddddddd",
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.padding = "aaa2cf",
		.frame =
				"2b00000000000000000000000000001000b9556914000000f18e7ebec8fd5a42"
				"14ff63b357977349ee2d8b8eaaa2cf",
	},
	{
		.name = "full_abc_seq_1",
		.transport = VEC_FULL,
		.seq = 1u,
		.payload = "616263",
		.frame = "0f000000010000006162634ed66d94",
	},
	/*
	 * the first packet of a connection has sequence number 0; CRC32 covers length,
	 * sequence number and payload
	 */
	{
		.name = "full_req_pq_multi_seq_0",
		.transport = VEC_FULL,
		.seq = 0u,
		.payload =
				"00000000000000000000001000b9556914000000f18e7ebec8fd5a4214ff63b3"
				"57977349ee2d8b8e",
		.frame =
				"340000000000000000000000000000000000001000b9556914000000f18e7ebe"
				"c8fd5a4214ff63b357977349ee2d8b8ea271c0b4",
	},
};

/* payload: vec_filler() of the label, payload_len bytes. */
static const struct vec_frame_big {
	const char *name;
	enum vec_transport transport;
	const char *label;
	uint32_t payload_len;
	const char *payload_sha256;
	const char *frame_first_4;
	uint32_t frame_len;
} vec_frame_big[] = {
	{
		.name = "abridged_65536_bytes",
		.transport = VEC_ABRIDGED,
		.label = "tgclone framing big",
		.payload_len = 65536u,
		.payload_sha256 =
				"75bf0f38fc38a38a4ef1ff7f72b678c7ba20471ecf2272a3888c30c46023494b",
		.frame_first_4 = "7f004000",
		.frame_len = 65540u,
	},
};

/* A payload of 4 bytes in place of a packet. */
static const struct vec_transport_error {
	int32_t code;
	const char *payload;
	const char *intermediate;
	const char *abridged;
} vec_transport_error[] = {
	{
		.code = -404,
		.payload = "6cfeffff",
		.intermediate = "040000006cfeffff",
		.abridged = "016cfeffff",
	},
	{
		.code = -429,
		.payload = "53feffff",
		.intermediate = "0400000053feffff",
		.abridged = "0153feffff",
	},
	{
		.code = -444,
		.payload = "44feffff",
		.intermediate = "0400000044feffff",
		.abridged = "0144feffff",
	},
};

/* The token of a quick ack: first int of msg_key_large of a client's message, bit 31 set. */
static const struct vec_quick_ack {
	const char *name;
	const char *msg_key_large;
	uint64_t token;
	const char *intermediate; /* on the wire */
	const char *abridged; /* on the wire */
} vec_quick_ack[] = {
	{
		.name = "token_for_full_message",
		.msg_key_large =
				"fa0d9817fc06f48df6f5a88914892aadf87c68031cc953bae2a4d1b6f3e92807",
		.token = 0x0000000097980dfau,
		.intermediate = "fa0d9897",
		.abridged = "97980dfa",
	},
};

/*
 * Obfuscated2. random: the 64 bytes drawn; init: with tag and dc in them; header: what is
 * sent. Keys are the client's: enc for what it sends. sent and received follow the header on
 * the two streams, in order.
 */
static const struct vec_obfuscated {
	const char *name;
	const char *random;
	const char *tag;
	bool has_dc; /* false: bytes 60, 61 stay random */
	int32_t dc;
	const char *secret; /* NULL: none */
	const char *init;
	const char *header;
	const char *enc_key;
	const char *enc_iv;
	const char *dec_key;
	const char *dec_iv;
	const char *sent_plain[2];
	const char *sent_wire[2];
	const char *received_wire[2];
	const char *received_plain[2];
} vec_obfuscated[] = {
	{
		.name = "all_a",
		.random =
				"6161616161616161616161616161616161616161616161616161616161616161"
				"6161616161616161616161616161616161616161616161616161616161616161",
		.tag = "dddddddd",
		.has_dc = true,
		.dc = 2,
		.secret = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		.init =
				"6161616161616161616161616161616161616161616161616161616161616161"
				"616161616161616161616161616161616161616161616161dddddddd02006161",
		.header =
				"6161616161616161616161616161616161616161616161616161616161616161"
				"616161616161616161616161616161616161616161616161ab4162424f66fddc",
		.enc_key = "dc7e657f108bc7575e7367393d26be3e90f9639420a5fb4a6ff741019ca1a8c3",
		.enc_iv = "61616161616161616161616161616161",
		.dec_key = "dc7e657f108bc7575e7367393d26be3e90f9639420a5fb4a6ff741019ca1a8c3",
		.dec_iv = "61616161616161616161616161616161",
	},
	{
		.name = "encrypt",
		.random =
				"f5768f50b731260a46be1027c2eeaa39350624f0b6da59eba56c81fe4510c2e0"
				"b61d3dd323ee02388633e3837a0c1c24fa6f29ccd724be6f416ff7b026f6cce6",
		.tag = "dddddddd",
		.has_dc = true,
		.dc = 2,
		.secret = "8a96ef6e42a18c21837580cd1c91c5a8",
		.init =
				"f5768f50b731260a46be1027c2eeaa39350624f0b6da59eba56c81fe4510c2e0"
				"b61d3dd323ee02388633e3837a0c1c24fa6f29ccd724be6fdddddddd0200cce6",
		.header =
				"f5768f50b731260a46be1027c2eeaa39350624f0b6da59eba56c81fe4510c2e0"
				"b61d3dd323ee02388633e3837a0c1c24fa6f29ccd724be6fbea2dde16dc59dd2",
		.enc_key = "5a4be5232bb556e470df2c648164f0ec1bdf53a0c799f40fb3d3935784a826c1",
		.enc_iv = "8633e3837a0c1c24fa6f29ccd724be6f",
		.dec_key = "b2046c5af17d0e09b8a4c74ae4afdc6ea67ef1583be1fa8d89ecdb889e6df105",
		.dec_iv = "eb59dab6f024063539aaeec22710be46",
		.sent_plain = {"61626364"},
		.sent_wire = {"ca7a8226"},
		.received_wire = {"61626364"},
		.received_plain = {"8f711982"},
	},
	{
		.name = "no_secret_ff",
		.random =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.tag = "eeeeeeee",
		.has_dc = false,
		.init =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffeeeeeeeeffffffff",
		.header =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"fffffffffffffffffffffffffffffffffffffffffffffffffce8ab2203db2bff",
		.enc_key = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.enc_iv = "ffffffffffffffffffffffffffffffff",
		.dec_key = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.dec_iv = "ffffffffffffffffffffffffffffffff",
	},
	{
		.name = "proxy_dc1",
		.random =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.tag = "eeeeeeee",
		.has_dc = true,
		.dc = 1,
		.secret = "00000000000000000000000000000000",
		.init =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffeeeeeeee0100ffff",
		.header =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffecec4cbda8bb188b",
		.enc_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.enc_iv = "ffffffffffffffffffffffffffffffff",
		.dec_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.dec_iv = "ffffffffffffffffffffffffffffffff",
	},
	{
		.name = "proxy_test_dc1",
		.random =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.tag = "eeeeeeee",
		.has_dc = true,
		.dc = 10001,
		.secret = "00000000000000000000000000000000",
		.init =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffeeeeeeee1127ffff",
		.header =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffecec4cbdb89c188b",
		.enc_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.enc_iv = "ffffffffffffffffffffffffffffffff",
		.dec_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.dec_iv = "ffffffffffffffffffffffffffffffff",
	},
	{
		.name = "proxy_media_dc1",
		.random =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		.tag = "eeeeeeee",
		.has_dc = true,
		.dc = -1,
		.secret = "00000000000000000000000000000000",
		.init =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffeeeeeeeeffffffff",
		.header =
				"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
				"ffffffffffffffffffffffffffffffffffffffffffffffffecec4cbd5644188b",
		.enc_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.enc_iv = "ffffffffffffffffffffffffffffffff",
		.dec_key = "5386979cea452edad064dcfd4d8bba3007c85fbfb0dbf9b60ff491d99bf01d5f",
		.dec_iv = "ffffffffffffffffffffffffffffffff",
	},
	{
		.name = "stream_no_secret",
		.random =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb269c489920ef99021b",
		.tag = "eeeeeeee",
		.has_dc = false,
		.init =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb26eeeeeeeeef99021b",
		.header =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb26d4a1fe6d34f1ba08",
		.enc_key = "10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8a990c9b8b980c343",
		.enc_iv = "936b33fa7f97bae025102532233abb26",
		.dec_key = "26bb3a2332251025e0ba977ffa336b9343c380b9b8c990a9a8c65d63ba44056e",
		.dec_iv = "db6aeee6883f45f95def566dadb4b610",
		.sent_plain = {"040000006cfeffff", "040000006cfeffff"},
		.sent_wire = {"a1020630a410e940", "f53ff53f371db495"},
		.received_wire = {"e8027df708ab3b5c", "1854be76d2df4949"},
		.received_plain = {"040000006cfeffff", "040000006cfeffff"},
	},
	{
		.name = "proxy_keys",
		.random =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb269c489920ef99021b",
		.tag = "eeeeeeee",
		.has_dc = true,
		.dc = 10001,
		.secret = "00112233445566778899aabbccddeeff",
		.init =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb26eeeeeeee1127021b",
		.header =
				"29afd26df40fb8ed10b6b4ad6d56ef5df9453f88e6ee6adb6e0544ba635dc6a8"
				"a990c9b8b980c343936b33fa7f97bae025102532233abb268a1e83d9ccbc0c15",
		.enc_key = "dd03188944590983e28dad14d97d0952389d118af4ffcbdb28d56a6a612ef7a6",
		.enc_iv = "936b33fa7f97bae025102532233abb26",
		.dec_key = "413b8e08021fbb08a2962b6d7187194fe46565c6b329d3bbdfcffd4870c16119",
		.dec_iv = "db6aeee6883f45f95def566dadb4b610",
	},
	{
		.name = "direct_dc2_first_frame",
		.random =
				"b20a5aa0b6d7c8d3835c778e4bc603a05d5e5874f24e0b74abeb3e7588d5f1b7"
				"6a73710e3e322c5a175356af1cb7d4168a0c55da7d5c8727bfa7289264482585",
		.tag = "eeeeeeee",
		.has_dc = true,
		.dc = 2,
		.init =
				"b20a5aa0b6d7c8d3835c778e4bc603a05d5e5874f24e0b74abeb3e7588d5f1b7"
				"6a73710e3e322c5a175356af1cb7d4168a0c55da7d5c8727eeeeeeee02002585",
		.header =
				"b20a5aa0b6d7c8d3835c778e4bc603a05d5e5874f24e0b74abeb3e7588d5f1b7"
				"6a73710e3e322c5a175356af1cb7d4168a0c55da7d5c8727f72c81a5ec1ee8ce",
		.enc_key = "835c778e4bc603a05d5e5874f24e0b74abeb3e7588d5f1b76a73710e3e322c5a",
		.enc_iv = "175356af1cb7d4168a0c55da7d5c8727",
		.dec_key = "27875c7dda550c8a16d4b71caf5653175a2c323e0e71736ab7f1d588753eebab",
		.dec_iv = "740b4ef274585e5da003c64b8e775c83",
		.sent_plain =
				{"2800000000000000000000000000001000b9556914000000f18e7ebec8fd5a42"
				"14ff63b357977349ee2d8b8e"},
		.sent_wire =
				{"97f56bfe754b59d93e5c36f7c8592fd8d67b6360e29dbe9dc3bee5f0df511e1c"
				"86b899d696b5f59734bcff35"},
	},
};

/*
 * Random beginnings that must be drawn again: these first bytes (filled up with 55 here), and a
 * second int of 0.
 */
static const char *const vec_obfuscated_refused[] = {
	"ef55555555555555",
	"4845414455555555",
	"504f535455555555",
	"4745542055555555",
	"4f50544955555555",
	"dddddddd55555555",
	"eeeeeeee55555555",
	"1603010255555555",
	"5555555500000000",
};

#endif
