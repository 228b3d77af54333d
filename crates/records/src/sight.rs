//! What a caller sees when a query's names are looked up.

use headwater_catalogue::Object;
use headwater_soql::Sight;

use crate::caller::Rights;

impl Sight for Rights {
    fn sees_object(&self, object: &Object) -> bool {
        self.on(object).read
    }

    /// Where an inherited field comes from was asked when the rights were worked out.
    fn sees_field(&self, object: &Object, field: usize) -> bool {
        self.on(object).reads(field)
    }
}
