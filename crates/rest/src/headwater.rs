//! Our own verbs, under `/services/headwater/v1`: explain, relink, identity over time.

use crate::route::Route;

/// The routes of this area.
pub(crate) fn routes() -> Vec<Route> {
    Vec::new()
}
