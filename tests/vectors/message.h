/*
 * Encrypted messages, whole, and ones that must be refused; sequence numbers, message ids,
 * quick acks. Hex strings in wire order; msg_id is a number. The rows t1 .. t5 are one
 * conversation in order, over VEC_KEY_EXCHANGED.
 */
#ifndef TGCLONE_VECTORS_MESSAGE_H
#define TGCLONE_VECTORS_MESSAGE_H

#include "tests/vectors/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages that are right. */
static const struct vec_message {
	const char *name;
	uint32_t x; /* 0 from the client, 8 from the server */
	const char *auth_key;
	const char *salt; /* 8 bytes; NULL: plain is not a message */
	const char *session_id; /* 8 bytes */
	uint64_t msg_id;
	uint32_t seq_no;
	const char *body; /* message data */
	const char *padding;
	const char *plain; /* head, body and padding */
	const char *msg_key_large; /* NULL where a row does not say */
	const char *msg_key;
	const char *aes_key;
	const char *aes_iv;
	const char *packet; /* what the transport carries */
} vec_message[] = {
	/*
	 * tests msg_key + KDF + IGE only: the 45-byte text stands where salt|session_id|...
	 * would be; 19 zero padding bytes
	 */
	{
		.name = "raw_45_bytes_zero_padding",
		.x = 0u,
		.auth_key = VEC_KEY_COUNTING,
		.plain =
				"48656c6c6f2c20776f726c6421205468697320646174612073686f756c642072"
				"656d61696e207365637572652100000000000000000000000000000000000000",
		.msg_key_large =
				"021d57cdcecd9b33a81729d46db54019a2bfd7f744f9b96c8d744ce4734566db",
		.msg_key = "a81729d46db54019a2bfd7f744f9b96c",
		.aes_key = "2d689d7521c73c1ebba0211aa5baa00f428c636adf5b26e46894867ac6e4eb58",
		.aes_iv = "5a1ce9345d4b5db43787e7885d67597e51804bbf968fb781c5000182ba631c9c",
		.packet =
				"32d1586ea457dfc8a81729d46db54019a2bfd7f744f9b96c4f716cfdc4477db2"
				"a2c15f6ddb85235fb9552f1d8407c6aaea00cc844c5a1bf6ac44b79b5edc2a23"
				"868b3d6073a590992c0f2975243d563ea180d218ee757c9a",
	},
	/* ASCII text, not TL */
	{
		.name = "full_message",
		.x = 0u,
		.auth_key = VEC_KEY_LISTED,
		.salt = "efbeaddeaddeefbe",
		.session_id = "efbeedfeedfeefbe",
		.msg_id = 0x1234beefbeef1234u,
		.seq_no = 777u,
		.body = "68656c6c6f2c20776f726c6421212121",
		.padding = "29afd26df40fb8ed10b6b4ad6d56ef5d",
		.plain =
				"efbeaddeaddeefbeefbeedfeedfeefbe3412efbeefbe34120903000010000000"
				"68656c6c6f2c20776f726c642121212129afd26df40fb8ed10b6b4ad6d56ef5d",
		.msg_key_large =
				"fa0d9817fc06f48df6f5a88914892aadf87c68031cc953bae2a4d1b6f3e92807",
		.msg_key = "f6f5a88914892aadf87c68031cc953ba",
		.aes_key = "6db80c007196fe176989631a6882507ae7de5737d82b7edca4eef0764ec29fd9",
		.aes_iv = "25bcea1701ffb9f64ca1dfc57d660a49b380566a51e170a00181c52d67de829a",
		.packet =
				"40fa5bb7cb56a895f6f5a88914892aadf87c68031cc953ba29d68e118021f329"
				"be386a620d49f3ad3a50c60dcef3733f214e8cefa3e403c11d193637d4971dc1"
				"5db7f74b26fd16cb0e8fee30bf7e3f68858fe82927e2cd06",
	},
	/*
	 * a receiver that applies the client checks must only be used with this packet to test
	 * decryption: the msg_id is even and far in the future
	 */
	{
		.name = "decrypt_ok",
		.x = 8u,
		.auth_key = VEC_KEY_LISTED,
		.salt = "efbeaddeaddeefbe",
		.session_id = "efbeedfeedfeefbe",
		.msg_id = 0x1234beefbeef1234u,
		.seq_no = 777u,
		.body = "68656c6c6f2c20776f726c6421212121",
		.padding = "29afd26df40fb8ed10b6b4ad6d56ef5d",
		.plain =
				"efbeaddeaddeefbeefbeedfeedfeefbe3412efbeefbe34120903000010000000"
				"68656c6c6f2c20776f726c642121212129afd26df40fb8ed10b6b4ad6d56ef5d",
		.packet =
				"40fa5bb7cb56a8950c394b884f1529efc42fea22d972fea650a714ce6d2d1bdb"
				"3d98ff5929b8768c401771a69795f36a7e720dcafac2efbccd0ba368e8a7f48b"
				"07362cac1a32ffcabe188b51a36cc4d54e1d0633cf9eaf35",
	},
	/*
	 * As decrypt_ok with bytes of a padded transport behind it: (length - 24) mod 16 bytes
	 * go first.
	 */
	{
		.name = "decrypt_trailing_transport_padding",
		.x = 8u,
		.auth_key = VEC_KEY_LISTED,
		.salt = "efbeaddeaddeefbe",
		.session_id = "efbeedfeedfeefbe",
		.msg_id = 0x1234beefbeef1234u,
		.seq_no = 777u,
		.body = "68656c6c6f2c20776f726c6421212121",
		.padding = "29afd26df40fb8ed10b6b4ad6d56ef5d",
		.plain =
				"efbeaddeaddeefbeefbeedfeedfeefbe3412efbeefbe34120903000010000000"
				"68656c6c6f2c20776f726c642121212129afd26df40fb8ed10b6b4ad6d56ef5d",
		.packet =
				"40fa5bb7cb56a8950c394b884f1529efc42fea22d972fea650a714ce6d2d1bdb"
				"3d98ff5929b8768c401771a69795f36a7e720dcafac2efbccd0ba368e8a7f48b"
				"07362cac1a32ffcabe188b51a36cc4d54e1d0633cf9eaf35deadbeef",
	},
	/* a real server packet: msg_container with new_session_created and msgs_ack */
	{
		.name = "container_from_server",
		.x = 8u,
		.auth_key = VEC_KEY_LIVE,
		.salt = "fc826a02248b28fd",
		.session_id = "60f2c4822443ad68",
		.msg_id = 0x5e308b91c2c1f001u,
		.seq_no = 2u,
		.body =
				"dcf8f1730200000001a8c1c2918b305e010000001c0000000809c29ec4fd33ad"
				"918b305e18a88ea607ee5816fc826a02248b28fd01ccc1c2918b305e02000000"
				"14000000c5737734c4fd33ad918b305e6408300000000000",
		.padding = "fce66704a3cd8ee9d0ae6fab672c60c04a3f1fd4490e51f6",
		.plain =
				"fc826a02248b28fd60f2c4822443ad6801f0c1c2918b305e0200000058000000"
				"dcf8f1730200000001a8c1c2918b305e010000001c0000000809c29ec4fd33ad"
				"918b305e18a88ea607ee5816fc826a02248b28fd01ccc1c2918b305e02000000"
				"14000000c5737734c4fd33ad918b305e6408300000000000fce66704a3cd8ee9"
				"d0ae6fab672c60c04a3f1fd4490e51f6",
		.packet =
				"7a7183c2c10e4f4df945fa9a9abd35e7c3840b61f045304f39674c19c0e20978"
				"4f50f6226a073529d675c92cbf0bfa8c99a79b3f39c72a5d9a026d431ab7407c"
				"a04ecc55187d6c45f17871524edd90cea02ed728e14d7cb18aea2a636158f094"
				"59a9437710d894c79f368c4e8164b7647ea98612aefe942c5d92121acb8db02d"
				"ccceb66d0f8720ac12a06db0582bfd955be34f365118e3bab8cd080ce6b45b28"
				"eac56dcd2a29374e",
	},
	/*
	 * invokeWithLayer(228, initConnection(..., help.getConfig)); first content-related
	 * message: seq_no 1. transcript step 1; auth_key and salt from full_exchange
	 */
	{
		.name = "t1_first_query",
		.x = 0u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "1e4337c704e52874",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b90111111110u,
		.seq_no = 1u,
		.body =
				"0d0d9bdae4000000a95ecdc10000000039300000077467636c6f6e65054c696e"
				"7578000003302e3102656e000000000002656e006b18f9c4",
		.padding = "c93f5dc2d3e414d3702151a745ef7d7bb851fcc2f9bb818b",
		.plain =
				"1e4337c704e528746c5ac846c80df7741011111101b955690100000038000000"
				"0d0d9bdae4000000a95ecdc10000000039300000077467636c6f6e65054c696e"
				"7578000003302e3102656e000000000002656e006b18f9c4c93f5dc2d3e414d3"
				"702151a745ef7d7bb851fcc2f9bb818b",
		.msg_key_large =
				"194be514859a32c5ea289e2415118d6a65a53db4d90e2b875193cc55f4489a0c",
		.msg_key = "ea289e2415118d6a65a53db4d90e2b87",
		.aes_key = "06cb04e2c93bf2e845fd0865a6c2f6bc34e1a6ff3801582de76440e3fde7e2c1",
		.aes_iv = "6920d3182d22915d387ed5d373c1a7b9d581ba576f2663ee5f05a8f3e556d182",
		.packet =
				"de2b2709ba627f01ea289e2415118d6a65a53db4d90e2b87bd96792b23957e96"
				"b81a905709854bd32273ec91e0babb3248a9a097039fd51fc3e823448f58658a"
				"0f49dc84ff00e3b844abbf84b6cd1e3ab609194735088e86c3abda7a8083d18e"
				"9680a1bf25839d9eb4779587d651f929f5a27cdde40d9f6a25731935f75832ec"
				"95e86766bd6d16c2",
	},
	/*
	 * bad_server_salt: the client must store the salt and send the same query again as a
	 * new message. transcript step 2
	 */
	{
		.name = "t2_bad_server_salt",
		.x = 8u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "2d3c736d81ee6da7",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b90122222223u,
		.seq_no = 0u,
		.body = "7b44abed1011111101b9556901000000300000002d3c736d81ee6da7",
		.padding = "e7866565e48b5ffaa902d07f52587800026a37cf",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7742322222201b95569000000001c000000"
				"7b44abed1011111101b9556901000000300000002d3c736d81ee6da7e7866565"
				"e48b5ffaa902d07f52587800026a37cf",
		.msg_key_large =
				"4c26d2ab17dc0037d6c95fbae8ba530758c88ac483be050286ddc88d10f1c3be",
		.msg_key = "d6c95fbae8ba530758c88ac483be0502",
		.aes_key = "4a5df894b777027fc5436d0399f1534f5993ccda491d97938224a20d4f8faf4e",
		.aes_iv = "628658b3c82e75301fd15499b572b610b4b420816808d53cf325c4547a544c99",
		.packet =
				"de2b2709ba627f01d6c95fbae8ba530758c88ac483be0502c2a88f2faf0f8bf6"
				"757071e8cd040703cc481c8ba4be5c5fd9622727278d49cfe8e564de9731aae1"
				"a96e165a62b73b499c2bb5a52d811cbbe3e16a46154f728533d6b5e99ff66281"
				"fca00e5a24fe4dcb",
	},
	/*
	 * msg_container of 2: the query again with a new msg_id and seq_no 3, then
	 * ping_delay_disconnect (not content-related: seq_no 4); the container itself has the
	 * largest msg_id and seq_no 4. transcript step 3. ping is content-related in some
	 * clients, here it is not
	 */
	{
		.name = "t3_container_resend_and_ping",
		.x = 0u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "2d3c736d81ee6da7",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b90133333338u,
		.seq_no = 4u,
		.body =
				"dcf8f173020000003033333301b9556903000000380000000d0d9bdae4000000"
				"a95ecdc10000000039300000077467636c6f6e65054c696e7578000003302e31"
				"02656e000000000002656e006b18f9c43433333301b955690400000010000000"
				"8c7b42f307000000000000004b000000",
		.padding = "d3be6a5486d9533e51044a077a3ef27e",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7743833333301b955690400000070000000"
				"dcf8f173020000003033333301b9556903000000380000000d0d9bdae4000000"
				"a95ecdc10000000039300000077467636c6f6e65054c696e7578000003302e31"
				"02656e000000000002656e006b18f9c43433333301b955690400000010000000"
				"8c7b42f307000000000000004b000000d3be6a5486d9533e51044a077a3ef27e",
		.msg_key_large =
				"9fb61db9ab54fc3d2e606a9d27e7e3d369dbde59892e27d52a041889d312c4a9",
		.msg_key = "2e606a9d27e7e3d369dbde59892e27d5",
		.aes_key = "574ca647829561f2ae9c3f370313c4fb6696262992d727466a40e00f7526f060",
		.aes_iv = "a0250416757df54d48efd79351cda7672807f8f83377d49cacf664374f88e9e3",
		.packet =
				"de2b2709ba627f012e606a9d27e7e3d369dbde59892e27d5d62d453b349b5790"
				"a00b8a51e7b97b1704c6bbb70067230fcc1ce020c56a161e3c26d3cea96989ba"
				"8ab80434f8efabb264df8c90b60fc14b22798b4d9273f78ee18ce83ef0c3be3d"
				"3beed8e0029ba65eba626c0658423509c67b52d29407921b6afb9913b8cd6c87"
				"770e5592f9f04b9991a5e0ae71aa17477559748c3f35ffce219788732a7a6bad"
				"ec8fbb1746060f4dc1b29ab1b89028fd573ad905a6567263",
	},
	/*
	 * msg_container of 3: new_session_created (seq 1), rpc_result with rpc_error
	 * FLOOD_WAIT_3 (seq 3), pong (seq 4). transcript step 4
	 */
	{
		.name = "t4_server_container",
		.x = 8u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "2d3c736d81ee6da7",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b9021000000du,
		.seq_no = 4u,
		.body =
				"dcf8f173030000000100001002b95569010000001c0000000809c29e30333333"
				"01b9556901a26c986a9c166e2d3c736d81ee6da70500001002b9556903000000"
				"24000000016d5cf33033333301b9556919ca4421a40100000c464c4f4f445f57"
				"4149545f330000000900001002b955690400000014000000c573773434333333"
				"01b955690700000000000000",
		.padding = "4bfe566fef0178e25d64bdddc66206667de1f7ea",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740d00001002b95569040000008c000000"
				"dcf8f173030000000100001002b95569010000001c0000000809c29e30333333"
				"01b9556901a26c986a9c166e2d3c736d81ee6da70500001002b9556903000000"
				"24000000016d5cf33033333301b9556919ca4421a40100000c464c4f4f445f57"
				"4149545f330000000900001002b955690400000014000000c573773434333333"
				"01b9556907000000000000004bfe566fef0178e25d64bdddc66206667de1f7ea",
		.msg_key_large =
				"4d2f97ced5ab11d8f2f662312358127302aab0399fa808090562b42fe106068c",
		.msg_key = "f2f662312358127302aab0399fa80809",
		.aes_key = "cb1cc8bceb3b7687a6cc9e81db92b663a7ae9e8a96642c2dcfc3fef7eff4f4f9",
		.aes_iv = "1f3834bd73f8a17cc5872b2b4d5e79bda4afe24a9528162e129ef1f60a7eaed9",
		.packet =
				"de2b2709ba627f01f2f662312358127302aab0399fa8080930ce7e7af5e9b8a8"
				"8ede9432ab13322b157e4e28410cd16596ba75c8424a64b90fea6667a1d34f7d"
				"fa4c3048c51f9e2fb3d262ab94c457e947ae75a0e10ea4631113f96a931753e7"
				"406315441120cf7034b7122fc89d66fa95d73488c20193f187bb617ea8e69d7b"
				"ce1b25969c8872765c22569f82af0778b1a631aaad8211a826cf31782ca7811b"
				"64562e20dac056412642374607bcf415b54cbce837cde6d5a15ec1263ac25f2e"
				"39559e4a3ada9b0785c3dcba9b3cce7b67aed43d8d5341a1",
	},
	/*
	 * msgs_ack of the two content-related server messages; acks are not content-related:
	 * seq_no 4. transcript step 5
	 */
	{
		.name = "t5_ack",
		.x = 0u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "2d3c736d81ee6da7",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b90310000000u,
		.seq_no = 4u,
		.body = "59b4d66215c4b51c020000000100001002b955690500001002b95569",
		.padding = "f4f7647d45d61d26a6eab26f262aa1b96ed94dfe",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740000001003b95569040000001c000000"
				"59b4d66215c4b51c020000000100001002b955690500001002b95569f4f7647d"
				"45d61d26a6eab26f262aa1b96ed94dfe",
		.msg_key_large =
				"5f08fef362448f033246a87bdd77b1c1b587e97b64a96398f03e0d43b7509805",
		.msg_key = "3246a87bdd77b1c1b587e97b64a96398",
		.aes_key = "526addd835fc4c2651da50ed9d9aa0f7e7f1375191b33292ce8a18dceb0df939",
		.aes_iv = "922ffc85b163ad1cfda8d40affef4bc14dbc775aaac7a42579530fe3f67bc1de",
		.packet =
				"de2b2709ba627f013246a87bdd77b1c1b587e97b64a9639853567e930d51ddbb"
				"e381e4d1d7288ac28ef412a74d893eb3cc9a605c88d389a1669f0bd0de9f6915"
				"a3589ed1a698ae3a8fd4a5448216dfd424b0abe29cfdbec85032baff2a443c04"
				"3ed7f3cc708ee56d",
	},
	/* padding of 1012 bytes is allowed (12..1024) */
	{
		.name = "padding_near_maximum",
		.x = 0u,
		.auth_key = VEC_KEY_EXCHANGED,
		.salt = "2d3c736d81ee6da7",
		.session_id = "6c5ac846c80df774",
		.msg_id = 0x6955b90320000000u,
		.seq_no = 5u,
		.body = "ec77be7a0100000000000000",
		.padding =
				"d864f5010a84415c15fe26355a0c1ffba998fa2d5d95159b934b1d332486dd5f"
				"c91c337676bd19dc117c8d286ff68d64bea5f78470ef034bf30e7458fcc4c822"
				"384a28e46c375af2dd76ce940b80d66fb7b1eaee83ee3158f482d6de0753ca13"
				"f5e30b94c41f9038efc855d8242da180b99ec6baea77cae7f8caebed74d7ddb0"
				"e43988a332decb1a18262d9dba7e83e4cf1ebdf5c12c1cda546d83fe2898313a"
				"d22ab01c0bc93c849fd8f2c4fae6bb5f4155ac0d091eb2786d5d1cc0af821fa1"
				"90996304524da08606e82f79e706080242a593faf8b8bb0b7461c349e5e10eab"
				"da1f7f92bb9c257113063995a660db4975029cf1208bdf75234dca040da4aa94"
				"2b14cfc5e2d611e8beb123f99ca1329d8c6577a9ff7c8c841e3850565881f606"
				"dacf4b192befbe6b735ce3196a2fe712e5caa3bf03a38e8e5841e6985fcad7c6"
				"a975b6e81e102388eb8403a135a3b5ef0cf12a2ccb3c7b0eacd1bd413b3a3398"
				"ccd976d5c21a71ed29fd85bb30a864da420407b40069f8400e92a42b0c3846f0"
				"b0a7ba0877058bf2723bbba3c4df0bdbcfc7b9009707fe2d607eeef99ecd546b"
				"389d7fed490981d8b7b297e17ad05eee31fbcfb55187a46df4eb9ec2a07481e1"
				"620e15e03fac7b74ba9e605f2ae6eeaec5387a7ff1a1741c68bf56b89edfa416"
				"f4807d9c0d1e1df44d7e0c2201eaac8f79543459933a41f0cd93f0db5262493e"
				"c1f83e1c472b4a79ffdb6f6c055d9a9e4b059415204bb3f685fe9026ea9e8022"
				"88e975763c8632c61c1dd7c2bfde3ad2f0fa775e46c2e2d53b07a9cf4c11e5b8"
				"cb24e6bf9a41b39ff7032fb830306c515dd15541815ae05205af3077045b6c00"
				"c4f320e6db2825041e01d57d50ef0faabc9273a27f8d62cb03aed303211995b6"
				"a7b3010cd24e062a6d2a9dbcf74b5d06536eb03029e42645f20cda1e406b466f"
				"9ea7f4e2f386a48d12546c6d45750dc33dd9a7c40b763432cdfa4f9355685ec2"
				"0aafc03bf920d97bcf69ccbcc3de55f8e610f099ed99900f8a200dcca97838e1"
				"094b3664813eb6fd10b107abdba07b9f5a56a3f6c4a53b613b283037cfee4abc"
				"ee35e5b4f6ab716fd88488dbf3eddce2731846080f2522e4ce9b307eddd26191"
				"4577ef6d67ac5bce13168ce6a34ecca755cfcf7ca5e840a4899c8f110335718c"
				"43f1e84c8f2bdbd887a68c2b45dd2c875c150f697bfa88415d1cddab24e7fc63"
				"e31f11aa17490e28ca220e431a8a49187a7fd87fbea2a0d144853a4195db3dd9"
				"98fc89e826bb7614505f7c8cf03f0bb2cda8f61544e7a7ab0aa5886e3bf83726"
				"1def1282a00e6701151375a8cf19ad1048665feaf14b3aa53d0f6716865f09ee"
				"f8e36c3a7af9d57756e88f134521a93edb9e5cc9c0a42f6f0225835ece49398b"
				"55538d9477ecc634f10116699fb3a80a1bb58f58",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740000002003b95569050000000c000000"
				"ec77be7a0100000000000000d864f5010a84415c15fe26355a0c1ffba998fa2d"
				"5d95159b934b1d332486dd5fc91c337676bd19dc117c8d286ff68d64bea5f784"
				"70ef034bf30e7458fcc4c822384a28e46c375af2dd76ce940b80d66fb7b1eaee"
				"83ee3158f482d6de0753ca13f5e30b94c41f9038efc855d8242da180b99ec6ba"
				"ea77cae7f8caebed74d7ddb0e43988a332decb1a18262d9dba7e83e4cf1ebdf5"
				"c12c1cda546d83fe2898313ad22ab01c0bc93c849fd8f2c4fae6bb5f4155ac0d"
				"091eb2786d5d1cc0af821fa190996304524da08606e82f79e706080242a593fa"
				"f8b8bb0b7461c349e5e10eabda1f7f92bb9c257113063995a660db4975029cf1"
				"208bdf75234dca040da4aa942b14cfc5e2d611e8beb123f99ca1329d8c6577a9"
				"ff7c8c841e3850565881f606dacf4b192befbe6b735ce3196a2fe712e5caa3bf"
				"03a38e8e5841e6985fcad7c6a975b6e81e102388eb8403a135a3b5ef0cf12a2c"
				"cb3c7b0eacd1bd413b3a3398ccd976d5c21a71ed29fd85bb30a864da420407b4"
				"0069f8400e92a42b0c3846f0b0a7ba0877058bf2723bbba3c4df0bdbcfc7b900"
				"9707fe2d607eeef99ecd546b389d7fed490981d8b7b297e17ad05eee31fbcfb5"
				"5187a46df4eb9ec2a07481e1620e15e03fac7b74ba9e605f2ae6eeaec5387a7f"
				"f1a1741c68bf56b89edfa416f4807d9c0d1e1df44d7e0c2201eaac8f79543459"
				"933a41f0cd93f0db5262493ec1f83e1c472b4a79ffdb6f6c055d9a9e4b059415"
				"204bb3f685fe9026ea9e802288e975763c8632c61c1dd7c2bfde3ad2f0fa775e"
				"46c2e2d53b07a9cf4c11e5b8cb24e6bf9a41b39ff7032fb830306c515dd15541"
				"815ae05205af3077045b6c00c4f320e6db2825041e01d57d50ef0faabc9273a2"
				"7f8d62cb03aed303211995b6a7b3010cd24e062a6d2a9dbcf74b5d06536eb030"
				"29e42645f20cda1e406b466f9ea7f4e2f386a48d12546c6d45750dc33dd9a7c4"
				"0b763432cdfa4f9355685ec20aafc03bf920d97bcf69ccbcc3de55f8e610f099"
				"ed99900f8a200dcca97838e1094b3664813eb6fd10b107abdba07b9f5a56a3f6"
				"c4a53b613b283037cfee4abcee35e5b4f6ab716fd88488dbf3eddce273184608"
				"0f2522e4ce9b307eddd261914577ef6d67ac5bce13168ce6a34ecca755cfcf7c"
				"a5e840a4899c8f110335718c43f1e84c8f2bdbd887a68c2b45dd2c875c150f69"
				"7bfa88415d1cddab24e7fc63e31f11aa17490e28ca220e431a8a49187a7fd87f"
				"bea2a0d144853a4195db3dd998fc89e826bb7614505f7c8cf03f0bb2cda8f615"
				"44e7a7ab0aa5886e3bf837261def1282a00e6701151375a8cf19ad1048665fea"
				"f14b3aa53d0f6716865f09eef8e36c3a7af9d57756e88f134521a93edb9e5cc9"
				"c0a42f6f0225835ece49398b55538d9477ecc634f10116699fb3a80a1bb58f58",
		.msg_key_large =
				"74f485bc6e1039113cc6a0c6d76ae1ae6b603dbe17ad035cb5021caddc90c1c9",
		.msg_key = "3cc6a0c6d76ae1ae6b603dbe17ad035c",
		.aes_key = "cb26e51cf829e01687749aa646d91d21b4ecd54fc99f52d2e984cd1ef96b62da",
		.aes_iv = "01aee2a94b30fbf32fe5529ecfcb536559613b71ba395d49640bb2e7c8ea0ea8",
		.packet =
				"de2b2709ba627f013cc6a0c6d76ae1ae6b603dbe17ad035c278402809a114084"
				"5477e5e22970b9d17806be3f99b703c0b31c8886409bebdb1f43e3bc0547c770"
				"695a545f3c6108f1cc5d9344c2e05560dd08328ec83188ad421291b3a47728e9"
				"1e3e53c84dde5d25b520f94632fa8be00393fd7d0fcb1096a95f2d11b9f4a1f9"
				"099f7ac6851ad9440992c34fc7a8dbbc5e1cd9cc2cc77f5a083e810a7074eda8"
				"3644ea7b48211bc3ff1580901fd8e8b50120f4a91a3ede6a8ecc6c84eb8b0ca5"
				"fd9d2c2e3a00ea991373fc33120521b0be550cc77fd73a0a36cd63c8641740e0"
				"31b0f72ef4c6fcc90aa697550a7fd5f18b11d5508a32ac3c8316f334dce953b0"
				"6286f597cdebcc5e81524f89342609badff8498efa5e2bfbdb63fdf75d6974c6"
				"6c936b370a9441d5884f9dae325c31d4cad8e871d2d6b7e8b8088f17e76b2bfc"
				"bb24c613ddfbd12b244e63c8e9373d943110eee97b1af0ee95a94785b8175097"
				"36ac8c375c64d79159665eb8e1b00393259c65be6627ea5fd1ff369eeef55105"
				"cbc410d8a5a4a23dc99edd76c560c6c4d1f61f3c8e0d7108c9740effe2d48a50"
				"03f5def9a9cdee4f4c59332842efb3a3b23cc57dc25b84d58c2b14737bb714f6"
				"d55c9405a1d4a756a22933a1f4cbd3c5cff4c3da516af890bc448a5261c4d08d"
				"55beb803b01c2764431b8f9515ce615d0c07430472a1931e2acf9919ac804c56"
				"b302d1a64a28868af87c7576b5b7078ebbb8f78c3cd1f61137276dc8d83b2de9"
				"9026a6248e3f14aba1774922bb4c003980f0c52b0757034949d0239c6e97ea7d"
				"8dde244f4ba7c8d1462a531a7ae25d55f27fab45d73f8718ddc99045d0652adc"
				"0fde16c8088d52f0c01195959913ad225eb050fb228fcbf1c65856c541d71d3e"
				"5ac41cd9081a8a6ad40ba4c20977cd93fabd5a080813ad3a9c399d035fc8a408"
				"4d49f5f19c88580e19cdcf7732ffcf56aec79cf198d09c659b774a90ab18597a"
				"d96cd32d7384d531ca8cf1bec83865677f842f5ed3befa3e4f6cafb9be1cccf4"
				"d4e6edd4ec32619a7f1bffd8003a056e225becee67ed6bb3becece39acb7aa0c"
				"84537c1bf47023537fcbc90d37a9210500d43a0c6be6eb84e42529168b2cdc27"
				"c5e6ddc907e1a5ee8e43600fd83f49bc92e72c64f20df0814d5a85caa6dbb2b6"
				"c59e270c30becdf2d84a882e5bed3c3ad3d10e2d4499719f0c8dcbf7ad7e4142"
				"60ebff2b8d26a90e3890323f34c1778aef0fb68f011cb8f02a7462cb42615f98"
				"6b8fbb4dbea95ca4ee2399c098c2b5559ac3e4e0ae753fcf69e776c2372debbd"
				"d42fb93fa4cb6ad0deb582c0e8e885ac037aa0b9ac5ce4936e8ba5240af64baa"
				"5ee303be6a93265387fd7461df2d35bc13b70d4152322c1d1983722cb3d6492a"
				"fa4e02541aa6b6a9c3abbb949057b61444a15802d5027da821457b3d5dc6ec4f"
				"e111a9ec6ad7f161aa3812206b4cedde68d82d01f51e361026e6e8ea9988cbe8"
				"3e5b3bbf2278f5d0ccdf1721815f931061d84673b78ead85",
	},
};

/* The messages inside the body of the row "container_from_server". */
static const struct vec_container_part {
	uint64_t msg_id;
	uint32_t seq_no;
	const char *body;
} vec_container_part[] = {
	/*
	 * new_session_created: first_msg_id=0x5e308b91ad33fdc4, unique_id=0x1658ee07a68ea818,
	 * server_salt=0xfd288b24026a82fc
	 */
	{
		.msg_id = 0x5e308b91c2c1a801u,
		.seq_no = 1u,
		.body = "0809c29ec4fd33ad918b305e18a88ea607ee5816fc826a02248b28fd",
	},
	/* pong: msg_id=0x5e308b91ad33fdc4, ping_id=0x0000000000300864 */
	{
		.msg_id = 0x5e308b91c2c1cc01u,
		.seq_no = 2u,
		.body = "c5737734c4fd33ad918b305e6408300000000000",
	},
};

enum vec_why {
	VEC_WHY_KEY_ID,  /* before decryption */
	VEC_WHY_MSG_KEY,
	VEC_WHY_SESSION, /* a session's check, not the envelope's */
	VEC_WHY_LENGTH,  /* too long, negative or not a multiple of 4 */
	VEC_WHY_PADDING, /* outside 12..1024 */
	VEC_WHY_MSG_ID,  /* a session's check: a server's id is odd */
};

/* Server packets (x = 8) that must be refused, and for which reason. */
static const struct vec_reject {
	const char *name;
	enum vec_why why;
	const char *auth_key;
	const char *session_id; /* of the client */
	const char *salt;
	const char *packet;
	const char *plain; /* where known */
} vec_reject[] = {
	/* refuse: msg_key does not match */
	{
		.name = "bad_msg_key",
		.why = VEC_WHY_MSG_KEY,
		.auth_key = VEC_KEY_LISTED,
		.session_id = "efbeedfeedfeefbe",
		.packet =
				"40fa5bb7cb56a8950000000000000000000000000000000050a714ce6d2d1bdb"
				"3d98ff5929b8768c401771a69795f36a7e720dcafac2efbccd0ba368e8a7f48b"
				"07362cac1a32ffcabe188b51a36cc4d54e1d0633cf9eaf35",
	},
	/*
	 * refuse: session_id differs (expected: as in full_message); decoded: salt
	 * efbeaddeaddeefbe, session_id edfeefbeefbeedfe, message_data_length 16,
	 * decrypted_size 64, padding 16
	 */
	{
		.name = "bad_session_id",
		.why = VEC_WHY_SESSION,
		.auth_key = VEC_KEY_LISTED,
		.session_id = "efbeedfeedfeefbe",
		.packet =
				"40fa5bb7cb56a895a986a7e97f4e90aa2769b5e702c6e86f5e1e82c6ff0c6829"
				"2521a2ba9704fa37fb341d895cf32662c6cf47ba31cbf27c30d5c03f6c2930f4"
				"30fd8858b836b73fe32d4a95b8ebcdbc9ca8908f7964c40a",
	},
	/*
	 * refuse: message_data_length exceeds the decrypted size; decoded: salt
	 * efbeaddeaddeefbe, session_id efbeedfeedfeefbe, message_data_length 9999999,
	 * decrypted_size 64, padding -9999967
	 */
	{
		.name = "length_too_long",
		.why = VEC_WHY_LENGTH,
		.auth_key = VEC_KEY_LISTED,
		.session_id = "efbeedfeedfeefbe",
		.packet =
				"40fa5bb7cb56a8950d19412233dd5d24be697c73274e08fbe515cf65e0c5f70c"
				"ad75fd2badc18c9f999f287351144eeb1cfcaa9bea33ef5058999ad96a498306"
				"08d2859425685a55b21fab413bfabc42ec5da283853b28c0",
	},
	/*
	 * refuse: message_data_length is not a multiple of 4; decoded: salt efbeaddeaddeefbe,
	 * session_id efbeedfeedfeefbe, message_data_length 3, decrypted_size 64, padding 29
	 */
	{
		.name = "length_not_multiple_of_4",
		.why = VEC_WHY_LENGTH,
		.auth_key = VEC_KEY_LISTED,
		.session_id = "efbeedfeedfeefbe",
		.packet =
				"40fa5bb7cb56a8957b4e4bec561eee4a5a1025bc8a35d3d0c79a3685d2b90ff0"
				"5f638e9c42c9fd9448b0ce8e7d49e7ea1ce458e47b825b5c7fd8ddf5b4fded46"
				"2a4bcc02f3ff2e89de6764d6d219f575e457fdcf8c163cdf",
	},
	/*
	 * refuse: padding outside 12..1024; decoded: salt efbeaddeaddeefbe, session_id
	 * efbeedfeedfeefbe, message_data_length 16, decrypted_size 48, padding 0
	 */
	{
		.name = "padding_out_of_range",
		.why = VEC_WHY_PADDING,
		.auth_key = VEC_KEY_LISTED,
		.session_id = "efbeedfeedfeefbe",
		.packet =
				"40fa5bb7cb56a895133671d1c637a9836e2c64b4d1a0521d8a25a6416fd4dc9e"
				"79f9478fb837703cc9efa0a19d12143c2a26e57cb4bc64d7bc972dd8f19c53c5"
				"90cc258162f44afc",
	},
	/* refuse: padding over 1024 */
	{
		.name = "padding_1040_bytes",
		.why = VEC_WHY_PADDING,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.salt = "2d3c736d81ee6da7",
		.packet =
				"de2b2709ba627f01830f919820fe64308019d9cbc653332eddda63eb5c05688f"
				"8dcb6543bb88208bc1f833f73ac0a92297d739938a2062a22c86d8f510da1ad4"
				"25812aa4360f2590d1251ae116494e0da88eac777178a0b39e922f6b592143ef"
				"df670812472e43d81aaf0d84867897062983bf126e524224e4e2cdbcee91ea3f"
				"562282757b0c3add8eab9d6d68e1202dd48a1613537c31b57287f232461329f4"
				"04853dda31c782aee77f16410a4c171f50c424ebc236b5e5bf0c41f60bd13c6d"
				"d31f9a9f747a49406e604c8a6468977959c20a6b0aed9f96b33301192a9fe8da"
				"82ba44eb965a2709c82f4dc64e9b772642444ec2e73ac72625198b2bdb413593"
				"86589a2d77a75c31f043a9ebcbc23da6d671a858dabf0f7e6d59a210d7451bbe"
				"18b934cdaf90cf0f1fecf7ff424a6e139b7a9edeade28a99c6fdde83c9f5cc48"
				"0f33d49a40a4c44de2c61ed66cfbce4795b27273dd33535a583ac7bdb1fff710"
				"b91dee533889f316aae4df5d7e374c4a31462aad9a2998e7be42b880ef67a3a6"
				"7e1f7cb7cd466715078e68dbce25d9f21d3952b4a477dc235adcb2df3d3da62e"
				"6153bf9bb51d570bf68fcd4030f1744578b76be070304e4a6c6bb7371e5395ba"
				"f19bbb12ea448a07edd486fd4e5581e21997c06c06b2658ef6311f1604d41db8"
				"59303d96ca50554865182e3068b911b7da572295c8ac4fbe08b6825d8b53c926"
				"c529dda8a7191ca2394eaa9bb464a87c95cd4e70c16bfd4a0ac74287e62fd044"
				"88a98333def76a7363d8fe191a06b0c1f6f496543ab9f79daf345bdf924b64e5"
				"3b7716b83a188081c29b247f5e8fd5241301d622c2d5cb8ec6e4906f8c2c1f01"
				"9b9095e75a6afbfcfcb47287d9934e1f1562978ddcb315730eb2729a83e0123b"
				"0a97db04d19793ac3abb6c4f6ee1bcc11bb45dcd35558f2a42ef9697ec60401b"
				"b6cff00f0c282e63226bb80690fe35fd611b8ace23e43994297082353e2bbbf0"
				"c2d2797107e22afc1618e25c726bced8d86d7236b5eb47f8596097750f9eabc6"
				"e2696680e931c7998564bf3e5cb6891541d8b6f2c17eb80ab3461edcf0208e4b"
				"d59540916d8bd50b4ffaf87c384a1f9f863c9f18bd888aae7642f1cab989c7e5"
				"8974751d13079426cebeb3bdf48b14ad56bf7813726fcb09212426cb670ff4ba"
				"cc242a71923a3b1fd9673d9ff64ea9b41284acae4835c4b1eea2bab53e329745"
				"e4d7a3dd4cf9ce54ccad6644e7020671e4f6f1f41f4ca12c8726dfb0a2aa54af"
				"f92b66162a4409539b0f894ca20813ea55357a76eb2fc4ecef90f7d39d7d0119"
				"892806f19fbe7144aea11d0513c77ca6409a2de80aef97ceeaab6b2e7e8653e1"
				"e584f2721921ea2d7c0f3f2b3f3f22afd031e0d0906f457a8e93cf0e3ab7d68e"
				"d789c7e582ed1156eab83a6400bf8ddaebd34f718e4c7ec7826abd7f8c22de14"
				"ae60fabc3f57456b886e74612621574e1faa8e9efc888ba0e9e2d348791f031a"
				"86df1fa81e53ad922cd1664a9e235ad38c9cbd353cac33b166e444e643930c6f"
				"d0dba5b76be663fa21627a9162a8f83078fbb262f595b27372b1d61ab87e34a4"
				"e2a2c04384b0e9c9",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740100001004b955690100000014000000"
				"c57377343433333301b955690700000000000000439e55750606b37edcfde2b1"
				"15417850e6eaa343473fd8cbedc1660b508bba4dd23da1a5fdd6672441c567e8"
				"cb7d3a5b283ad4ec35f1af627681a03dd8c7ea0629baa6039fbb02de8935283b"
				"bef9d4aedb37f3d6c1717964806d543ff41a87caeafc392dcf490dd7b12db791"
				"f45db10cfdb3d548bc112414f46b4bfb1c8457c8d731424ee3050cd5f4c7b19b"
				"0469b3999999052a4d6849421e019c18f427720539bd4d6607d3ce137691e30a"
				"7d69dbfdca1c928b95d14c115ccb47be25404a1cf814849223b237b68a2074dc"
				"994d91061c0e45e55ae97e430ed03913b86e85b5c08ee7bf0dae710a74d3806f"
				"073697772b7a4664aaef59f36152480a55605de4453b537fe0985e5630af7d7c"
				"92a0edc1a21a210909214ad799412aab74f90137776d0f63dfa99bcf3b4e9278"
				"7dedb51d7835f05d2f1c65b0999b019a4817b7929f8c189953356d8692098c80"
				"069792e89763f8dfb6ef6ea5e00adb1ad8c4c27c8287a520e7e69027652cc5b9"
				"c950feded7cca8ffa19875daf3de590dc8a27bd63ba3249d715e425906507431"
				"021dff0592eb1a2d4a148f6de9f0e3245687e0dffb5ef59b3aac1de99babc764"
				"790ccae1ff0d10c974fb43dfb663bb31aa09135433e8ed66831b6a105a0ea775"
				"bb104fc63d3bc884807f2fa728518d7847f1a12824402b35c72ba1a2d1dc8431"
				"69e6aa4d50fab06b00d7258f3ade53dcbb5d643a437cdcc58eba3d9fefcc97e6"
				"5c25123d129cac2fb81aab38e3ce00c6ac842ec3553704c04320d041e08e413f"
				"9fb1604b2753183855d04e6f492c12c241f8c72dd4244cf4ec48b9709424245d"
				"1397a211069d431da499413331631a30286b376a611070c42c80d12ee53593e0"
				"3bdd9639d1a7bc3bcb328b450acfaa3e8c2b4083903bd680389994524733cce3"
				"b0c175bc1f4252514355471d03593558fbdb7102edd8b97b94463b5465f86122"
				"b4fefb41114ede0688cfa7dbf610b77d89efe87e7803ef723395c83d52644bc7"
				"42bec2f482c3536706bb829c6c2ee45ae5654db96fcaa13589bd1f2b126863b6"
				"f25fe5de42b59f48971c9acfbe8bf474db8d45d551cb220266ee216d70f44ceb"
				"e127f8797eed07b19c9663e5602d2834253e6a4f1df4c48c01257cb72f952ea6"
				"6cf958e9d906438a175592eb1b42cddda9146ad80dc48a200cba367bda579348"
				"20dc6ce18c002d9b0a316cf48cfc76d1f084b47f256fd624d5712e8477fc47e4"
				"df2cd97c34dd4f31bcadab4d5a7164fff0ad6e89e0b7b8d60e9974619e4e7510"
				"ee5e9a1afc178a48fe6cd263bb472a6dcbe4ca45656f81c559fdf5332216a96b"
				"f1925de1d8629286845580e5d8cbcb8264062d319fbf465a9702220ed53a0588"
				"711003d1b7f32680df3f51457ec0f17836be75dce1f0814e509719d1dcdc084c"
				"4fc3b8789a44142e5634fa0e28bd09e2135c42f7d59dce66d33ca3bfd0037270"
				"06d86649bd72aa3c7059848b7d49f9fc",
	},
	/* refuse: padding under 12 */
	{
		.name = "padding_4_bytes",
		.why = VEC_WHY_PADDING,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.salt = "2d3c736d81ee6da7",
		.packet =
				"de2b2709ba627f017c0dc4dbc52fc90ef27fc8e3fdf779623d6d9ae776cc7b6a"
				"b6f616e662c3399668548735c1ca81a6c77d6fbf10e76ba51a7e67d3c36aa9ab"
				"dbe62b09b10be7b5",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740100001004b95569010000000c000000"
				"ec77be7a0100000000000000439e5575",
	},
	/* refuse: msg_id from a server must be odd */
	{
		.name = "even_msg_id",
		.why = VEC_WHY_MSG_ID,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.salt = "2d3c736d81ee6da7",
		.packet =
				"de2b2709ba627f0179711d37cf64ab08a8428a31253ea09c2dcc6032a7541abd"
				"d488e2432fb23717179ad255298d65dd8b23092f48a3906a0b9cfe7106297091"
				"537dc6bf571b7485b18a8de1f674f995b2e2ef206973ddb47898795d51a68a43"
				"f8b20600299b9b20",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740000001004b955690100000014000000"
				"c57377343433333301b955690700000000000000439e55750606b37edcfde2b1"
				"15417850e6eaa343473fd8cbedc1660b",
	},
	/* refuse: negative message_data_length */
	{
		.name = "negative_length",
		.why = VEC_WHY_LENGTH,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.salt = "2d3c736d81ee6da7",
		.packet =
				"de2b2709ba627f017ca09bc23ceaba054072e829c609897aba80693ed068c3b3"
				"a71ebd212be606537b80cf8ce5a48945cb51e6971742ae10d6f86f733ef49b69"
				"13d2ff985b27141c943ed7116754120555e744b81064c941606976590c7c94c2"
				"377c43e3e608896e",
		.plain =
				"2d3c736d81ee6da76c5ac846c80df7740100001004b9556901000000fcffffff"
				"c57377343433333301b955690700000000000000439e55750606b37edcfde2b1"
				"15417850e6eaa343473fd8cbedc1660b",
	},
	/* refuse: msg_key does not match */
	{
		.name = "one_bit_flipped",
		.why = VEC_WHY_MSG_KEY,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.packet =
				"de2b2709ba627f013cdec34804410d0c9c5a8b10060a26b20e5350c9f7d02e81"
				"559f606b5e78db051f6bbed0261c33ea08d33bcd2f6b594c6060008e72c8afa2"
				"09ebfdf4146d614e62bb49b27020b5829b9f540e7a20369bd6108788c601e140"
				"ce35dc69e98cb2b9",
	},
	/* refuse before decryption: auth_key_id is not ours */
	{
		.name = "unknown_auth_key_id",
		.why = VEC_WHY_KEY_ID,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.packet =
				"df2b2709ba627f013cdec34804410d0c9c5a8b10060a26b20e5350c9f7d02e81"
				"559f606b5e78db051f6bbed0261c33ea08d33bcd2f6b594c6060008e72c8afa2"
				"09ebfdf4146d614e62bb49b27020b5829b9f540e7a20369bd6108788c601e140"
				"ce35dc69e98cb2b8",
	},
	/*
	 * refuse: encrypted with x = 0 (a client packet sent back); msg_key does not match for
	 * x = 8
	 */
	{
		.name = "client_direction_reflected",
		.why = VEC_WHY_MSG_KEY,
		.auth_key = VEC_KEY_EXCHANGED,
		.session_id = "6c5ac846c80df774",
		.packet =
				"de2b2709ba627f01ae492ce19eaf3eec51cde0b2058ad2303bf21ed1271d1ad6"
				"a0e4c8760d22cc7f5b25fe23281433cb7b6de6fe2aa43fd347045c8fb29d08bf"
				"d3a73cb3a90cd0a8f1551626a9b4bce214f6de88a69993650f5edcac51a54076"
				"df60d6e8abbbc83d",
	},
};

/* seq_no of a client's messages in the order they are made. */
static const struct vec_seq_no {
	const char *what;
	bool content; /* content-related */
	uint32_t seq_no;
} vec_seq_no[] = {
	{
		.what = "content",
		.content = true,
		.seq_no = 1u,
	},
	{
		.what = "content",
		.content = true,
		.seq_no = 3u,
	},
	{
		.what = "ack",
		.content = false,
		.seq_no = 4u,
	},
	{
		.what = "container(2 content already counted)",
		.content = false,
		.seq_no = 4u,
	},
	{
		.what = "content",
		.content = true,
		.seq_no = 5u,
	},
	{
		.what = "ping not content",
		.content = false,
		.seq_no = 6u,
	},
	{
		.what = "content",
		.content = true,
		.seq_no = 7u,
	},
};

/*
 * Three ids asked for in one instant. What must hold: id >> 32 is the server's time, id % 4 =
 * 0, increasing. exact is by definition (fraction times 2^32); ids is what one client makes
 * (nanoseconds times 4, then + 4).
 */
static const struct vec_msg_id {
	int64_t unix_seconds;
	uint32_t nanoseconds;
	uint64_t exact;
	uint64_t ids[3];
} vec_msg_id[] = {
	{
		.unix_seconds = 1767225600,
		.nanoseconds = 250000000u,
		.exact = 0x6955b90040000000u,
		.ids = {0x6955b9003b9aca00u, 0x6955b9003b9aca04u, 0x6955b9003b9aca08u},
	},
};

/* Quick acks are in transport.h. */

#endif
