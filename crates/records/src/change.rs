//! A draft on its way to a write: normalised values, what the rules set, and what is wrong.
