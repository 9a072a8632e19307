// Monte Carlo pi as fast as C goes without a promise: xoshiro256+ (Blackman and Vigna) written with AVX-512 intrinsics,
// 16 streams a thread in two vectors, 64 bits a dart. Another number of threads throws other darts.
//
//     vectors DARTS SEED        prints the hits, the darts and the seconds of processor time;
//                               OMP_NUM_THREADS is the number of threads

#include <immintrin.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { VECTORS = 2, LANES = 8 };

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

typedef struct { __m512i s[4]; } streams;

static uint64_t splitmix64(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline __m512i next(streams *g) {
    __m512i *s = g->s, result = _mm512_add_epi64(s[0], s[3]), t = _mm512_slli_epi64(s[1], 17);
    s[2] = _mm512_xor_si512(s[2], s[0]);
    s[3] = _mm512_xor_si512(s[3], s[1]);
    s[1] = _mm512_xor_si512(s[1], s[2]);
    s[0] = _mm512_xor_si512(s[0], s[3]);
    s[2] = _mm512_xor_si512(s[2], t);
    s[3] = _mm512_rol_epi64(s[3], 45);
    return result;
}

// The halves of a word are x and y, signed: a miss if x^2 + y^2 has a bit above 2^62.
static inline __m512i miss(__m512i word) {
    __m512i y = _mm512_srli_epi64(word, 32);
    __m512i square = _mm512_add_epi64(_mm512_mul_epi32(word, word), _mm512_mul_epi32(y, y));
    return _mm512_srli_epi64(square, 62);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    uint64_t darts = strtoull(argv[1], NULL, 10), seed = strtoull(argv[2], NULL, 10), misses = 0, thrown = 0;
    double start = seconds();
#pragma omp parallel reduction(+ : misses, thrown)
    {
        uint64_t state = seed ^ (uint64_t)omp_get_thread_num() << 32;
        streams g[VECTORS];
        for (int v = 0; v < VECTORS; v++)
            for (int i = 0; i < 4; i++) {
                uint64_t words[LANES];
                for (int l = 0; l < LANES; l++) words[l] = splitmix64(&state);
                g[v].s[i] = _mm512_loadu_si512(words);
            }
        uint64_t turns = darts / (VECTORS * LANES) / (uint64_t)omp_get_num_threads();
        __m512i sum[VECTORS] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
        for (uint64_t turn = 0; turn < turns; turn++)
            for (int v = 0; v < VECTORS; v++) sum[v] = _mm512_add_epi64(sum[v], miss(next(&g[v])));
        misses += (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(sum[0], sum[1]));
        thrown += turns * VECTORS * LANES;
    }
    printf("%llu %llu %f\n", (unsigned long long)(thrown - misses), (unsigned long long)thrown, seconds() - start);
}
