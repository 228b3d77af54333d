//! From what a door read to a value of the field's kind, or what is wrong with it.
