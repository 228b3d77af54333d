//! The built-in objects, one file each.

use crate::Object;

/// Every built-in object, in the order of global describe.
pub const ALL: &[&Object] = &[];
