// Monte Carlo pi as C++ programs usually have it: the standard library's generator, two doubles a dart, OpenMP.
//
//     plain DARTS SEED          prints the hits, the darts and the seconds of processor time;
//                               OMP_NUM_THREADS is the number of threads

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <omp.h>
#include <random>

static double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const std::int64_t darts = std::atoll(argv[1]);
    const std::uint64_t seed = std::strtoull(argv[2], nullptr, 10);
    std::int64_t hits = 0;
    const double start = seconds();
#pragma omp parallel reduction(+ : hits)
    {
        std::mt19937_64 generator(seed + static_cast<std::uint64_t>(omp_get_thread_num()));
        std::uniform_real_distribution<double> uniform(-1.0, 1.0);
#pragma omp for
        for (std::int64_t dart = 0; dart < darts; dart++) {
            const double x = uniform(generator), y = uniform(generator);
            hits += x * x + y * y <= 1.0;
        }
    }
    std::printf("%lld %lld %f\n", static_cast<long long>(hits), static_cast<long long>(darts), seconds() - start);
}
