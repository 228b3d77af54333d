//! Whatever bytes come, what `headwater_fuzz::soap` says holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| headwater_fuzz::soap::check(input));
