//! Properties that must hold for any input. The property tests and the fuzz targets in `fuzz/` call these
//! functions, which panic if a property does not hold. No tests here.

use pi_mc::compare::baseline::Baseline;
use pi_mc::darts::tally::Part;
use pi_mc::report::TextStyle;
use pi_mc::result::merge_partial;
use pi_mc::result::record::Method;
use pi_mc::{Comparison, Plan, Record, Tally, report};

use pi_mc::cli::hooks::number;
use pi_mc::cli::hooks::saved;

/// Any text accepted as a record can be written, read again and shown.
pub(crate) fn record(text: &str) {
    if let Ok(record) = Record::read(text) {
        survives(&record);
    }
}

fn survives(record: &Record) {
    record.check().unwrap();
    let json = record.to_json();
    assert_eq!(json.find('\n'), Some(json.len() - 1), "one line: {json}");
    assert_eq!(Record::read(&json).unwrap(), *record, "{json}");
    let csv = report::csv::record(record);
    let header = csv.lines().next().unwrap();
    assert_eq!(header.split(',').count(), 17, "{csv}");
    assert_eq!(report::quiet(record).is_some(), record.sims > 0);
    assert!(report::text(record, false).lines().count() >= 6);
}

/// The layout of a file does not change the results read from it.
pub(crate) fn saved(bytes: &[u8]) {
    let Some(records) = read_all(bytes) else {
        return;
    };
    let lines: String = records.iter().map(|record| record.to_json()).collect();
    let pretty: String = records
        .iter()
        .map(|record| serde_json::to_string_pretty(record).unwrap())
        .collect();
    let array = serde_json::to_string(&records).unwrap();
    let pretty_array = serde_json::to_string_pretty(&records).unwrap();
    for text in [lines, pretty, array, pretty_array] {
        assert_eq!(read_all(text.as_bytes()).unwrap(), records, "{text}");
    }
}

fn read_all(bytes: &[u8]) -> Option<Vec<Record>> {
    let mut records = Vec::new();
    let read = saved::read(bytes, "x", Record::read, |_, record| {
        records.push(record);
        Ok(())
    });
    read.ok().map(|()| records)
}

/// Any text accepted as a comparison can be written, read again, fitted and shown.
pub(crate) fn comparison(text: &str) {
    let Ok(read) = Comparison::read(text) else {
        return;
    };
    let json = read.to_json();
    assert_eq!(Comparison::read(&json).unwrap().to_json(), json);
    let all = [read];
    report::comparison::text(&all[0], TextStyle::default());
    report::comparison::curve(&all, TextStyle::default());
    report::csv::comparisons(&all);
    report::comparison::scaling(&all, TextStyle::default());
    report::picture::comparison(&all);
    let baseline = Baseline {
        comparisons: all.to_vec(),
        tolerance: 0.05,
        any_machine: false,
    };
    let changes = baseline.compare_with(&all).unwrap();
    assert!(changes.rows.iter().all(|row| !row.fails), "{json}");
    report::comparison::changes(&changes, TextStyle::default());
}

/// A number that is printed reads as the same number.
pub(crate) fn number(text: &str) {
    if let Ok(sims) = number::sims(text) {
        assert!(sims > 0);
        assert_eq!(number::sims(&sims.to_string()), Ok(sims));
    }
    if let Ok(seed) = number::seed(text) {
        assert_eq!(number::seed(&seed.to_string()), Ok(seed));
        assert_eq!(number::seed(&format!("{seed:#x}")), Ok(seed));
    }
    if let Ok(darts) = number::darts(text) {
        assert!(!darts.is_empty());
        assert_eq!(
            number::darts(&format!("{}..{}", darts.start, darts.end)),
            Ok(darts)
        );
    }
    match number::workers(text) {
        Ok(Some(workers)) => {
            assert_eq!(number::workers(&workers.to_string()), Ok(Some(workers)));
        }
        Ok(None) => assert_eq!(text, "auto"),
        Err(_) => {}
    }
    if let Ok(error) = number::error(text) {
        assert!(error > 0.0 && error < f64::INFINITY);
        assert_eq!(number::error(&error.to_string()), Ok(error));
        assert_eq!(number::error(&format!("{error:e}")), Ok(error));
    }
}

/// A time that is printed reads as the same time.
pub(crate) fn duration(text: &str) {
    let Ok(time) = number::duration(text) else {
        assert!(number::time_limit(text).is_err());
        return;
    };
    assert_eq!(number::duration(&format!("{time:?}")), Ok(time));
    assert_eq!(
        number::duration(&format!("{}ns", time.as_nanos())),
        Ok(time)
    );
    assert_eq!(number::time_limit(text).is_ok(), !time.is_zero());
    // A number without a unit is not a time.
    assert!(number::duration(&format!("{text}1")).is_err());
}

/// A shard that is printed reads as the same shard, and its number is within its count.
pub(crate) fn shard(text: &str) {
    if let Ok((number, of)) = number::shard(text) {
        assert_eq!(number::shard(&format!("{number}/{of}")), Ok((number, of)));
        let plan = Plan::first(7, u64::MAX).unwrap();
        assert!(plan.shard(number, of).unwrap().sims() <= plan.sims());
    }
}

/// A sum has all darts of its records, in any order; otherwise there is an error.
pub(crate) fn merge(bytes: &[u8]) {
    let mut records = records(bytes);
    for partial in [false, true] {
        let sum = |records: &[(String, Record)]| {
            let named = records.iter().map(|(name, record)| (name, record));
            if partial {
                merge_partial(named)
            } else {
                pi_mc::merge(named)
            }
        };
        let whole = sum(&records);
        records.reverse();
        match (&whole, sum(&records)) {
            (Ok(whole), Ok(reversed)) => assert_eq!(*whole, reversed),
            (Err(error), Err(_)) => assert!(!error.to_string().is_empty()),
            (one, other) => panic!("{one:?} is {other:?} reversed"),
        }
        let Ok(whole) = whole else { continue };
        survives(&whole);
        for of in [|record: &Record| record.sims, |record: &Record| record.hits] {
            let all: u128 = records
                .iter()
                .map(|(_, record)| u128::from(of(record)))
                .sum();
            assert_eq!(u128::from(of(&whole)), all);
        }
        if !partial {
            assert!(
                !whole.partial && !whole.has_gaps() && whole.first == 0,
                "{whole:?}"
            );
        }
    }
}

/// Up to 16 valid records, made of `bytes`. Often one begins where another ends, and some end at the last
/// dart.
fn records(bytes: &[u8]) -> Vec<(String, Record)> {
    let mut bytes = bytes.iter().copied();
    let mut end: u64 = 0;
    let mut records = Vec::new();
    while let Some(kind) = bytes.next() {
        let parts: Vec<Part> = (0..=kind & 3)
            .map(|_| {
                let first = number_of(&mut bytes, end);
                let sims = number_of(&mut bytes, u64::MAX - first);
                let hits = number_of(&mut bytes, sims);
                end = first.saturating_add(sims);
                Part { first, sims, hits }
            })
            .collect();
        let whole = parts.iter().fold(Tally::default(), |tally, part| Tally {
            sims: tally.sims.wrapping_add(part.sims),
            hits: tally.hits.wrapping_add(part.hits),
        });
        let plan = Plan::first(u64::from(kind >> 7), 1).unwrap();
        let record = Record {
            first: parts[0].first,
            sims: whole.sims,
            hits: whole.hits,
            pi: None,
            total: (kind & 4 != 0).then(|| number_of(&mut bytes, end)),
            partial: kind & 8 != 0,
            parts: if kind & 3 == 0 {
                Vec::new()
            } else {
                parts.into_iter().map(Into::into).collect()
            },
            ..Record::new(&plan, Tally::default(), Method::Darts)
        };
        if record.check().is_ok() && records.len() < 16 {
            records.push((format!("record {}", records.len()), record));
        }
    }
    records
}

/// A number made of one or more bytes: small, large, or near `other`.
fn number_of(bytes: &mut impl Iterator<Item = u8>, other: u64) -> u64 {
    let mut next = || bytes.next().unwrap_or_default();
    match next() {
        shift @ 0..64 => 1 << shift,
        small @ 64..128 => u64::from(small) - 64,
        128 => u64::MAX,
        129 => other.saturating_add(1),
        130 => other / 2,
        131 => u64::from_le_bytes([(); 8].map(|()| next())),
        _ => other,
    }
}
