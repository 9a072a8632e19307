#![no_main]

#[allow(dead_code, reason = "each target has one body")]
#[path = "../../tests/suite/bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|text: &str| bodies::comparison(text));
