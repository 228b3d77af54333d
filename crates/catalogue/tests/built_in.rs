//! The built-in catalogue keeps its own invariants.

use headwater_catalogue::Catalogue;

#[test]
fn the_built_in_objects_make_a_catalogue() {
    Catalogue::built_in().unwrap();
}
