/*
 * Ciphers, key derivation, key ids. Hex strings in wire order; turn them into bytes with
 * hex.h. Fields that a row does not name are NULL or 0. Sources: NIST SP 800-38A,
 * core.telegram.org, public clients' tests; all recomputed.
 */
#ifndef TGCLONE_VECTORS_CRYPTO_H
#define TGCLONE_VECTORS_CRYPTO_H

#include "tests/vectors/keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * AES-256-IGE; iv is previous ciphertext, then previous plaintext. iv_after continues the
 * stream.
 */
static const struct vec_ige {
	const char *name;
	const char *key;
	const char *iv;
	const char *plain;
	const char *cipher;
	const char *iv_after;
} vec_ige[] = {
	{
		.name = "two_blocks",
		.key = "5468697320697320616e20696d706c655468697320697320616e20696d706c65",
		.iv = "6d656e746174696f6e206f6620494745206d6f646520666f72204f70656e5353",
		.plain = "99706487a1cde613bc6de0b6f24b1c7aa448c8b9c3403e3467a8cad89340f53b",
		.cipher = "792ea8ae577b1a66cb3bd92679b8030ca54ee631976bd3a04547fdcb4639fa69",
		.iv_after = "a54ee631976bd3a04547fdcb4639fa69a448c8b9c3403e3467a8cad89340f53b",
	},
	{
		.name = "zero_key_zero_iv_one_block",
		.key = "0000000000000000000000000000000000000000000000000000000000000000",
		.iv = "0000000000000000000000000000000000000000000000000000000000000000",
		.plain = "00000000000000000000000000000000",
		.cipher = "dc95c078a2408989ad48a21492842087",
		.iv_after = "dc95c078a2408989ad48a2149284208700000000000000000000000000000000",
	},
	{
		.name = "counting_key_iv_four_blocks",
		.key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		.iv = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
		.plain =
				"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
				"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
		.cipher =
				"42e66e1a756cccf5b27acc47523ad074ee39bf54e3db37bbdf415df6b400fca9"
				"77f708327c9e9341cc3dc8efd31e76463daa65b1f0d0252f790d77f1824a662c",
		.iv_after = "3daa65b1f0d0252f790d77f1824a662c303132333435363738393a3b3c3d3e3f",
	},
	{
		.name = "one_kib",
		.key = "8e2eebaf9bd69869d330e4c6a62f6e0855a6c8737f488f3026aacca530a2d4c9",
		.iv = "914948f5d3f605a99e1361f44301850ae182aff045f28ee996438177ec4ce2b0",
		.plain =
				"e3d52afb72fc06d7df3d2af60ce065f5ff766f44bee8b9c27c4b0d3ce4dcf39f"
				"1931e71a08b6190e5beefb85691533b8ebc4938e3c595930961067e31d3df5e7"
				"d5e195bacf7d96436dc4c5a702788ed831fcd87435aa8be2fa5d703d1d31dcf3"
				"b8dcd15afd8425081a024ad91adce6c2846ef27f61fba8ef56822b5c803ec75d"
				"f54ecbd70fad7d1d5b5830891824914ff3fec48bf10bff3d082f4adfe8eea64b"
				"a8018a8256e6833dcf04d076b5f0086ea7e66cdc91bde67eebc16d2fe3eac8ef"
				"7ddb26e474d780810335641c7d870f54b93d668ce25217561762e3af954f8c3d"
				"f1ba1aef6b3ed12dfcab6f83cb3bd0ce98807cd9915ca8041b4404d6fe8eb3a5"
				"19753c1c05fc120c3abda338f0ee5f030f0f92164304e106786ce12565405f12"
				"0a597e4156e599746087ef46ddb219eff2d59814de01ca4df8d32b9367d22a12"
				"aebfb313f10505fb6c86176d315a6dab9026bde4d0375d0cccbd9be70ef4d11d"
				"9d52b425be815867e439d96cff94b0b6a0b3b7364e53d55bca9d1c9627c67acc"
				"bbe209aaac5aa1cd0090fb81cd05c6d6647ab4c8d3176a5186c2e11a2505aea5"
				"9d15c4569b9f591c821c33032d38e1733aed79798c6c85a608bb616a132ebfb7"
				"747b5988c1280dc9e1baf65c493f3a4cf41db31c2723d23dfe5fa76d38578ee3"
				"5b48b8a91cb61b0f7b697a4ea456065f4503314b62698260c055f5e034c93125"
				"888f1d30ddfce1180b702b12f4b770b61649a9698cb38575e45dd5fe0a16481c"
				"c1c860e5c14ae4ce0de34d46638015a6cfd613ecc3a2ab2fe30df0158b3fc0df"
				"68c04ac39e17a68623e52593da8292167de9ab8802729d6d85408d62c87ae535"
				"6b4435e31a10ec9282548ab1f3a3fc016e4f4ab6c19af87dfa2ff8cba455f0a2"
				"d3088dcbd27a3002ec30620549a3f5ff92eb39869a654a966e7c8053e9030a49"
				"f0695d75e46abe2af3ff6fb201ec311b79d610791ad1624b4963cf1fc957680c"
				"86917ee0e6b10782a18507247004e6018e0d1f4d35f55a986d0d351552b30d14"
				"847d0f6c17f624a15e791601e2d015a0c1e8c02949bcd55b5dd091b38ef07747"
				"4245140fcd3a2878fe0c8756a105295290390ea9db90ca8487c4e23a68445453"
				"765ee1c5b1a2de27e517d3907b72865d47b22d7704513e370cf2fb8984b7141c"
				"ea91aea873e6fa768c8149d808d64385eea524fa23347fec2365bcdfbd07a1c2"
				"bc04d494531cb7fd89fb14d1af01821b0b22a45bb12b9baea701ed2fcd851f78"
				"36242d5ded72fe4d1ea8289d7bed7ec9c981944b32d394920edaa998eef6ecd7"
				"929dd21a863ce5d3c84f3dde7235c80778e4fb37a52a822f421a66fd1861d84f"
				"6c22e8730e4106c92bafdb253d59407aa2d357427381e7493c148d55b9e04d11"
				"a13767797c8047b2451e9e6c022246b323007f9527897312d62d27ebba9bee0b",
		.cipher =
				"d0a4a3e8ece57c6d541162bb729218e44392081873d2750fef96b7cd461eb41a"
				"3a931a7179b7468ad10bda0fe5d01fb6fa995c8bbc8415c31394bd5933b33886"
				"264d964f8ab5ba128effe300a6260ccec34ee32333cab2bf7057729b61c76ca3"
				"f87a099814f9a2622758d6c7e204127bbc60b5e574181590abd99b1820dc7ce2"
				"0a7f3959164da9f8102b23fba250790aeac8af14dfcabbb13d0ca5ed9afce85f"
				"576a44bed26671a89e24b428b45bb79d386478c4db9cb2dbd0f24e286def1ba1"
				"4502e24d0dbe3693ff342c534d7b8f27efcf1a05bc0e631c33dfd3d9520a6190"
				"0ead034cc9c3f253802b1932645bd97dc20a84c5f0aa85034a99d6ab4f22bc06"
				"c35683012c89b8056b8e66e9654af93e385b304291c995aebf3f4e017c9b6058"
				"588c9b316f1712f4b1fdc98d7bdc9f03d4601d61630efb0ca2b55bdeb4884330"
				"9720d1dfcb88e213a443eb686d7bf44b57483a2ace71e613e3e4fe05df255104"
				"8e1b76d616982034638ef0362e91f809a096c3080156d8364cfb7af6ef8a612d"
				"bfaa716d0f1d5754a0142f06811386bc581e755c27eb6a70d7b7ec28955f8ce4"
				"f7e73df9e795a98553a33654ecb271effeda152bd00fb442a7c1bb4d2590ab33"
				"41196bf41a4d9efc308db6e24003637467da639793761ddca2ebf3d0126ffbf0"
				"78cb23f9ea9e16569a62305c3332e2e4badfe3077c9aac99e7af881af2399480"
				"83250de08509567fd85699118fa03b2817a6287781be6597770de6ae1e7dfe6f"
				"5baa4d8c570114a2c1d8505674293cdb53e22b3b4fd0551dca5c195f7098cc4b"
				"97ac42ed15193d94fed7702863887d850cf86a7328d5413d281285f31069d1f6"
				"45a5d1dbeda2d36a486bc5fcb4e554b46aadf65426ff6034d8ec4d61ccf367fb"
				"aadf722d0e458988cb3c8086a0194c091a55378355cc54825f5bd1e082b74756"
				"0d1e017c4a5cae6ede1928d1b7f4472597815a6af98ec9617b16a0a970a9df48"
				"10161ca6f75ab36b4d7541048fbcdbac0989ee30b36855dbd1a4ab858819ba5b"
				"237e38c5786c7d8a636ec6c5c2007e839e3dee405be4d4ab77614223a55f038e"
				"dfc6d78b77a63633fa10c4f67db0e79fc1118f452f5d531d6c330a27460f8e10"
				"1c0db603c165fa67f76876f542fe8645ea82764f127c179cd40d119e85591e1c"
				"04edd8600b858129c83dc7c335a2b6aa95f5e9dafdb4f859ac021c3fbda5abf7"
				"ab3ac922d91b12b32dcf046e9d23c3a3d8ef05cfaddd4491515243a87f1f0d87"
				"c5bc69700f9da97e443d94beed26a549af777617d618fc4378a694e58bd8368a"
				"1c47bdb9324e49d216b2880e1200d9079fa276ddb30f76cea6b27b029f17e5c3"
				"a2293eb6ff8a62085a88ccf11759312e2fad1a5563f5ad2a138cf6194f25c799"
				"a6b173f515803fadd1f26a6926ea1291cbfbef03e9a6a1ba3c80e28eb3939020",
		.iv_after = "cbfbef03e9a6a1ba3c80e28eb393902023007f9527897312d62d27ebba9bee0b",
	},
};

/* The last row of vec_ige in three calls. */
static const struct vec_ige_split {
	const char *name;
	uint32_t sizes[3];
	const char *iv_before[3];
	const char *iv_after;
	const char *cipher_sha256;
} vec_ige_split[] = {
	/*
	 * same key/iv/plaintext as one_kib, processed as 48 + 464 + 512 bytes; iv passed to
	 * each call is the iv_after of the call before. iv layout: first 16 bytes previous
	 * ciphertext block, last 16 bytes previous plaintext block.
	 */
	{
		.name = "one_kib_in_three_calls",
		.sizes = {48u, 464u, 512u},
		.iv_before =
				{"914948f5d3f605a99e1361f44301850ae182aff045f28ee996438177ec4ce2b0",
				"3a931a7179b7468ad10bda0fe5d01fb61931e71a08b6190e5beefb85691533b8",
				"badfe3077c9aac99e7af881af23994804503314b62698260c055f5e034c93125"},
		.iv_after = "cbfbef03e9a6a1ba3c80e28eb393902023007f9527897312d62d27ebba9bee0b",
		.cipher_sha256 =
				"4cc0c343bb6d9fa625dd5cf8ad395e069840d32740358cca6aa307f5c7aaf806",
	},
};

/*
 * AES-256-CTR. splits: sizes of the calls, 0 after the last; every other cut must give the
 * same.
 */
static const struct vec_ctr {
	const char *name;
	const char *key;
	const char *iv;
	const char *plain;
	const char *cipher;
	uint32_t splits[9];
} vec_ctr[] = {
	{
		.name = "nist_sp800_38a_f5_5",
		.key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
		.iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
		.plain =
				"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
				"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
		.cipher =
				"601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
				"2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
		.splits = {64u},
	},
	{
		.name = "stream_state_is_kept_between_calls",
		.key = "d450aae0bf0060a4af1044886b42a13f7c506b35255d134a7e87ab3f23a9493b",
		.iv = "0182de2bd789c295c3c6c875c5e9e190",
		.plain =
				"7baae571e4c2f4cfadb1931d5923aca77baae571e4c2f4cfadb1931d5923aca7"
				"7baae571e4c2f4cfadb1931d5923aca77baae571e4c2f4cfadb1931d5923aca7"
				"7baae571e4c2f4cfadb1931d5923aca77baae571e4c2f4cfadb1931d5923aca7",
		.cipher =
				"df5647dbb70bc393f2fb05b72f42286f3917147082672516b3177150129bc579"
				"2a7a9089270a5de45d5e3dd399cac72556d085217771398ac13583de4d677dd8"
				"cc639b488126cf36e79c4515e8012b9201384d100646cd562cc5586ec3f8f8c4",
		.splits = {16u, 16u, 16u, 16u, 16u, 16u},
	},
	/*
	 * the counter advances per 16-byte block, not per call; partial blocks continue in the
	 * next call
	 */
	{
		.name = "keystream_100_bytes_any_split",
		.key = "d450aae0bf0060a4af1044886b42a13f7c506b35255d134a7e87ab3f23a9493b",
		.iv = "0182de2bd789c295c3c6c875c5e9e190",
		.plain =
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"0000000000000000000000000000000000000000000000000000000000000000"
				"00000000",
		.cipher =
				"a4fca2aa53c9375c5f4a96aa766184c842bdf10166a5d1d91ea6e24d4bb869de"
				"51d075f8c3c8a92bf0efaecec0e96b822d7a605093b3cd456c8410c31444d17f"
				"b7c97e3965e43bf94a2dd608b12287357a92a861e28439998174cb739adb5463"
				"af5356c3",
		.splits = {1u, 2u, 4u, 9u, 15u, 16u, 17u, 36u},
	},
	/* second block uses counter 0: the whole 16-byte IV is one big-endian counter */
	{
		.name = "counter_wraps_over_128_bits",
		.key = "0000000000000000000000000000000000000000000000000000000000000000",
		.iv = "ffffffffffffffffffffffffffffffff",
		.plain = "0000000000000000000000000000000000000000000000000000000000000000",
		.cipher = "acdace8078a32b1a182bfa4987ca1347dc95c078a2408989ad48a21492842087",
		.splits = {32u},
	},
};

/* Key derivation, MTProto 2.0. */
static const struct vec_msgkey {
	const char *name;
	uint32_t x; /* 0 from the client, 8 from the server */
	const char *auth_key;
	const char *msg_key;
	const char *sha256_a;
	const char *sha256_b;
	const char *aes_key;
	const char *aes_iv;
} vec_msgkey[] = {
	{
		.name = "counting_key_client",
		.x = 0u,
		.auth_key = VEC_KEY_COUNTING,
		.msg_key = "000102030405060708090a0b0c0d0e0f",
		.sha256_a = "704ed09c8b41668abf4c7ce40fd0043cc92230184cd317a5a8573dd042bd059e",
		.sha256_b = "4d266000a550edabe8f99d244738f71dbddc44469b6bbd4acc9c2482fd3b9318",
		.aes_key = "704ed09c8b41668ae8f99d244738f71dbddc44469b6bbd4aa8573dd042bd059e",
		.aes_iv = "4d266000a550edabbf4c7ce40fd0043cc92230184cd317a5cc9c2482fd3b9318",
	},
	{
		.name = "counting_key_server",
		.x = 8u,
		.auth_key = VEC_KEY_COUNTING,
		.msg_key = "000102030405060708090a0b0c0d0e0f",
		.sha256_a = "217725799b2458066ca32360a431c9160be4ad887140980dea2b4d69cf9c364e",
		.sha256_b = "669a6538917a4fa5458174a1fcfbc883906807b15033fdd0ab91ce7bdc47ffbc",
		.aes_key = "217725799b245806458174a1fcfbc883906807b15033fdd0ea2b4d69cf9c364e",
		.aes_iv = "669a6538917a4fa56ca32360a431c9160be4ad887140980dab91ce7bdc47ffbc",
	},
	{
		.name = "client",
		.x = 0u,
		.auth_key = VEC_KEY_LISTED,
		.msg_key = "25d701f2a29205526757825a99eb2d32",
		.sha256_a = "af3f8e1ffa75f4c9221bff94b7df4594c6996e2a62e44fcb627eb1f67960a0c9",
		.sha256_b = "9874d77f95155b3581eec33a3e5bbaa2ea48f9bb93e915977d93c8c4e41b79ee",
		.aes_key = "af3f8e1ffa75f4c981eec33a3e5bbaa2ea48f9bb93e91597627eb1f67960a0c9",
		.aes_iv = "9874d77f95155b35221bff94b7df4594c6996e2a62e44fcb7d93c8c4e41b79ee",
	},
	{
		.name = "server",
		.x = 8u,
		.auth_key = VEC_KEY_LISTED,
		.msg_key = "25d701f2a29205526757825a99eb2d32",
		.sha256_a = "d4b378e1e0525f10fd83050b403265b4c40ee3e9e9fba56f22b5259421751648",
		.sha256_b = "4d7194f42f0135d2ff9d4c42807ccce5b30a033a8088c0b90f4d8ea6bcb121f5",
		.aes_key = "d4b378e1e0525f10ff9d4c42807ccce5b30a033a8088c0b922b5259421751648",
		.aes_iv = "4d7194f42f0135d2fd83050b403265b4c40ee3e9e9fba56f0f4d8ea6bcb121f5",
	},
};

/* Key derivation, MTProto 1.0: only for auth.bindTempAuthKey. */
static const struct vec_msgkey_v1 {
	const char *name;
	uint32_t x; /* 0 from the client, 8 from the server */
	const char *auth_key;
	const char *msg_key;
	const char *aes_key;
	const char *aes_iv;
} vec_msgkey_v1[] = {
	{
		.name = "counting_key",
		.x = 0u,
		.auth_key = VEC_KEY_COUNTING,
		.msg_key = "000102030405060708090a0b0c0d0e0f",
		.aes_key = "17d7295ca9213d1ab656acdb1ad48b2ea7f3a8f7095098d5508b900bbd5fccfc",
		.aes_iv = "2d7d16a65a84108e9805656caa474501cc580aa2edc33abfd0bfad785464d1c6",
	},
	{
		.name = "client",
		.x = 0u,
		.auth_key = VEC_KEY_LISTED,
		.msg_key = "25d701f2a29205526757825a99eb2d32",
		.aes_key = "1fc7b40b1d9ffbdaf4d652525a748864259698f89214abf27c0d36cb9d4cd5db",
		.aes_iv = "7251fbda39ec5e6e089f15ded5963b03d6d8d0f7078898431fc7b40b1d9ffbda",
	},
	{
		.name = "server",
		.x = 8u,
		.auth_key = VEC_KEY_LISTED,
		.msg_key = "25d701f2a29205526757825a99eb2d32",
		.aes_key = "af0e4e01318654be40ab42b125909d43b44bdeef571ff1a5dfb81474ae26d467",
		.aes_iv = "15c9ba6021d2c5cf04f0842540ae216a970b4eac8f46ef01af0e4e01318654be",
	},
};

/* msg_key of MTProto 1.0: bytes 4..19 of SHA1(data without padding). */
static const struct vec_msgkey_v1_hash {
	const char *name;
	const char *data;
	const char *msg_key;
} vec_msgkey_v1_hash[] = {
	{
		.name = "msg_key_v1",
		.data = "62696e642d6d6573736167652d746573742d7061796c6f6164",
		.msg_key = "fc11a3669566de22b87f66550dc3de6d",
	},
};

/* Ids of authorization keys; where g_a and b are given, auth_key = g_a^b mod VEC_DH_PRIME. */
static const struct vec_auth_key {
	const char *name;
	const char *auth_key;
	const char *sha1;
	const char *id; /* 8 bytes as on the wire */
	const char *aux_hash; /* 8 bytes as on the wire */
	const char *new_nonce;
	const char *new_nonce_hash[3]; /* SHA1(new_nonce + 1, 2, 3 + aux_hash)[4..19] */
	const char *g_a;
	const char *b;
	const char *wrong_id; /* what comes out when the leading zero is lost */
} vec_auth_key[] = {
	{
		.name = "counting_key",
		.auth_key = VEC_KEY_COUNTING,
		.sha1 = "4916d6bdb7f78e6803698cab32d1586ea457dfc8",
		.id = "32d1586ea457dfc8",
		.aux_hash = "4916d6bdb7f78e68",
		.new_nonce = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
		.new_nonce_hash =
				{"c2ced2b33e593a55d27f4a5dabee7c67",
				"f4318e85bd2ff3be84d9fefce3dce39f",
				"4bf9d7b37db413ee431d28517631cb3d"},
	},
	{
		.name = "key",
		.auth_key = VEC_KEY_LISTED,
		.sha1 = "46eddf8c551f18a1ea744f8c40fa5bb7cb56a895",
		.id = "40fa5bb7cb56a895",
		.aux_hash = "46eddf8c551f18a1",
	},
	/* g_a^b mod p must be written as exactly 256 bytes */
	{
		.name = "auth_key_with_leading_zero_byte",
		.auth_key =
				"006f17d8e71e2d473c75e95030648c0bc245ae9cc553f655d7048ea1f156451a"
				"2c6cda0cdf352d3241f44f4fa228ea44bd14e5100489c790a96ed64beb57e2ba"
				"ecf64dfa7258b064ea98c10e9cd0b92e5878a0d3ebfce7688eb9f1cb9a9b1123"
				"8475ddd6d8074541d98faf30d62de326fcfafcf001ca3114301ca845bb5937f0"
				"e00afe11c26b6167abd3a5dd0d61793850f88b8850128f007290f46ddf1ef678"
				"78e3bab529e13081e04c5e0050457ceb22031fc39db27a957d10026362fe7433"
				"84c22882b593a60ce1966ce50e0290cfa27c485a13b3ddd2965d904dc3541168"
				"9e66ca483ce9be7d11a25a34d438598b7862e63887fffccab6badc644d215b1f",
		.id = "2a67a83b59649de7",
		.aux_hash = "9cdd5a60f84acc26",
		.g_a =
				"5984b3025165a21d411d67c8ae768377500633546e9691e7e997278dd6b32557"
				"383e491969fb915cbf6b1a1585c1204f380478ce606f78bc718f5e01fae3a432"
				"d149486d67f8533a4b90261137eadfd436cc30d52dab52da74b506adf7ef50ed"
				"d63ca9f65e5372fdf8d3210fd23cf28969acbc1dddf673ab064ca683c6766dbd"
				"e044eb9fc92e2573a59a4cbfcc9a4f2f14de59995236025c1b8b7fc9d27fe4db"
				"9e7a5ca1103eb306878e89145c657451efec85cf0636c8ade8a8818b3b365260"
				"0bbef4a73e1dce710c58a4f8e10663796fd7e656b81a71f29bed3d48842d9ddb"
				"20740915c1433fae0a364ed5c3377e44298e3f8672835a10b9da1066b1a57b56",
		.b =
				"94b78cb294d4cca1cf5f872d6907d982ee725e4c6289a26f057e4e37185f4ff3"
				"d2939fb6d7416c54d50f66b4077f2dd70a9acfd95830e5c51b00372484a39f08"
				"68f936021e8c6153675bd70a8594ad6709426082c8f9a732b1a6b64a52c4aa71"
				"bbcc90c33cbfaf2d0fce551dca77ec714f976c46a6afa76315e77fbb71e5f013"
				"01ea19087603187eadec32ca2e3228cda7a996fd519f87aae2e90bd00281ac57"
				"0260f55e156250ab7f5b51f50a569336bac9acb0688511d421b0a026984cd328"
				"510e84f7a45d5e6ea3e02288c88f615a39432510d201e519e14e1c7146e78a98"
				"36375dbe386a8e75c26e2a8e88979a07882abac109730f2a482eda381cc575e5",
		.wrong_id = "67d92448a769e966",
	},
};

/* Files from a CDN: the last 4 bytes of the iv are offset / 16, big-endian. */
static const struct vec_cdn_ctr {
	const char *name;
	const char *key;
	const char *iv; /* as the server gives it */
	uint32_t offset;
	const char *iv_used;
	const char *plain;
	const char *cipher;
} vec_cdn_ctr[] = {
	{
		.name = "offset_0",
		.key = "f8d11965c4c1bc4334a2c0523f12155d47bb1e28593e4fdab5712cf6c987eb4a",
		.iv = "fee13597bcd9f1e1221fc0b6da4d513c",
		.offset = 0u,
		.iv_used = "fee13597bcd9f1e1221fc0b600000000",
		.plain =
				"155dc36c977a365acfd7b000f3474f4f5074e6b3de974737f0c50219127992b1"
				"45a5a8b579d8c36ce8223c5bead9f63031c94f38f16349eb91a63aa03f6da645",
		.cipher =
				"7236b3de15fbede45331c03a61d7d32eebc52852a3d2642789e7a8bb0122f499"
				"6d01878d977037a17d054b2333924e61e6b6985b754d791e7da6ddf0ca081437",
	},
	{
		.name = "offset_4096",
		.key = "f8d11965c4c1bc4334a2c0523f12155d47bb1e28593e4fdab5712cf6c987eb4a",
		.iv = "fee13597bcd9f1e1221fc0b6da4d513c",
		.offset = 4096u,
		.iv_used = "fee13597bcd9f1e1221fc0b600000100",
		.plain =
				"155dc36c977a365acfd7b000f3474f4f5074e6b3de974737f0c50219127992b1"
				"45a5a8b579d8c36ce8223c5bead9f63031c94f38f16349eb91a63aa03f6da645",
		.cipher =
				"2885e4a554494a8cc4ec0c5c11455adc5715b06df62300f6e085d14b77468241"
				"c78373f2c5be78ed6321c3648b0c06c7114001bda3c042e305b2089aed2d6f69",
	},
	{
		.name = "offset_1048576",
		.key = "f8d11965c4c1bc4334a2c0523f12155d47bb1e28593e4fdab5712cf6c987eb4a",
		.iv = "fee13597bcd9f1e1221fc0b6da4d513c",
		.offset = 1048576u,
		.iv_used = "fee13597bcd9f1e1221fc0b600010000",
		.plain =
				"155dc36c977a365acfd7b000f3474f4f5074e6b3de974737f0c50219127992b1"
				"45a5a8b579d8c36ce8223c5bead9f63031c94f38f16349eb91a63aa03f6da645",
		.cipher =
				"cc95401842e838bce122e861c019c6f671d6b79846e66d4a34d76e8cf5737f72"
				"d4304cb0b58c072041a5594d9b87a77e43087acdc903cd196fc9ee2ee5f263b5",
	},
	{
		.name = "offset_270544960",
		.key = "f8d11965c4c1bc4334a2c0523f12155d47bb1e28593e4fdab5712cf6c987eb4a",
		.iv = "fee13597bcd9f1e1221fc0b6da4d513c",
		.offset = 270544960u,
		.iv_used = "fee13597bcd9f1e1221fc0b601020304",
		.plain =
				"155dc36c977a365acfd7b000f3474f4f5074e6b3de974737f0c50219127992b1"
				"45a5a8b579d8c36ce8223c5bead9f63031c94f38f16349eb91a63aa03f6da645",
		.cipher =
				"8cba5ef4c3f9cb581a9f4e74f44adedb0888cef3d9e14140ce9884fad28aa36b"
				"54788bdfb8e962dbd5fedd1c91c5e70b5f00b9a66a680717ae42576452afa93c",
	},
};

#endif
