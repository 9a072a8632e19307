//! Times every kernel of this CPU on one core, its upper bound, and the code that it replaces. The hits are
//! checked first, so a wrong kernel has no speed.
//!
//! - `count/*`: the kernels.
//! - `keystream/*/G`: only the kernel's ChaCha8 keystream, without the dart test, G groups of blocks at a
//!   time. The fastest of the three is the upper bound.
//! - `fill_bytes`: rand_chacha's vector code fills a buffer, then the same test.
//! - `reference`: `contract::count_chunk`, the definition.
//! - `obvious f64 loop`: the usual code, two random f64 per dart and x*x + y*y <= 1. It throws other darts.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pi_mc::Kernel;
use pi_mc::darts::contract::{self, CHUNK_DARTS};
use pi_mc::kernel::{self, Key};
use rand::RngExt;
use rand_chacha::rand_core::Rng;

const SEED: u64 = 42;
const CHUNKS: u64 = 16;
/// The hits of seed 42's first 16 chunks, counted by the reference.
const HITS: u32 = 823_633;

/// A whole chunk's hits from a buffer that rand_chacha fills. It uses the kernels' test in a loop that the
/// compiler vectorises, with AVX2 like rand_chacha.
fn fill_bytes(seed: u64, chunk: u64, words: &mut [[u8; 4]]) -> u32 {
    let mut stream = pi_mc::lazy::hooks::generator(seed);
    stream.set_stream(chunk);
    stream.fill_bytes(words.as_flattened_mut());
    let mut hits = 0;
    for (words, place) in words.chunks_exact(GROUP).zip((0..).step_by(GROUP)) {
        #[cfg(target_arch = "x86_64")]
        let (sure, near) = if is_x86_feature_detected!("avx2") {
            // SAFETY: avx2 has just been detected.
            unsafe { test_avx2(words) }
        } else {
            test(words)
        };
        #[cfg(not(target_arch = "x86_64"))]
        let (sure, near) = test(words);
        hits += sure;
        if near {
            for (word, place) in words.iter().zip(place..) {
                let word = u32::from_le_bytes(*word);
                if kernel::classify(word).is_none() {
                    stream.set_word_pos((CHUNK_DARTS + 2 * place).into());
                    hits += u32::from(contract::is_hit(word, stream.next_u32(), stream.next_u32()));
                }
            }
        }
    }
    hits
}

/// The number of darts tested before a check for undecided ones.
const GROUP: usize = 256;

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn test_avx2(words: &[[u8; 4]]) -> (u32, bool) {
    test(words)
}

/// The decided hits, and whether any dart is undecided.
#[inline(always)]
fn test(words: &[[u8; 4]]) -> (u32, bool) {
    let (mut sure, mut near) = (0, 0);
    for word in words {
        let decided = kernel::classify(u32::from_le_bytes(*word));
        sure += u32::from(decided == Some(true));
        near |= u32::from(decided.is_none());
    }
    (sure, near != 0)
}

fn obvious(seed: u64, chunk: u64) -> u32 {
    let mut stream = pi_mc::lazy::hooks::generator(seed);
    stream.set_stream(chunk);
    let mut hits = 0;
    for _ in 0..CHUNK_DARTS {
        let (x, y): (f64, f64) = (stream.random(), stream.random());
        hits += u32::from(x * x + y * y <= 1.0);
    }
    hits
}

fn kernels(c: &mut Criterion) {
    let key = Key::new(SEED);
    let mut words = vec![[0; 4]; CHUNK_DARTS as usize];
    let mut group = c.benchmark_group("kernels");
    group.throughput(Throughput::Elements(CHUNKS * u64::from(CHUNK_DARTS)));
    let all = |count: &mut dyn FnMut(u64) -> u32| (0..CHUNKS).map(count).sum::<u32>();

    for kernel in Kernel::variants() {
        let mut count = |chunk| kernel.count_chunk(&key, chunk, 0..CHUNK_DARTS);
        assert_eq!(all(&mut count), HITS, "{}", kernel.variant());
        group.bench_function(format!("count/{}", kernel.variant()), |b| {
            b.iter(|| all(&mut count))
        });
        // One keystream a name.
        if !Kernel::available().any(|available| available == kernel) {
            continue;
        }
        for groups in 1..=3 {
            group.bench_function(format!("keystream/{}/{groups}", kernel.name()), |b| {
                b.iter(|| all(&mut |chunk| kernel.keystream(&key, chunk, groups) & 0xffff))
            });
        }
    }

    let mut fill = |chunk| fill_bytes(SEED, chunk, black_box(&mut words));
    assert_eq!(all(&mut fill), HITS, "fill_bytes");
    group.bench_function("fill_bytes", |b| b.iter(|| all(&mut fill)));

    let mut reference = |chunk| contract::count_chunk(SEED, chunk, 0..CHUNK_DARTS);
    assert_eq!(all(&mut reference), HITS, "reference");
    group.bench_function("reference", |b| b.iter(|| all(&mut reference)));

    // Other darts have other hits: within 5 standard deviations, of 421 each, of the mean.
    let mut obvious = |chunk| obvious(SEED, chunk);
    assert!(
        all(&mut obvious).abs_diff(823_549) < 5 * 421,
        "obvious f64 loop"
    );
    group.bench_function("obvious f64 loop", |b| b.iter(|| all(&mut obvious)));
    group.finish();
}

criterion_group!(benches, kernels);
criterion_main!(benches);
