#![no_main]

#[allow(dead_code, reason = "each target has one body")]
#[path = "../../tests/suite/bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::saved(bytes));
