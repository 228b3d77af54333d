//! Whatever bytes come, what `headwater_fuzz::csv` says holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| headwater_fuzz::csv::check(input));
