/*
 * Safe primes of 2048 bits with other remainders than the one that Telegram's servers use: three that
 * others published, and one (prime by OpenSSL's word, and so its half) for the remainder they leave out.
 */
#ifndef TGCLONE_TESTS_CRYPTO_SAFE_PRIMES_H
#define TGCLONE_TESTS_CRYPTO_SAFE_PRIMES_H

#include <stdint.h>

static const struct safe_prime {
	const char *what;
	const char *p;
	uint32_t g[4]; /* generators worth a look: their rules differ from prime to prime; 0 ends */
} safe_primes[] = {
    {"RFC 3526, group 14",
     "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
     "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
     "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
     "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05"
     "98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb"
     "9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
     "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718"
     "3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff",
     {2, 5, 6, 7}},
    {"RFC 7919, ffdhe2048",
     "ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695"
     "a9e13641146433fbcc939dce249b3ef97d2fe363630c75d8f681b202aec4617a"
     "d3df1ed5d5fd65612433f51f5f066ed0856365553ded1af3b557135e7f57c935"
     "984f0c70e0e68b77e2a689daf3efe8721df158a136ade73530acca4f483a797a"
     "bc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4"
     "ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f61"
     "9172fe9ce98583ff8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005"
     "c58ef1837d1683b2c6f34a26c1b2effa886b423861285c97ffffffffffffffff",
     {7}},
    {"RFC 5054, 2048 bits",
     "ac6bdb41324a9a9bf166de5e1389582faf72b6651987ee07fc3192943db56050"
     "a37329cbb4a099ed8193e0757767a13dd52312ab4b03310dcd7f48a9da04fd50"
     "e8083969edb767b0cf6095179a163ab3661a05fbd5faaae82918a9962f0b93b8"
     "55f97993ec975eeaa80d740adbf4ff747359d041d5c33ea71d281e446b14773b"
     "ca97b43a23fb801676bd207a436c6481f1d2b9078717461a5b9d32e688f87748"
     "544523b524b0d57d5ea77a2775d2ecfa032cfbdbf52fb3786160279004e57ae6"
     "af874e7303ce53299ccc041c7bc308d82a5698f3a8d0c38271ae35f8e9dbfbb6"
     "94b5c803d89f7ae435de236d525f54759b65e372fcd68ef20fa7111f9e4aff73",
     {2, 6, 7}},
    {"made here: 3 modulo 7",
     "cb076642dfa257d5c7fdf5ca772e02f1fe7fecd5a448e06c065f923232d9bdba"
     "73b8647c46b70bc202b6387e6a0a92bde049b9dabfd247869593a985738d3dff"
     "8617e1f1d981ad4fffca81ee26bbeaf2d21be41f2ca812ef8e1fdc699cfbcbc4"
     "986476878617fde5407428a3586e5a2c5dc25d643f569b9aa1afd4b9bdc80e23"
     "bfb0823daa46d1a564efc239a2862428e586f2b09f75eebc7b2caccb0aafd13a"
     "5022b2e40a3832e81f3eb897d62ab3e31b36d0f287276517c12ec9a4d5fe6c87"
     "2bb8409c3a32d0a869738b126bb6e29089120382ac39862dd2430a85b7d25d05"
     "1e02f15d95016871ae151ec577425367c2b99af4d6b7d25112f95fc1165261d3",
     {7}},
};

#endif
