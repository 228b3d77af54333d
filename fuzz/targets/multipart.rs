//! Whatever bytes come, what `headwater_fuzz::multipart` says holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| headwater_fuzz::multipart::check(input));
