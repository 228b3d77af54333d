//! SOQL: text to syntax tree and back, and the tree resolved against the catalogue.

pub mod resolved;
