//! relink
