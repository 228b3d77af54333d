//! What must hold for whatever text comes in from outside, one module for each kind of it.
//!
//! Each `check` takes any bytes and panics where the sentence at the top of its module is broken.
//! The fuzz targets call these with what libFuzzer thinks of, `tests/seeds.rs` with the seeds.

pub mod csv;
pub mod id;
pub mod multipart;
pub mod soap;
pub mod soql;
pub mod sosl;

mod databases;

/// The bytes as text, if they are: what is not UTF-8 is refused before any of our readers sees it.
fn text(input: &[u8]) -> Option<&str> {
    std::str::from_utf8(input).ok()
}
