//! What a caller sees when a query's names are looked up.
