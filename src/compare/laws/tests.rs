//! Exact curves give their parameters back; noisy ones are covered by the intervals.

use crate::compare::laws::*;

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
    let law = fit(Strategy::Pool, &exact(0.9, 0.05, 0.0), 16).unwrap();
    assert_eq!(law.law, Support::Amdahl);
    near(law.lambda.value, 0.9);
    near(law.sigma.value, 0.05);
    near(law.limit.unwrap().value, 18.0);
    near(law.ahead_speed_up.unwrap().mean, 0.9 * 32.0 / 2.55);
    assert_eq!((law.ahead, law.best_workers), (32, None));

    let law = fit(Strategy::Queue, &exact(1.0, 0.02, 0.01), 16).unwrap();
    assert_eq!(law.law, Support::Usl);
    near(law.sigma.value, 0.02);
    near(law.kappa.value, 0.01);
    near(law.best_workers.unwrap().value, 98f64.sqrt());
    near(law.ahead_speed_up.unwrap().mean, 32.0 / (1.0 + 0.62 + 9.92));
    near(law.speed_up(4.0).unwrap(), 4.0 / 1.18);

    // Far below serial, as a lock is: only one worker at a time does anything.
    let law = fit(Strategy::Lock, &exact(0.02, 1.0, 0.0), 16).unwrap();
    assert_eq!(law.law, Support::Amdahl);
    near(law.sigma.value, 1.0);
    // From σ = 1 on more workers gain nothing, so nothing is approached from below.
    assert_eq!(law.limit, None);

    // Perfect, and better than that.
    let law = fit(Strategy::Pool, &exact(1.0, 0.0, 0.0), 16).unwrap();
    assert_eq!((law.law, law.limit), (Support::Amdahl, None));
    let law = fit(Strategy::Pool, &exact(1.0, -0.02, 0.0), 16).unwrap();
    assert_eq!(law.law, Support::Neither);
}

/// Noise of 3 % of known normal deviates: the intervals cover the truth about 95 times in 100, and κ = 0 is
/// taken for more or less than 0 about 5 times in 100.
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
        let (mut covered, mut usl) = ([0; 4], 0);
        for _ in 0..1000 {
            let mut points = exact(1.0, sigma, kappa);
            for speed_up in points.iter_mut().flat_map(|(_, speed_ups)| speed_ups) {
                *speed_up *= (0.03 * normal()).exp();
            }
            let line = Line::through(&points, 3).unwrap();
            let law = fit(Strategy::Pool, &points, 16).unwrap();
            let expected = 32.0 / dot(&[1.0, sigma, kappa], &terms(32.0));
            for (covered, (fitted, truth)) in covered.iter_mut().zip([
                (line.share(1), sigma),
                (law.kappa, kappa),
                (line.inverse(&unit(0), 1.0), 1.0),
                (line.inverse(&terms(32.0), 32.0), expected),
            ]) {
                let inside = |[low, high]: [f64; 2]| low <= truth && truth <= high;
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
    assert_eq!(fit(Strategy::Pool, &points[..2], 16), None);
    assert_eq!(fit(Strategy::Pool, &[], 16), None);
    let same = [points[2].clone(), points[2].clone(), points[2].clone()];
    assert_eq!(fit(Strategy::Pool, &same, 16), None);
    // Three points and three parameters: nothing is left to tell the noise by.
    let once = points[..3]
        .iter()
        .map(|(n, speed_ups)| (*n, speed_ups[..1].to_vec()));
    let law = fit(Strategy::Pool, &once.collect::<Vec<_>>(), 16).unwrap();
    assert_eq!((law.law, law.kappa.ci95), (Support::Unknown, None));
    assert_eq!(law.ahead_speed_up, None);
    near(law.kappa.value, 0.001);
    // Numbers of workers as large as can be.
    let many = [1, 64, 4096].map(|n| (n, vec![n as f64, n as f64 * 0.99]));
    assert_eq!(
        fit(Strategy::Pool, &many, 4096).unwrap().law,
        Support::Amdahl
    );
}
