//! Exact curves give their parameters back; noisy ones are covered by the intervals.

use crate::compare::laws::*;
use crate::compare::strategy::Strategy;

const WORKERS: [usize; 5] = [1, 2, 4, 8, 16];

fn exact(lambda: f64, sigma: f64, kappa: f64) -> Vec<(usize, Vec<f64>)> {
    let speed_up = |n: f64| lambda * n / (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0));
    WORKERS.map(|n| (n, vec![speed_up(n as f64); 3])).to_vec()
}

fn near(is: f64, should: f64) {
    assert!(
        (is - should).abs() <= 1e-6 * should.abs().max(1e-3),
        "{is}, not {should}"
    );
}

#[test]
fn exact_curves_give_their_parameters_back() {
    let law = fit(Strategy::Pool, &exact(0.9, 0.05, 0.0)).unwrap();
    assert_eq!(law.law, Support::Amdahl);
    near(law.lambda.value, 0.9);
    near(law.sigma.value, 0.05);
    near(law.limit.unwrap().value, 18.0);
    assert_eq!(law.best_workers, None);

    let law = fit(Strategy::Queue, &exact(1.0, 0.02, 0.01)).unwrap();
    assert_eq!(law.law, Support::Usl);
    near(law.sigma.value, 0.02);
    near(law.kappa.value, 0.01);
    near(law.best_workers.unwrap().value, 98f64.sqrt());
    near(law.speed_up(4.0).unwrap(), 4.0 / 1.18);

    // Far below serial, as a lock is: only one worker at a time does anything.
    let law = fit(Strategy::Lock, &exact(0.02, 1.0, 0.0)).unwrap();
    assert_eq!(law.law, Support::Amdahl);
    near(law.sigma.value, 1.0);
    // From σ = 1 on more workers gain nothing, so there is no limit to approach from below.
    assert_eq!(law.limit, None);

    // Perfect, and better than that.
    let law = fit(Strategy::Pool, &exact(1.0, 0.0, 0.0)).unwrap();
    assert_eq!((law.law, law.limit), (Support::Amdahl, None));
    let law = fit(Strategy::Pool, &exact(1.0, -0.02, 0.0)).unwrap();
    assert_eq!(law.law, Support::Neither);
    // At first better than that, then worse: contention below 0 is no law's.
    let law = fit(Strategy::Pool, &exact(1.0, -0.06, 0.002)).unwrap();
    assert_eq!((law.law, law.best_workers), (Support::Neither, None));
}

/// With noise of 3 %, the intervals cover the truth about 95 times in 100, and κ = 0 is taken for more or less
/// than 0 about 5 times in 100.
#[test]
fn intervals_cover_the_truth() {
    // Sums of twelve uniform numbers of a plain generator (D. E. Knuth's MMIX): close enough to normal.
    let mut state: u64 = 1;
    let mut uniform = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut normal = || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    for (sigma, kappa) in [(0.05, 0.0), (0.02, 0.004)] {
        let (mut covered, mut usl) = ([0; 3], 0);
        for _ in 0..1000 {
            let mut points = exact(1.0, sigma, kappa);
            for speed_up in points.iter_mut().flat_map(|(_, speed_ups)| speed_ups) {
                *speed_up *= (0.03 * normal()).exp();
            }
            let line = Line::through(&points, 3).unwrap();
            let law = fit(Strategy::Pool, &points).unwrap();
            for (covered, (fitted, truth)) in covered.iter_mut().zip([
                (line.share(1), sigma),
                (law.kappa, kappa),
                (line.inverse(0), 1.0),
            ]) {
                let inside = |ci: Interval| ci.low <= truth && truth <= ci.high;
                *covered += usize::from(fitted.ci95.is_none_or(inside));
            }
            usl += usize::from(law.law == Support::Usl);
        }
        // The scale factor makes intervals wider, never narrower.
        for covered in covered {
            assert!((930..=995).contains(&covered), "{covered}");
        }
        if kappa == 0.0 {
            assert!((2..=40).contains(&usl), "{usl}");
        } else {
            assert!(usl > 900, "{usl}");
        }
    }
}

#[test]
fn what_is_too_little_has_no_law() {
    let points = exact(1.0, 0.05, 0.001);
    assert_eq!(fit(Strategy::Pool, &points[..2]), None);
    assert_eq!(fit(Strategy::Pool, &[]), None);
    let same = [points[2].clone(), points[2].clone(), points[2].clone()];
    assert_eq!(fit(Strategy::Pool, &same), None);
    // Three points and three parameters: nothing is left to estimate the noise from.
    let once = points[..3]
        .iter()
        .map(|(n, speed_ups)| (*n, speed_ups[..1].to_vec()));
    let law = fit(Strategy::Pool, &once.collect::<Vec<_>>()).unwrap();
    assert_eq!((law.law, law.kappa.ci95), (Support::Unknown, None));
    near(law.kappa.value, 0.001);
    // The largest numbers of workers.
    let many = [1, 64, 4096].map(|n| (n, vec![n as f64, n as f64 * 0.99]));
    assert_eq!(fit(Strategy::Pool, &many).unwrap().law, Support::Amdahl);
}

/// A lock with σ = 3, so that speed-ups fall towards λ/σ; then κ so large that the curve only falls.
#[test]
fn more_workers_may_only_be_slower() {
    let noise = [0.99, 1.0, 1.01];
    let curve = |sigma: f64, kappa: f64| {
        let points = exact(0.07, sigma, kappa).into_iter();
        let points = points.map(|(n, at)| (n, noise.map(|one| one * at[0]).to_vec()));
        fit(Strategy::Lock, &points.collect::<Vec<_>>()).unwrap()
    };
    let lock = curve(3.0, 0.0);
    assert_eq!((lock.law, lock.limit), (Support::Amdahl, None));
    let falling = curve(0.5, 1.0);
    assert_eq!(falling.law, Support::Usl);
    assert_eq!(falling.best_workers.unwrap().value, 1.0);
}
