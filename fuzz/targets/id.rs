//! Whatever bytes come, what `headwater_fuzz::id` says holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| headwater_fuzz::id::check(input));
