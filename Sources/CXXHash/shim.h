#include <stddef.h>
#include <stdint.h>
#include <xxhash.h>
#if defined(__x86_64__)
#include <xxh_x86dispatch.h>
#endif

/// XXH3 with 64 bits and seed 0, by the widest instructions that the processor has; XXH3_64bits itself keeps to SSE2.
///
/// Debian's build (0.8.1) returns with the upper halves of the vector registers in use. SSE code behind it, as the compiler
/// makes it for x86-64, is six times slower then (measured on Zen 5), until they are zeroed.
static inline uint64_t xxh3_64bits_widest(const void *bytes, size_t count) {
#if defined(__x86_64__)
    uint64_t hash = XXH3_64bits_dispatch(bytes, count);
    // The operand keeps this behind the call.
    if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroupper" : "+r"(hash));
    return hash;
#else
    return XXH3_64bits(bytes, count);
#endif
}
